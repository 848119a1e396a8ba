"""The bytes of an email: its original, and its files."""

from __future__ import annotations

from typing import Any

from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import between_scopes
from crm.lib.endpoints import Endpoint
from crm.lib.tenancy import tenant_scope
from emails import content, queries
from emails.api.base import EmailsAPIView

BYTES = "application/octet-stream"


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
    @Endpoint(
        "get_email_raw",
        "Read the original of an email",
        description=(
            "As it came (RFC 5322), but without Bcc where another has sent it. "
            "404 where it is not kept: see `problem` of the email."
        ),
        media=BYTES,
    )
    def get(self, request: Request, email_id: int) -> Response:
        with tenant_scope(self.member.tenant_id):
            email = queries.get_readable_email(self.member, email_id)
            with_bcc = queries.may_see_bcc(self.member, email)
        return _file(content.original(email, with_bcc=with_bcc), f"email-{email_id}.eml")


class EmailAttachment(BytesAPIView):
    @Endpoint(
        "get_email_attachment",
        "Read an attachment",
        description="Its content, decoded; its type is in the email's `attachments`.",
        media=BYTES,
    )
    def get(self, request: Request, email_id: int, position: int) -> Response:
        with tenant_scope(self.member.tenant_id):
            attachment = queries.attachment_of(self.member, email_id, position)
        file = content.file(attachment)
        return _file(file.content, file.name)


def _file(data: bytes, name: str) -> Response:
    disposition = content_disposition_header(True, content.safe_name(name))
    return Response(data, headers={"Content-Disposition": disposition or "attachment"})
