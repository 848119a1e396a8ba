"""Taking contacts out as a file: those that match the list's filters, or those ticked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest, member_view
from accounts.models import Membership
from contacts import exports, operations
from contacts.filters import Selection
from contacts.forms.listing import BulkForm, ListQuery

Writer = Callable[[Membership, Selection], Iterator[str]]
KINDS: dict[str, tuple[str, str, Writer]] = {
    "csv": ("text/csv", "csv", exports.csv_lines),
    "vcard": ("text/vcard", "vcf", exports.vcards),
}


@require_http_methods(["GET", "POST"])
@member_view()
def contact_export(request: MemberRequest, kind: str) -> HttpResponseBase:
    """A GET exports what the URL's filters match, a POST what was ticked on the list."""
    if kind not in KINDS:
        raise Http404
    content_type, suffix, write = KINDS[kind]
    selection = _selection(request)
    operations.record_export(actor=request.membership, selection=selection, kind=suffix.upper())
    response = StreamingHttpResponse(
        write(request.membership, selection), content_type=f"{content_type}; charset=utf-8"
    )
    name = f"contacts-{timezone.localdate():%Y-%m-%d}.{suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _selection(request: MemberRequest) -> Selection:
    if request.method == "GET":
        return Selection(criteria=ListQuery.read(dict(request.GET.lists())).criteria)
    form = BulkForm(request.POST)
    if not form.is_valid():
        raise Http404
    return form.selection()
