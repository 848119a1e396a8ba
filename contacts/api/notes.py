"""Notes on contacts."""

from __future__ import annotations

from rest_framework.request import Request

from contacts import operations, queries
from contacts.api.base import GONE, ContactsAPIView
from contacts.models import Note
from contacts.serializers import NoteQuery, NoteSerializer, NoteTextSerializer
from crm.lib.endpoints import Endpoint
from crm.lib.pagination import Page
from crm.lib.rest import MISSING


class Notes(ContactsAPIView):
    @Endpoint("list_notes", "List a contact's notes", query=NoteQuery, page=NoteSerializer, also=MISSING)
    def get(self, request: Request) -> Page[Note]:
        contact_id, cursor, limit = self.given["contact"], self.given.get("cursor"), self.given["limit"]
        contact = queries.get_contact(self.member, contact_id)
        return queries.note_page(self.member, contact, cursor=cursor, limit=limit)

    @Endpoint(
        "create_note",
        "Add a note to a contact",
        body=NoteSerializer,
        answer=NoteSerializer,
        at="api_note",
        also=MISSING,
    )
    def post(self, request: Request) -> Note:
        contact = queries.get_contact(self.member, self.given["contact_id"])
        return operations.create_note(actor=self.member, contact=contact, text=self.given["text"])


class NoteDetail(ContactsAPIView):
    @Endpoint("get_note", "Read a note", answer=NoteSerializer)
    def get(self, request: Request, note_id: int) -> Note:
        return queries.get_note(self.member, note_id)

    @Endpoint(
        "update_note",
        "Change a note",
        description="Only its author may.",
        body=NoteTextSerializer,
        partial=True,
        answer=NoteSerializer,
    )
    def patch(self, request: Request, note_id: int) -> Note:
        note = queries.get_note(self.member, note_id)
        return operations.edit_note(actor=self.member, note=note, text=self.given.get("text", note.text))

    @Endpoint(
        "delete_note",
        "Delete a note",
        description="For its author, and the owner and admins of the account.",
        answer=GONE,
        status=204,
    )
    def delete(self, request: Request, note_id: int) -> None:
        operations.delete_note(actor=self.member, note=queries.get_note(self.member, note_id))
