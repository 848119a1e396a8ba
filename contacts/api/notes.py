"""Notes on contacts."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import operations, queries
from contacts.api.base import GONE, ContactsAPIView
from contacts.serializers import NoteQuery, NoteSerializer, NoteTextSerializer
from crm.lib.rest import LOCATION, MISSING, NoQuery, created, page_of, page_response, read_body, read_query


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
