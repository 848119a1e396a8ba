"""What a message brings along: its HTML in a page of its own, its files, and itself as it came.

Nothing here can run or reach anything: the answers are sandboxed, load nothing, and say that types are not to be
guessed. Originals may lie in a storage across the network, so they are read after the scope has ended (E1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, ParamSpec, cast

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest, PlainView, is_fragment, member_view
from accounts.middleware import between_scopes
from emails import content, queries
from emails.files import BYTES, PICTURES, Preview, preview_of
from emails.models import Attachment
from emails.views.answers import member_scope

P = ParamSpec("P")
#: Without allow-scripts nothing runs; as our own origin, the page around it can tell how high it is, and its
#: pictures come with the reader's session.
SANDBOX: Final = ["allow-same-origin", "allow-popups", "allow-popups-to-escape-sandbox"]
POLICY: Final = {
    "default-src": [NONE],
    "img-src": [SELF, "data:"],
    "style-src": [SELF, UNSAFE_INLINE],
    "frame-ancestors": [SELF],
    "form-action": [NONE],
    "base-uri": [NONE],
    "sandbox": SANDBOX,
}
POLICY_WITH_REMOTE: Final = POLICY | {"img-src": [SELF, "data:", "https:", "http:"]}
#: For printing, which the page around it asks for; nothing within it could.
POLICY_OF_PRINT: Final = POLICY | {"sandbox": [*SANDBOX, "allow-modals"]}
POLICY_OF_FILES: Final = {"default-src": [NONE], "frame-ancestors": [NONE], "sandbox": True}
#: A sandbox would keep many browsers from showing it. What runs in a PDF is held by their viewer, apart from every
#: site; as HTML, no browser reads what is declared as this.
POLICY_OF_PDF: Final = {
    "default-src": [NONE],
    "frame-ancestors": [SELF],
    "form-action": [NONE],
    "base-uri": [NONE],
}
PDF_BEGINS: Final = b"%PDF-"


def _sealed(policy: Mapping[str, Any]) -> Callable[[PlainView[P]], PlainView[P]]:
    """Gives a view a content policy of its own, and takes it out of the request's transaction."""

    def decorate(view: PlainView[P]) -> PlainView[P]:
        # The types of django-csp know no views with arguments.
        sealed: Any = csp(dict(policy))(require_safe(cast("Any", view)))
        if SELF in policy["frame-ancestors"]:
            sealed = xframe_options_sameorigin(sealed)
        return cast("PlainView[P]", between_scopes(sealed))

    return decorate


@_sealed(POLICY)
@member_view()
def email_body(request: MemberRequest, email_id: int) -> HttpResponseBase:
    """The HTML of a message, without what is remote."""
    return _body(request, email_id, with_remote=False)


@_sealed(POLICY_WITH_REMOTE)
@member_view()
def email_body_with_remote(request: MemberRequest, email_id: int) -> HttpResponseBase:
    """The same with pictures from elsewhere: the reader has asked for them."""
    return _body(request, email_id, with_remote=True)


@_sealed(POLICY_OF_FILES)
@member_view()
def email_attachment(request: MemberRequest, email_id: int, position: int) -> HttpResponseBase:
    """A file to save; a picture that the message shows may be shown."""
    with member_scope(request):
        attachment = queries.attachment_of(request.membership, email_id, position)
    file = content.file(attachment)
    shown = attachment.content_type in PICTURES and bool(attachment.content_id)
    return _download(file.content, file.name, file.content_type, attached=not shown)


@_sealed(POLICY_OF_PDF)
@member_view()
def email_pdf(request: MemberRequest, email_id: int, position: int) -> HttpResponseBase:
    """A PDF for the browser's own viewer; for saving where it is none."""
    with member_scope(request):
        attachment = queries.attachment_of(request.membership, email_id, position)
    file = content.file(attachment)
    is_pdf = preview_of(attachment) is Preview.PDF and PDF_BEGINS in file.content[:1024]
    return _download(file.content, file.name, "application/pdf" if is_pdf else BYTES, attached=not is_pdf)


@between_scopes
@require_safe
@member_view()
def email_attachment_view(request: MemberRequest, email_id: int, position: int) -> HttpResponseBase:
    """A picture, a PDF or a text to look at: a page, for htmx a dialog. 404 for what cannot be shown."""
    with member_scope(request):
        attachment = queries.attachment_of(request.membership, email_id, position)
    preview = preview_of(attachment)
    if preview is None:
        raise Http404
    text, is_cut = content.excerpt(content.file(attachment).content) if preview is Preview.TEXT else ("", False)
    context = {
        "here": attachment.name or "Without a name",
        "file": attachment,
        "email": attachment.email,
        "preview": preview,
        "text": text,
        "is_cut": is_cut,
    }
    return _page(request, "emails/_file.html" if is_fragment(request) else "emails/file.html", context)


@_sealed(POLICY_OF_FILES)
@member_view()
def email_attachments(request: MemberRequest, email_id: int) -> HttpResponseBase:
    """All the files of a message at once, in a zip file."""
    with member_scope(request):
        opened = queries.open_email(request.membership, email_id)
        email = queries.get_readable_email(request.membership, email_id)
    if not opened.files:
        raise Http404
    return _download(content.archive(email, opened.files), f"{content.safe_name(str(email))}.zip", "application/zip")


@between_scopes
@require_safe
@member_view()
def email_original(request: MemberRequest, email_id: int) -> HttpResponseBase:
    """The message as it came, to look at: its headers, and what stands below them."""
    with member_scope(request):
        email = queries.get_readable_email(request.membership, email_id)
        with_bcc = queries.may_see_bcc(request.membership, email)
    raw = content.original(email, with_bcc=with_bcc)
    head, _, rest = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    headers, headers_cut = content.excerpt(head)
    text, text_cut = content.excerpt(rest)
    cut = headers_cut or text_cut
    context = {"here": "Original", "email": email, "headers": headers, "text": text, "is_cut": cut}
    return _page(request, "emails/original.html", context)


@_sealed(POLICY_OF_PRINT)
@member_view()
def email_print(request: MemberRequest, email_id: int) -> HttpResponseBase:
    """A message on paper; with ``?all``, what can be read of its conversation."""
    member = request.membership
    with member_scope(request):
        email = queries.get_readable_email(member, email_id)
        around = [one.id for one, _ in queries.conversation(member, email).emails] if "all" in request.GET else []
        emails = queries.in_full(member, {email.pk, *around})
    shown = []
    for one in emails:
        files: list[Attachment] = one.files  # type: ignore[attr-defined]  # By `queries.in_full`.
        shown.append((one, content.body(one, files), [file for file in files if not file.is_inline]))
    response = HttpResponse(render_to_string("emails/print.html", {"email": email, "shown": shown}))
    response["Referrer-Policy"] = "no-referrer"
    return response


@_sealed(POLICY_OF_FILES)
@member_view()
def email_raw(request: MemberRequest, email_id: int) -> HttpResponseBase:
    """The message as it came, but for blind copies that another sent."""
    with member_scope(request):
        email = queries.get_readable_email(request.membership, email_id)
        with_bcc = queries.may_see_bcc(request.membership, email)
    raw = content.original(email, with_bcc=with_bcc)
    return _download(raw, f"email-{email_id}.eml", "text/plain; charset=utf-8")


def _body(request: MemberRequest, email_id: int, *, with_remote: bool) -> HttpResponse:
    with member_scope(request):
        queries.get_readable_email(request.membership, email_id)
        opened = queries.open_email(request.membership, email_id)
    body = content.body(opened.email, opened.attachments, with_remote=with_remote)
    context = {"email": opened.email, "body": body, "with_remote": with_remote}
    response = HttpResponse(render_to_string("emails/body.html", context))
    response["Referrer-Policy"] = "no-referrer"
    return response


def _page(request: MemberRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page of ours, which may ask the database."""
    with member_scope(request):
        return render(request, template, context)


def _download(data: bytes, name: str, content_type: str, *, attached: bool = True) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    header = content_disposition_header(attached, content.safe_name(name))
    if header:
        response["Content-Disposition"] = header
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=0"
    return response
