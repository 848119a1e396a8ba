"""The API of contacts, their tags and notes, and saved filters (DESIGN.md section 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from accounts.api import MemberAPIView
from accounts.models import Membership
from contacts import operations, queries
from contacts.data import ContactData, InvalidContact
from contacts.filters import Criteria, Selection
from contacts.models import Contact
from contacts.operations import FilterData, InvalidFilter, InvalidNote, InvalidTag, StaleContact
from contacts.serializers import (
    ContactQuery,
    ContactSerializer,
    FilterSerializer,
    NoteQuery,
    NoteSerializer,
    NoteTextSerializer,
    TagSerializer,
    contact_data,
    criteria_of,
    data_of_filter,
    filter_data,
)
from crm.lib.pagination import keyset_page
from crm.lib.rest import (
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    LOCATION,
    MISSING,
    NOT_MODIFIED,
    InvalidParameters,
    NoQuery,
    PageQuery,
    PreconditionFailed,
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

WHOLE = api_settings.NON_FIELD_ERRORS_KEY
GONE = OpenApiResponse(description="It is gone. Whoever's token it was can take it back on the pages for a while.")


class ContactsAPIView(MemberAPIView):
    """Says in the API's terms what operations on contacts refuse."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, StaleContact):
            exc = PreconditionFailed()
        elif isinstance(exc, InvalidContact | InvalidNote | InvalidTag | InvalidFilter):
            exc = ValidationError(_by_field(exc.problems))
        return super().handle_exception(exc)


def _by_field(problems: Mapping[str, list[str]]) -> dict[str, Any]:
    """``{"emails.0": […]}`` as DRF nests it, under the API's names; what concerns the whole, under none."""
    nested: dict[str, Any] = {}
    for path, sentences in problems.items():
        name, _, item = path.partition(".")
        name = {"owner_id": "owner", "contact": WHOLE}.get(name, name)
        nested.setdefault(name, {})[item or WHOLE] = sentences
    return nested


# --- Contacts -----------------------------------------------------------------------------------


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
            base = _filter_named(self.member, given.pop("filter")).criteria
        if "tag" in given:
            given["tags"] = _tags_named(given.pop("tag"))
        return criteria_of(given, base)


def _filter_named(member: Membership, filter_id: int) -> FilterData:
    try:
        return data_of_filter(queries.get_filter(member, filter_id))
    except Http404 as error:
        raise InvalidParameters({"filter": [f"You have no filter {filter_id}: see filters/."]}) from error


def _tags_named(texts: Sequence[str]) -> list[int]:
    """The ids of tags given by id or name."""
    known = {tag.name.lower(): tag.pk for tag in queries.tags()}
    known |= {str(tag_id): tag_id for tag_id in known.values()}
    unknown = [text for text in texts if text.lower() not in known]
    if unknown:
        raise InvalidParameters({"tag": [f"There is no tag {text!r}: see tags/." for text in unknown]})
    return [known[text.lower()] for text in texts]


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


# --- Tags ---------------------------------------------------------------------------------------


class Tags(ContactsAPIView):
    @extend_schema(
        operation_id="list_tags", summary="List tags", parameters=[PageQuery], responses=page_of(TagSerializer)
    )
    def get(self, request: Request) -> Response:
        page = keyset_page(queries.tags(), order=["name"], **read_query(PageQuery, request))
        return page_response(request, page, TagSerializer)

    @extend_schema(
        operation_id="create_tag",
        summary="Add a tag",
        parameters=[LOCATION],
        request=TagSerializer,
        responses={201: TagSerializer},
    )
    def post(self, request: Request) -> Response:
        tag = operations.create_tag(actor=self.member, **read_body(TagSerializer, request))
        return created(request, TagSerializer(tag).data, "api_tag", tag.pk)


class TagDetail(ContactsAPIView):
    @extend_schema(operation_id="get_tag", summary="Read a tag", responses=TagSerializer)
    def get(self, request: Request, tag_id: int) -> Response:
        read_query(NoQuery, request)
        return Response(TagSerializer(queries.get_tag(tag_id)).data)

    @extend_schema(
        operation_id="update_tag",
        summary="Rename or recolour a tag",
        description="For the owner and admins of the account.",
        request=TagSerializer,
        responses=TagSerializer,
    )
    def patch(self, request: Request, tag_id: int) -> Response:
        tag = queries.get_tag(tag_id)
        values = {"name": tag.name, "colour": tag.colour, **read_body(TagSerializer, request, partial=True)}
        return Response(TagSerializer(operations.update_tag(actor=self.member, tag=tag, **values)).data)

    @extend_schema(
        operation_id="delete_tag",
        summary="Delete a tag",
        description="Takes it off every contact. For the owner and admins of the account.",
        responses={204: GONE},
    )
    def delete(self, request: Request, tag_id: int) -> Response:
        operations.delete_tag(actor=self.member, tag=queries.get_tag(tag_id))
        return Response(status=204)


# --- Notes --------------------------------------------------------------------------------------


class Notes(ContactsAPIView):
    @extend_schema(
        operation_id="list_notes",
        summary="List a contact's notes",
        parameters=[NoteQuery],
        responses={200: page_of(NoteSerializer), **MISSING},
    )
    def get(self, request: Request) -> Response:
        given = read_query(NoteQuery, request)
        contact = queries.get_contact(self.member, given.pop("contact"))
        return page_response(request, queries.note_page(self.member, contact, **given), NoteSerializer)

    @extend_schema(
        operation_id="create_note",
        summary="Add a note to a contact",
        parameters=[LOCATION],
        request=NoteSerializer,
        responses={201: NoteSerializer, **MISSING},
    )
    def post(self, request: Request) -> Response:
        values = read_body(NoteSerializer, request)
        contact = queries.get_contact(self.member, values["contact_id"])
        note = operations.create_note(actor=self.member, contact=contact, text=values["text"])
        return created(request, NoteSerializer(note).data, "api_note", note.pk)


class NoteDetail(ContactsAPIView):
    @extend_schema(operation_id="get_note", summary="Read a note", responses=NoteSerializer)
    def get(self, request: Request, note_id: int) -> Response:
        read_query(NoQuery, request)
        return Response(NoteSerializer(queries.get_note(self.member, note_id)).data)

    @extend_schema(
        operation_id="update_note",
        summary="Change a note",
        description="Only its author may.",
        request=NoteTextSerializer,
        responses=NoteSerializer,
    )
    def patch(self, request: Request, note_id: int) -> Response:
        note = queries.get_note(self.member, note_id)
        values = {"text": note.text, **read_body(NoteTextSerializer, request, partial=True)}
        return Response(NoteSerializer(operations.edit_note(actor=self.member, note=note, **values)).data)

    @extend_schema(
        operation_id="delete_note",
        summary="Delete a note",
        description="For its author, and the owner and admins of the account.",
        responses={204: GONE},
    )
    def delete(self, request: Request, note_id: int) -> Response:
        operations.delete_note(actor=self.member, note=queries.get_note(self.member, note_id))
        return Response(status=204)


# --- Saved filters ------------------------------------------------------------------------------


class Filters(ContactsAPIView):
    @extend_schema(
        operation_id="list_filters",
        summary="List saved filters",
        description="One's own, and those that are shared.",
        parameters=[PageQuery],
        responses=page_of(FilterSerializer),
    )
    def get(self, request: Request) -> Response:
        page = keyset_page(queries.saved_filters(self.member), order=["name"], **read_query(PageQuery, request))
        return page_response(request, page, FilterSerializer)

    @extend_schema(
        operation_id="create_filter",
        summary="Save a filter",
        parameters=[LOCATION],
        request=FilterSerializer,
        responses={201: FilterSerializer},
    )
    def post(self, request: Request) -> Response:
        data = filter_data(read_body(FilterSerializer, request))
        saved = operations.create_filter(actor=self.member, data=data)
        return created(request, FilterSerializer(saved).data, "api_filter", saved.pk)


class FilterDetail(ContactsAPIView):
    @extend_schema(operation_id="get_filter", summary="Read a saved filter", responses=FilterSerializer)
    def get(self, request: Request, filter_id: int) -> Response:
        read_query(NoQuery, request)
        return Response(FilterSerializer(queries.get_filter(self.member, filter_id)).data)

    @extend_schema(
        operation_id="update_filter",
        summary="Change a saved filter",
        description="Criteria are replaced as a whole.",
        request=FilterSerializer,
        responses=FilterSerializer,
    )
    def patch(self, request: Request, filter_id: int) -> Response:
        saved = queries.get_filter(self.member, filter_id)
        data = filter_data(read_body(FilterSerializer, request, partial=True), before=data_of_filter(saved))
        return Response(FilterSerializer(operations.update_filter(actor=self.member, saved=saved, data=data)).data)

    @extend_schema(operation_id="delete_filter", summary="Delete a saved filter", responses={204: GONE})
    def delete(self, request: Request, filter_id: int) -> Response:
        operations.delete_filter(actor=self.member, saved=queries.get_filter(self.member, filter_id))
        return Response(status=204)
