"""Lists of emails, one, and what is done with it."""

from __future__ import annotations

from rest_framework.request import Request

from contacts import queries as contacts
from crm.lib.endpoints import Endpoint
from crm.lib.pagination import Page
from crm.lib.rest import STALE
from emails import operations, queries
from emails.api.base import GONE, EmailsAPIView, wanted
from emails.queries import Listed, Opened
from emails.serializers import ContactSerializer, EmailQuery, EmailSerializer, MoveSerializer, OpenedSerializer


class Emails(EmailsAPIView):
    @Endpoint(
        "list_emails",
        "List emails",
        description="Those that you can see, newest first, that meet all that is given.",
        query=EmailQuery,
        page=EmailSerializer,
    )
    def get(self, request: Request) -> Page[Listed]:
        find = queries.conversation_page if self.given["folded"] else queries.email_page
        cursor, limit = self.given.get("cursor"), self.given["limit"]
        return find(self.member, wanted(self.member, self.given), cursor=cursor, limit=limit)


class EmailDetail(EmailsAPIView):
    @Endpoint("get_email", "Read an email", answer=OpenedSerializer)
    def get(self, request: Request, email_id: int) -> Opened:
        return queries.open_email(self.member, email_id)

    @Endpoint(
        "delete_email",
        "Delete an email",
        description="For every contact. No mailbox brings it back.",
        answer=GONE,
        status=204,
    )
    def delete(self, request: Request, email_id: int) -> None:
        email = queries.get_readable_email(self.member, email_id)
        operations.delete_emails(actor=self.member, ids=[email.pk])


# --- For whom it is stored ----------------------------------------------------------------------


class EmailStore(EmailsAPIView):
    @Endpoint(
        "store_email",
        "Store an email for a contact",
        description="Nothing happens where it is stored already. Brings back what was removed from the contact.",
        body=ContactSerializer,
        answer=OpenedSerializer,
        also=STALE,
    )
    def post(self, request: Request, email_id: int) -> Opened:
        email = queries.get_email(self.member, email_id)
        contact = contacts.get_contact(self.member, self.given["contact"])
        operations.store(actor=self.member, email=email, contact=contact)
        return queries.open_email(self.member, email_id)


class EmailUnstore(EmailsAPIView):
    @Endpoint(
        "unstore_email",
        "Remove an email from a contact",
        description="With its last contact the email goes too. No mailbox brings it back to this contact.",
        body=ContactSerializer,
        answer=GONE,
        status=204,
        also=STALE,
    )
    def post(self, request: Request, email_id: int) -> None:
        email = queries.get_email(self.member, email_id)
        contact = contacts.get_contact(self.member, self.given["contact"])
        operations.unstore(actor=self.member, email=email, contact=contact)


class EmailMove(EmailsAPIView):
    @Endpoint(
        "move_email",
        "Move an email to another contact",
        body=MoveSerializer,
        answer=OpenedSerializer,
        also=STALE,
    )
    def post(self, request: Request, email_id: int) -> Opened:
        email = queries.get_email(self.member, email_id)
        source, target = (contacts.get_contact(self.member, self.given[name]) for name in ("from", "to"))
        operations.move(actor=self.member, email=email, source=source, target=target)
        return queries.open_email(self.member, email_id)
