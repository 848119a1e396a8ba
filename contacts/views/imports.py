"""Bringing in a file of contacts, step by step: choose it, look at it, let it run, see what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import MemberRequest, member_view
from contacts import operations, queries
from contacts.data import InvalidContact
from contacts.exports import failed_rows
from contacts.files.columns import FIELDS
from contacts.files.decoding import UnreadableFile
from contacts.forms.imports import ImportForm, UploadForm
from contacts.forms.parts import take
from contacts.models import Import
from contacts.operations import UnableToImport
from contacts.operations.imports import is_silent
from contacts.views.answers import say, say_problems, sent
from contacts.views.side import beside_list

PAGE = ["GET", "HEAD", "POST"]
SHOWN_PROBLEMS = 100


@require_http_methods(PAGE)
@member_view()
def contact_import(request: MemberRequest) -> HttpResponse:
    """Asks for a file, and lists the imports before."""
    form = UploadForm(sent(request), request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = operations.upload_import(
                actor=request.membership, file_name=file.name or "contacts", content=file.read()
            )
        except UnreadableFile as error:
            form.add_error("file", str(error))
        else:
            return redirect("contact_import_show", upload.pk)
    context = {"form": form, "imports": queries.imports_of(request.membership)[:10]}
    return beside_list(request, "contacts/import.html", context, failed=form.is_bound)


@require_http_methods(PAGE)
@member_view()
def contact_import_show(request: MemberRequest, import_id: int) -> HttpResponse:
    """An import as it stands: its preview, its progress or its result. A POST changes or starts it."""
    upload = queries.get_import(request.membership, import_id)
    if upload.state == Import.State.PREVIEW:
        return _preview(request, upload)
    return beside_list(request, "contacts/import_result.html", _result(upload))


def _preview(request: MemberRequest, upload: Import) -> HttpResponse:
    form = ImportForm(sent(request), upload=upload)
    if form.is_valid():
        try:
            operations.configure_import(
                actor=request.membership,
                upload=upload,
                mapping=form.mapping(),
                options=form.options(),
                start="start" in request.POST,
            )
        except (InvalidContact, UnableToImport) as error:
            take(form, getattr(error, "problems", {"contact": [str(error)]}))
        else:
            return redirect("contact_import_show", upload.pk)
    context = {
        "form": form,
        "upload": upload,
        "preview": queries.import_preview(request.membership, upload),
        "fields": FIELDS,
    }
    return beside_list(request, "contacts/import_preview.html", context, failed=form.is_bound)


@require_safe
@member_view()
def contact_import_progress(request: MemberRequest, import_id: int) -> HttpResponse:
    """The bar, asked for every second; once it is done the whole page is loaded anew."""
    upload = queries.get_import(request.membership, import_id)
    response = render(request, "contacts/_import_progress.html", _result(upload))
    if upload.state != Import.State.RUNNING:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@member_view()
def contact_import_continue(request: MemberRequest, import_id: int) -> HttpResponse:
    """Sets off another worker where the last one stopped."""
    upload = queries.get_import(request.membership, import_id)
    try:
        operations.start_import(actor=request.membership, upload=upload)
    except UnableToImport as error:
        say_problems(request, [str(error)])
    else:
        say(request, "Going on where it stopped.")
    return redirect("contact_import_show", upload.pk)


@require_safe
@member_view()
def contact_import_failed(request: MemberRequest, import_id: int) -> HttpResponseBase:
    """The rows that were not imported, as a file to mend and import again."""
    upload = queries.get_import(request.membership, import_id)
    is_cards = upload.kind == Import.Kind.VCARD
    response = StreamingHttpResponse(
        failed_rows(upload), content_type="text/vcard; charset=utf-8" if is_cards else "text/csv; charset=utf-8"
    )
    name = f"not-imported-{upload.pk}.{'vcf' if is_cards else 'csv'}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _result(upload: Import) -> dict[str, object]:
    problems = queries.problems_of(upload)
    undo = upload.undo
    return {
        "upload": upload,
        "problems": list(problems[:SHOWN_PROBLEMS]),
        "is_silent": upload.state == Import.State.RUNNING and is_silent(upload),
        "undo": undo if undo and undo.done_at is None and undo.expires_at > timezone.now() else None,
        "numbers": _numbers(upload),
    }


def _numbers(upload: Import) -> Sequence[tuple[str, int]]:
    return [
        ("Added", upload.created),
        ("Updated", upload.updated),
        ("Left as they were", upload.skipped),
        ("Not imported", upload.failed),
    ]
