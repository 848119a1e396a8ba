"""The API of mailboxes: one's own alone, whatever the role."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import MemberAPIView
from crm.lib.pagination import Page, keyset_page
from crm.lib.rest import NoQuery, PageQuery, page_of, page_response, read_body, read_query
from emails.operations.sharing import share_door
from emails.queries.sharing import BY_WORD
from emailsync import operations, overview, queries
from emailsync.operations import UnableToConnect
from emailsync.serializers import ChangeSerializer, MailboxSerializer, StatusSerializer

TAGS = ["mailboxes"]
STARTED = OpenApiResponse(description="It is due now; its `last_look_at` says when it was done.")
ENDED = OpenApiResponse(description="Nothing more is read, and the log-in is revoked and forgotten. Stored mail stays.")


class Mailboxes(MemberAPIView):
    @extend_schema(
        operation_id="list_mailboxes",
        summary="List your mailboxes",
        description="In the order in which they were connected.",
        parameters=[PageQuery],
        responses=page_of(MailboxSerializer),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        given = read_query(PageQuery, request)
        page = keyset_page(queries.mailboxes_of(self.member), order=["connected_at"], **given)
        cards = Page[Any](overview.cards_for(page.items), next=page.next, previous=page.previous)
        return page_response(request, cards, MailboxSerializer)


class MailboxDetail(MemberAPIView):
    @extend_schema(operation_id="get_mailbox", summary="Read a mailbox's state", responses=MailboxSerializer, tags=TAGS)
    def get(self, request: Request, mailbox_id: int) -> Response:
        read_query(NoQuery, request)
        return Response(MailboxSerializer(overview.get_card(self.member, mailbox_id)).data)

    @extend_schema(
        operation_id="update_mailbox",
        summary="Switch the label on or off, or say who sees its emails",
        description=(
            "The label from now on; what carries it keeps it. On wants the right `label`, by reconnecting. "
            "Visibility at once, of what is stored too."
        ),
        request=ChangeSerializer,
        responses=MailboxSerializer,
        tags=TAGS,
    )
    def patch(self, request: Request, mailbox_id: int) -> Response:
        mailbox = queries.get_mailbox(self.member, mailbox_id)
        values = read_body(ChangeSerializer, request, partial=True)
        if "label" in values:
            try:
                operations.change_mailbox(actor=self.member, mailbox=mailbox, wants_label=values["label"])
            except UnableToConnect as problem:
                raise ValidationError({"label": [str(problem)]}) from problem
        if "visibility" in values:
            share_door(actor=self.member, door=mailbox.door, visibility=BY_WORD[values["visibility"]])
        return Response(MailboxSerializer(overview.get_card(self.member, mailbox_id)).data)


class MailboxSync(MemberAPIView):
    @extend_schema(
        operation_id="sync_mailbox",
        summary="Look into a mailbox now",
        request=None,
        responses={202: STARTED},
        tags=TAGS,
    )
    def post(self, request: Request, mailbox_id: int) -> Response:
        operations.sync_now(queries.get_mailbox(self.member, mailbox_id))
        return Response(status=202)


class MailboxDisconnect(MemberAPIView):
    @extend_schema(
        operation_id="disconnect_mailbox",
        summary="Disconnect a mailbox",
        request=None,
        responses={204: ENDED},
        tags=TAGS,
    )
    def post(self, request: Request, mailbox_id: int) -> Response:
        mailbox = queries.get_mailbox(self.member, mailbox_id)
        operations.disconnect(actor=self.member, mailbox=mailbox)
        return Response(status=204)


class SyncStatus(MemberAPIView):
    @extend_schema(
        operation_id="sync_status",
        summary="How your mailboxes are",
        description="State, and the messages of the last 30 days. What was skipped is none of them.",
        responses=StatusSerializer(many=True),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        read_query(NoQuery, request)
        return Response(StatusSerializer(overview.statuses_of(self.member), many=True).data)
