"""Who sees whose emails (R37): what the token's member says of their own, and asking colleagues for theirs."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import queries as contacts
from crm.lib.pagination import keyset_page
from crm.lib.rest import NoQuery, PageQuery, page_of, page_response, read_body, read_query
from emails import queries
from emails.api.base import EmailsAPIView
from emails.operations import sharing as operations
from emails.queries import sharing
from emails.sharing_serializers import (
    AccessSerializer,
    AnswerSerializer,
    AskedSerializer,
    VisibilitySerializer,
    visibility_in,
)

TAGS = ["sharing"]


class ContactVisibility(EmailsAPIView):
    @extend_schema(
        operation_id="get_contact_visibility",
        summary="Who sees your emails with a contact",
        responses=VisibilitySerializer,
        tags=TAGS,
    )
    def get(self, request: Request, contact_id: int) -> Response:
        read_query(NoQuery, request)
        contact = contacts.get_contact(self.member, contact_id)
        said = sharing.contact_sharing(self.member, contact).said
        return Response(VisibilitySerializer({"visibility": said}).data)

    @extend_schema(
        operation_id="set_contact_visibility",
        summary="Say who sees your emails with a contact",
        description="Null leaves it to what you said of each mailbox. It acts at once, on what is stored too.",
        request=VisibilitySerializer,
        responses=VisibilitySerializer,
        tags=TAGS,
    )
    def put(self, request: Request, contact_id: int) -> Response:
        contact = contacts.get_contact(self.member, contact_id)
        said = visibility_in(read_body(VisibilitySerializer, request))
        operations.share_contact(actor=self.member, contact=contact, visibility=said)
        return Response(VisibilitySerializer({"visibility": said}).data)


class ThreadVisibility(EmailsAPIView):
    @extend_schema(
        operation_id="get_thread_visibility",
        summary="Who sees your emails in a conversation",
        responses=VisibilitySerializer,
        tags=TAGS,
    )
    def get(self, request: Request, thread_id: int) -> Response:
        read_query(NoQuery, request)
        said = sharing.get_thread(self.member, thread_id).said
        return Response(VisibilitySerializer({"visibility": said}).data)

    @extend_schema(
        operation_id="set_thread_visibility",
        summary="Say who sees your emails in a conversation",
        description=(
            "It goes before what you said of contacts and mailboxes; null leaves it to those. `only_me` also takes "
            "back what you have let single colleagues read. 403 where none of the conversation came by your mailbox."
        ),
        request=VisibilitySerializer,
        responses=VisibilitySerializer,
        tags=TAGS,
    )
    def put(self, request: Request, thread_id: int) -> Response:
        found = sharing.get_thread(self.member, thread_id)
        said = visibility_in(read_body(VisibilitySerializer, request))
        operations.share_thread(actor=self.member, thread_id=found.thread_id, visibility=said)
        return Response(VisibilitySerializer({"visibility": said}).data)


class EmailRequestAccess(EmailsAPIView):
    @extend_schema(
        operation_id="request_email_access",
        summary="Ask to read an email",
        description=(
            "Of which you see the subject alone (`access` is `subject`): asks each colleague of whose mail you see it. "
            "Nobody is asked twice, nor for seven days after they refused. Answers what you were told."
        ),
        request=None,
        responses=AskedSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, email_id: int) -> Response:
        email = queries.get_email(self.member, email_id)
        done = operations.ask_access(actor=self.member, email=email)
        return Response(AskedSerializer({"asked": done.count, "message": done.message}).data)


class AccessRequests(EmailsAPIView):
    @extend_schema(
        operation_id="list_access_requests",
        summary="List who asks to read whose emails",
        description="What you were asked and what you have asked, the newest first.",
        parameters=[PageQuery],
        responses=page_of(AccessSerializer),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        given = read_query(PageQuery, request)
        page = keyset_page(sharing.access_requests(self.member), order=["-asked_at"], **given)
        return page_response(request, page, AccessSerializer)


class AccessRequest(EmailsAPIView):
    @extend_schema(
        operation_id="get_access_request",
        summary="Read one of them",
        responses=AccessSerializer,
        tags=TAGS,
    )
    def get(self, request: Request, access_id: int) -> Response:
        read_query(NoQuery, request)
        return Response(AccessSerializer(sharing.get_request(self.member, access_id)).data)

    @extend_schema(
        operation_id="answer_access_request",
        summary="Let a colleague read, or not",
        description="Only whose mail it is can. What was granted is taken back by `false`.",
        request=AnswerSerializer,
        responses=AccessSerializer,
        tags=TAGS,
    )
    def patch(self, request: Request, access_id: int) -> Response:
        access = sharing.get_access(self.member, access_id)
        is_granted = read_body(AnswerSerializer, request)["granted"]
        operations.answer_access(actor=self.member, access=access, is_granted=is_granted)
        return Response(AccessSerializer(sharing.get_request(self.member, access_id)).data)
