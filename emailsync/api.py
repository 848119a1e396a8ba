"""The API of mailboxes: one's own alone, whatever the role."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.api import MemberAPIView
from crm.lib.endpoints import Endpoint, Refusals
from crm.lib.pagination import Page, keyset_page
from crm.lib.rest import PageQuery
from emails.operations.sharing import share_door
from emails.queries.sharing import BY_WORD
from emailsync import operations, overview, queries
from emailsync.operations import UnableToConnect
from emailsync.serializers import ChangeSerializer, MailboxSerializer, StatusSerializer

STARTED = OpenApiResponse(description="It is due now; its `last_look_at` says when it was done.")
ENDED = OpenApiResponse(description="Nothing more is read, and the log-in is revoked and forgotten. Stored mail stays.")


class MailboxesAPIView(MemberAPIView):
    tag = "mailboxes"
    refusals: ClassVar[Refusals] = {UnableToConnect: lambda refused: ValidationError({"label": [str(refused)]})}


class Mailboxes(MailboxesAPIView):
    @Endpoint(
        "list_mailboxes",
        "List your mailboxes",
        description="In the order in which they were connected.",
        query=PageQuery,
        page=MailboxSerializer,
    )
    def get(self, request: Request) -> Page[Any]:
        page = keyset_page(queries.mailboxes_of(self.member), order=["connected_at"], **self.given)
        return Page(overview.cards_for(page.items), next=page.next, previous=page.previous)


class MailboxDetail(MailboxesAPIView):
    @Endpoint("get_mailbox", "Read a mailbox's state", answer=MailboxSerializer)
    def get(self, request: Request, mailbox_id: int) -> overview.Card:
        return overview.get_card(self.member, mailbox_id)

    @Endpoint(
        "update_mailbox",
        "Switch the label on or off, or say who sees its emails",
        description=(
            "The label from now on; what carries it keeps it. On wants the right `label`, by reconnecting. "
            "Visibility at once, of what is stored too."
        ),
        body=ChangeSerializer,
        partial=True,
        answer=MailboxSerializer,
    )
    def patch(self, request: Request, mailbox_id: int) -> overview.Card:
        mailbox = queries.get_mailbox(self.member, mailbox_id)
        if "label" in self.given:
            operations.change_mailbox(actor=self.member, mailbox=mailbox, wants_label=self.given["label"])
        if "visibility" in self.given:
            share_door(actor=self.member, door=mailbox.door, visibility=BY_WORD[self.given["visibility"]])
        return overview.get_card(self.member, mailbox_id)


class MailboxSync(MailboxesAPIView):
    @Endpoint("sync_mailbox", "Look into a mailbox now", answer=STARTED, status=202)
    def post(self, request: Request, mailbox_id: int) -> None:
        operations.sync_now(queries.get_mailbox(self.member, mailbox_id))


class MailboxDisconnect(MailboxesAPIView):
    @Endpoint("disconnect_mailbox", "Disconnect a mailbox", answer=ENDED, status=204)
    def post(self, request: Request, mailbox_id: int) -> None:
        operations.disconnect(actor=self.member, mailbox=queries.get_mailbox(self.member, mailbox_id))


class SyncStatus(MailboxesAPIView):
    @Endpoint(
        "sync_status",
        "How your mailboxes are",
        description="State, and the messages of the last 30 days. What was skipped is none of them.",
        many=StatusSerializer,
    )
    def get(self, request: Request) -> list[Any]:
        return overview.statuses_of(self.member)
