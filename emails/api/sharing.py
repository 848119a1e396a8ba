"""Who sees whose emails (R37): what the token's member says of their own, and asking colleagues for theirs."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from contacts import queries as contacts
from crm.lib.endpoints import Endpoint
from crm.lib.pagination import Page, keyset_page
from crm.lib.rest import PageQuery
from emails import queries
from emails.api.base import EmailsAPIView
from emails.models import Access
from emails.operations import sharing as operations
from emails.queries import sharing
from emails.sharing_serializers import (
    AccessSerializer,
    AnswerSerializer,
    AskedSerializer,
    VisibilitySerializer,
    visibility_in,
)


class SharingAPIView(EmailsAPIView):
    tag = "sharing"


class ContactVisibility(SharingAPIView):
    @Endpoint("get_contact_visibility", "Who sees your emails with a contact", answer=VisibilitySerializer)
    def get(self, request: Request, contact_id: int) -> dict[str, Any]:
        contact = contacts.get_contact(self.member, contact_id)
        return {"visibility": sharing.contact_sharing(self.member, contact).said}

    @Endpoint(
        "set_contact_visibility",
        "Say who sees your emails with a contact",
        description="Null leaves it to what you said of each mailbox. It acts at once, on what is stored too.",
        body=VisibilitySerializer,
        answer=VisibilitySerializer,
    )
    def put(self, request: Request, contact_id: int) -> dict[str, Any]:
        contact = contacts.get_contact(self.member, contact_id)
        said = visibility_in(self.given)
        operations.share_contact(actor=self.member, contact=contact, visibility=said)
        return {"visibility": said}


class ThreadVisibility(SharingAPIView):
    @Endpoint("get_thread_visibility", "Who sees your emails in a conversation", answer=VisibilitySerializer)
    def get(self, request: Request, thread_id: int) -> dict[str, Any]:
        return {"visibility": sharing.get_thread(self.member, thread_id).said}

    @Endpoint(
        "set_thread_visibility",
        "Say who sees your emails in a conversation",
        description=(
            "It goes before what you said of contacts and mailboxes; null leaves it to those. `only_me` also takes "
            "back what you have let single colleagues read. 403 where none of the conversation came by your mailbox."
        ),
        body=VisibilitySerializer,
        answer=VisibilitySerializer,
    )
    def put(self, request: Request, thread_id: int) -> dict[str, Any]:
        found = sharing.get_thread(self.member, thread_id)
        said = visibility_in(self.given)
        operations.share_thread(actor=self.member, thread_id=found.thread_id, visibility=said)
        return {"visibility": said}


class EmailRequestAccess(SharingAPIView):
    @Endpoint(
        "request_email_access",
        "Ask to read an email",
        description=(
            "Of which you see the subject alone (`access` is `subject`): asks each colleague of whose mail you see it. "
            "Nobody is asked twice, nor for seven days after they refused. Answers what you were told."
        ),
        answer=AskedSerializer,
    )
    def post(self, request: Request, email_id: int) -> dict[str, Any]:
        email = queries.get_email(self.member, email_id)
        done = operations.ask_access(actor=self.member, email=email)
        return {"asked": done.count, "message": done.message}


class AccessRequests(SharingAPIView):
    @Endpoint(
        "list_access_requests",
        "List who asks to read whose emails",
        description="What you were asked and what you have asked, the newest first.",
        query=PageQuery,
        page=AccessSerializer,
    )
    def get(self, request: Request) -> Page[Access]:
        return keyset_page(sharing.access_requests(self.member), order=["-asked_at"], **self.given)


class AccessRequest(SharingAPIView):
    @Endpoint("get_access_request", "Read one of them", answer=AccessSerializer)
    def get(self, request: Request, access_id: int) -> Access:
        return sharing.get_request(self.member, access_id)

    @Endpoint(
        "answer_access_request",
        "Let a colleague read, or not",
        description="Only whose mail it is can. What was granted is taken back by `false`.",
        body=AnswerSerializer,
        answer=AccessSerializer,
    )
    def patch(self, request: Request, access_id: int) -> Access:
        access = sharing.get_access(self.member, access_id)
        operations.answer_access(actor=self.member, access=access, is_granted=self.given["granted"])
        return sharing.get_request(self.member, access_id)
