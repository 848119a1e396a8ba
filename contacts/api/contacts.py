"""Contacts themselves."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from contacts import operations, queries
from contacts.api.base import GONE, ContactsAPIView, filter_named, tags_named
from contacts.data import ContactData
from contacts.filters import Criteria, Selection
from contacts.models import Contact
from contacts.serializers import ContactQuery, ContactSerializer, contact_data, criteria_of
from crm.lib.endpoints import Endpoint
from crm.lib.pagination import Page
from crm.lib.rest import (
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    LOCATION,
    NOT_MODIFIED,
    created,
    etag_of,
    is_conditional,
    is_fresh,
    require_match,
)


class Contacts(ContactsAPIView):
    @Endpoint(
        "list_contacts",
        "List contacts",
        description="Those that meet all of the criteria given, without other members' private ones.",
        query=ContactQuery,
        page=ContactSerializer,
    )
    def get(self, request: Request) -> Page[Contact]:
        given = dict(self.given)
        sort, cursor, limit = given.pop("sort"), given.pop("cursor", None), given.pop("limit")
        return queries.contact_page(self.member, self._criteria(given), sort=sort, cursor=cursor, limit=limit)

    @Endpoint(
        "create_contact",
        "Add a contact",
        body=ContactSerializer,
        answer=ContactSerializer,
        status=201,
        headers=(ETAG, LOCATION),
    )
    def post(self, request: Request) -> Response:
        contact = operations.create_contact(actor=self.member, data=contact_data(self.given))
        return created(request, ContactSerializer(contact).data, "api_contact", contact.pk, ETag=_etag(contact))

    def _criteria(self, given: dict[str, Any]) -> Criteria:
        base = Criteria()
        if "filter" in given:
            base = filter_named(self.member, given.pop("filter")).criteria
        if "tag" in given:
            given["tags"] = tags_named(given.pop("tag"))
        return criteria_of(given, base)


class ContactDetail(ContactsAPIView):
    @Endpoint(
        "get_contact",
        "Read a contact",
        answer=ContactSerializer,
        headers=(IF_NONE_MATCH, ETAG),
        also={304: NOT_MODIFIED},
    )
    def get(self, request: Request, contact_id: int) -> Response:
        contact = queries.get_contact(self.member, contact_id)
        if is_fresh(request, _etag(contact)):
            return Response(status=304, headers={"ETag": _etag(contact)})
        return self._answer(contact)

    @Endpoint(
        "replace_contact",
        "Replace a contact",
        description="What the body leaves out becomes empty.",
        body=ContactSerializer,
        answer=ContactSerializer,
        headers=(IF_MATCH, ETAG),
    )
    def put(self, request: Request, contact_id: int) -> Response:
        contact = queries.get_contact(self.member, contact_id)
        return self._save(request, contact, contact_data(self.given))

    @Endpoint(
        "update_contact",
        "Change a contact",
        description="What the body leaves out stays as it is. Lists are replaced as a whole.",
        body=ContactSerializer,
        partial=True,
        answer=ContactSerializer,
        headers=(IF_MATCH, ETAG),
    )
    def patch(self, request: Request, contact_id: int) -> Response:
        contact = queries.get_contact(self.member, contact_id)
        return self._save(request, contact, contact_data(self.given, queries.data_of(contact)))

    @Endpoint("delete_contact", "Delete a contact", answer=GONE, status=204, headers=(IF_MATCH,))
    def delete(self, request: Request, contact_id: int) -> None:
        contact = queries.get_contact(self.member, contact_id)
        require_match(request, _etag(contact))
        operations.delete_contacts(actor=self.member, selection=Selection(ids=(contact.pk,)))

    def _save(self, request: Request, contact: Contact, data: ContactData) -> Response:
        require_match(request, _etag(contact))
        seen = contact.updated_at if is_conditional(request) else None
        return self._answer(operations.update_contact(actor=self.member, contact=contact, data=data, seen=seen))

    def _answer(self, contact: Contact) -> Response:
        return Response(ContactSerializer(contact).data, headers={"ETag": _etag(contact)})


def _etag(contact: Contact) -> str:
    return etag_of(contact.updated_at)
