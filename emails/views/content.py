"""What a message brings along: its HTML in a page of its own, its files, and itself as it came.

Nothing here can run or reach anything: the answers are sandboxed, load nothing, and say that types are not to be
guessed. Originals may lie in a storage across the network, so they are read after the scope has ended (E1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, ParamSpec, cast

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest, PlainView, member_view
from accounts.middleware import between_scopes
from emails import content, queries
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
POLICY_OF_FILES: Final = {"default-src": [NONE], "frame-ancestors": [NONE], "sandbox": True}
#: What a browser may show itself, within a message.
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})


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
    shown = file.content_type in PICTURES and bool(attachment.content_id)
    return _download(file.content, file.name, file.content_type, attached=not shown)


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


def _download(data: bytes, name: str, content_type: str, *, attached: bool = True) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    header = content_disposition_header(attached, content.safe_name(name))
    if header:
        response["Content-Disposition"] = header
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=0"
    return response
