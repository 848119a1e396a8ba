"""The API of emails: lists, one, what is done with it, its original and files; threads and timelines."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import MemberAPIView
from accounts.middleware import between_scopes
from contacts import queries as contacts
from crm.lib.rest import NoQuery, PreconditionFailed, page_of, page_response, read_body, read_query
from crm.lib.tenancy import tenant_scope
from emails import content, operations, queries
from emails.operations import ChangedMeanwhile
from emails.queries import Kind
from emails.serializers import (
    ContactSerializer,
    EmailQuery,
    EmailSerializer,
    EntrySerializer,
    MoveSerializer,
    OpenedSerializer,
    ThreadSerializer,
    TimelineQuery,
    wanted,
)

GONE = OpenApiResponse(description="It is gone. Whoever's token it was can take it back on the pages for a while.")
#: For ``responses``: somebody else may have been quicker. The schema has the rest.
STALE = {412: OpenApiResponse()}
BYTES = "application/octet-stream"


class EmailsAPIView(MemberAPIView):
    """Says in the API's terms that somebody else was quicker."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, ChangedMeanwhile):
            exc = PreconditionFailed(str(exc))
        return super().handle_exception(exc)


class Emails(EmailsAPIView):
    @extend_schema(
        operation_id="list_emails",
        summary="List emails",
        description="Those that you can see, newest first, that meet all that is given.",
        parameters=[EmailQuery],
        responses=page_of(EmailSerializer),
    )
    def get(self, request: Request) -> Response:
        given = read_query(EmailQuery, request)
        cursor, limit = given.pop("cursor", None), given.pop("limit")
        page = queries.email_page(self.member, wanted(given), cursor=cursor, limit=limit)
        return page_response(request, page, EmailSerializer)


class EmailDetail(EmailsAPIView):
    @extend_schema(operation_id="get_email", summary="Read an email", responses=OpenedSerializer)
    def get(self, request: Request, email_id: int) -> Response:
        read_query(NoQuery, request)
        return Response(OpenedSerializer(queries.open_email(self.member, email_id)).data)

    @extend_schema(
        operation_id="delete_email",
        summary="Delete an email",
        description="For every contact. No mailbox brings it back.",
        responses={204: GONE},
    )
    def delete(self, request: Request, email_id: int) -> Response:
        email = queries.get_email(self.member, email_id)
        operations.delete_emails(actor=self.member, ids=[email.pk])
        return Response(status=204)


# --- For whom it is stored ----------------------------------------------------------------------


class EmailStore(EmailsAPIView):
    @extend_schema(
        operation_id="store_email",
        summary="Store an email for a contact",
        description="Nothing happens where it is stored already. Brings back what was removed from the contact.",
        request=ContactSerializer,
        responses={200: OpenedSerializer, **STALE},
    )
    def post(self, request: Request, email_id: int) -> Response:
        email = queries.get_email(self.member, email_id)
        contact = contacts.get_contact(self.member, read_body(ContactSerializer, request)["contact"])
        operations.store(actor=self.member, email=email, contact=contact)
        return Response(OpenedSerializer(queries.open_email(self.member, email_id)).data)


class EmailUnstore(EmailsAPIView):
    @extend_schema(
        operation_id="unstore_email",
        summary="Remove an email from a contact",
        description="With its last contact the email goes too. No mailbox brings it back to this contact.",
        request=ContactSerializer,
        responses={204: GONE, **STALE},
    )
    def post(self, request: Request, email_id: int) -> Response:
        email = queries.get_email(self.member, email_id)
        contact = contacts.get_contact(self.member, read_body(ContactSerializer, request)["contact"])
        operations.unstore(actor=self.member, email=email, contact=contact)
        return Response(status=204)


class EmailMove(EmailsAPIView):
    @extend_schema(
        operation_id="move_email",
        summary="Move an email to another contact",
        request=MoveSerializer,
        responses={200: OpenedSerializer, **STALE},
    )
    def post(self, request: Request, email_id: int) -> Response:
        email = queries.get_email(self.member, email_id)
        given = read_body(MoveSerializer, request)
        source, target = (contacts.get_contact(self.member, given[name]) for name in ("from", "to"))
        operations.move(actor=self.member, email=email, source=source, target=target)
        return Response(OpenedSerializer(queries.open_email(self.member, email_id)).data)


# --- Content ------------------------------------------------------------------------------------


class BytesRenderer(BaseRenderer):
    """Bytes as they are: what they may mean, the header says, and nobody shall guess."""

    media_type = BYTES
    format = "bytes"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:
        return data


class AsItIs(DefaultContentNegotiation):
    """A file has one form, whatever Accept asks for."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


@method_decorator(between_scopes, name="dispatch")
class BytesAPIView(EmailsAPIView):
    """Answers bytes from the storage, which may lie across the network: it is read after the scope has ended (E1)."""

    renderer_classes = (BytesRenderer,)
    content_negotiation_class = AsItIs


class EmailRaw(BytesAPIView):
    @extend_schema(
        operation_id="get_email_raw",
        summary="Read the original of an email",
        description=(
            "As it came (RFC 5322), but without Bcc where another has sent it. "
            "404 where it is not kept: see `problem` of the email."
        ),
        responses={(200, BYTES): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, email_id: int) -> Response:
        read_query(NoQuery, request)
        with tenant_scope(self.member.tenant_id):
            email = queries.get_email(self.member, email_id)
            with_bcc = queries.may_see_bcc(self.member, email)
        return _file(content.original(email, with_bcc=with_bcc), f"email-{email_id}.eml")


class EmailAttachment(BytesAPIView):
    @extend_schema(
        operation_id="get_email_attachment",
        summary="Read an attachment",
        description="Its content, decoded; its type is in the email's `attachments`.",
        responses={(200, BYTES): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, email_id: int, position: int) -> Response:
        read_query(NoQuery, request)
        with tenant_scope(self.member.tenant_id):
            attachment = queries.attachment_of(self.member, email_id, position)
        file = content.file(attachment)
        return _file(file.content, file.name)


def _file(data: bytes, name: str) -> Response:
    disposition = content_disposition_header(True, content.safe_name(name))
    return Response(data, headers={"Content-Disposition": disposition or "attachment"})


# --- Conversations and timelines ----------------------------------------------------------------


class ThreadDetail(EmailsAPIView):
    @extend_schema(
        operation_id="get_thread",
        summary="Read a conversation",
        description="What you can see of it; of a very long one, the latest 100 emails.",
        responses=ThreadSerializer,
    )
    def get(self, request: Request, thread_id: int) -> Response:
        read_query(NoQuery, request)
        emails = queries.thread_of(self.member, thread_id)
        if not emails:
            raise Http404
        return Response(ThreadSerializer({"id": thread_id, "emails": emails}).data)


class ContactTimeline(EmailsAPIView):
    @extend_schema(
        operation_id="list_contact_timeline",
        summary="List what happened with a contact",
        description="Emails and notes, newest first.",
        parameters=[TimelineQuery],
        responses=page_of(EntrySerializer),
    )
    def get(self, request: Request, contact_id: int) -> Response:
        given = read_query(TimelineQuery, request)
        contact = contacts.get_contact(self.member, contact_id)
        page = queries.timeline_page(self.member, contact, Kind(given.pop("kind")), **given)
        return page_response(request, page, EntrySerializer)
