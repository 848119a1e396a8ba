"""Contacts themselves."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import operations, queries
from contacts.api.base import GONE, ContactsAPIView, filter_named, tags_named
from contacts.data import ContactData
from contacts.filters import Criteria, Selection
from contacts.models import Contact
from contacts.serializers import ContactQuery, ContactSerializer, contact_data, criteria_of
from crm.lib.rest import (
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    LOCATION,
    NOT_MODIFIED,
    NoQuery,
    created,
    etag_of,
    is_conditional,
    is_fresh,
    page_of,
    page_response,
    read_body,
    read_query,
    require_match,
)


class Contacts(ContactsAPIView):
    @extend_schema(
        operation_id="list_contacts",
        summary="List contacts",
        description="Those that meet all of the criteria given, without other members' private ones.",
        parameters=[ContactQuery],
        responses=page_of(ContactSerializer),
    )
    def get(self, request: Request) -> Response:
        given = read_query(ContactQuery, request)
        sort, cursor, limit = given.pop("sort"), given.pop("cursor", None), given.pop("limit")
        criteria = self._criteria(given)
        page = queries.contact_page(self.member, criteria, sort=sort, cursor=cursor, limit=limit)
        return page_response(request, page, ContactSerializer)

    @extend_schema(
        operation_id="create_contact",
        summary="Add a contact",
        parameters=[ETAG, LOCATION],
        request=ContactSerializer,
        responses={201: ContactSerializer},
    )
    def post(self, request: Request) -> Response:
        data = contact_data(read_body(ContactSerializer, request))
        contact = operations.create_contact(actor=self.member, data=data)
        return created(request, ContactSerializer(contact).data, "api_contact", contact.pk, ETag=_etag(contact))

    def _criteria(self, given: dict[str, Any]) -> Criteria:
        base = Criteria()
        if "filter" in given:
            base = filter_named(self.member, given.pop("filter")).criteria
        if "tag" in given:
            given["tags"] = tags_named(given.pop("tag"))
        return criteria_of(given, base)


class ContactDetail(ContactsAPIView):
    @extend_schema(
        operation_id="get_contact",
        summary="Read a contact",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: ContactSerializer, 304: NOT_MODIFIED},
    )
    def get(self, request: Request, contact_id: int) -> Response:
        read_query(NoQuery, request)
        contact = queries.get_contact(self.member, contact_id)
        if is_fresh(request, _etag(contact)):
            return Response(status=304, headers={"ETag": _etag(contact)})
        return self._answer(contact)

    @extend_schema(
        operation_id="replace_contact",
        summary="Replace a contact",
        description="What the body leaves out becomes empty.",
        parameters=[IF_MATCH, ETAG],
        request=ContactSerializer,
        responses={200: ContactSerializer},
    )
    def put(self, request: Request, contact_id: int) -> Response:
        contact = queries.get_contact(self.member, contact_id)
        return self._save(request, contact, contact_data(read_body(ContactSerializer, request)))

    @extend_schema(
        operation_id="update_contact",
        summary="Change a contact",
        description="What the body leaves out stays as it is. Lists are replaced as a whole.",
        parameters=[IF_MATCH, ETAG],
        request=ContactSerializer,
        responses={200: ContactSerializer},
    )
    def patch(self, request: Request, contact_id: int) -> Response:
        contact = queries.get_contact(self.member, contact_id)
        changes = read_body(ContactSerializer, request, partial=True)
        return self._save(request, contact, contact_data(changes, queries.data_of(contact)))

    @extend_schema(
        operation_id="delete_contact", summary="Delete a contact", parameters=[IF_MATCH], responses={204: GONE}
    )
    def delete(self, request: Request, contact_id: int) -> Response:
        contact = queries.get_contact(self.member, contact_id)
        require_match(request, _etag(contact))
        operations.delete_contacts(actor=self.member, selection=Selection(ids=(contact.pk,)))
        return Response(status=204)

    def _save(self, request: Request, contact: Contact, data: ContactData) -> Response:
        require_match(request, _etag(contact))
        seen = contact.updated_at if is_conditional(request) else None
        return self._answer(operations.update_contact(actor=self.member, contact=contact, data=data, seen=seen))

    def _answer(self, contact: Contact) -> Response:
        return Response(ContactSerializer(contact).data, headers={"ETag": _etag(contact)})


def _etag(contact: Contact) -> str:
    return etag_of(contact.updated_at)
