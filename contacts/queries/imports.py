"""Imports are seen by whoever uploaded the file, and by nobody else: it may hold what others shall not see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Membership
from contacts.files.drafts import Draft
from contacts.files.options import Existing, Options
from contacts.files.source import Column, Source
from contacts.models import Address, Import, ImportProblem
from contacts.queries.contacts import visible_contacts

#: Rows that a preview judges: enough to see what is wrong, few enough to answer at once.
#: A card costs as much as many rows of a table.
CHECKED = {Import.Kind.CSV: 5_000, Import.Kind.VCARD: 500}
SHOWN = 10
SHOWN_PROBLEMS = 50
IN_ONE_QUERY = 5_000


@dataclass(frozen=True)
class Preview:
    """What an import would do, without having done it."""

    columns: list[Column]
    #: The first rows that can be read, as the contacts they would become.
    samples: list[Draft]
    #: The first rows that cannot.
    bad: list[Draft]
    #: Rows judged; the numbers below add up to it.
    checked: int
    new: int
    existing: int
    failed: int


def imports_of(member: Membership) -> QuerySet[Import]:
    """A member's imports, newest first, without the files themselves."""
    return Import.objects.filter(member=member).defer("content").select_related("undo").order_by("-created_at", "-id")


def get_import(member: Membership, import_id: int) -> Import:
    """One of the member's own imports, or 404."""
    return get_object_or_404(imports_of(member), pk=import_id)


def problems_of(upload: Import) -> QuerySet[ImportProblem]:
    """Why rows of a file were not imported, by row."""
    return ImportProblem.objects.filter(upload=upload).order_by("row", "id")


def import_preview(member: Membership, upload: Import) -> Preview:
    """What an import would do with its mapping and options, judged on the first `CHECKED` rows or cards."""
    source = Source.open(bytes(upload.content))
    drafts = list(source.drafts(upload.mapping, stop=CHECKED[Import.Kind(upload.kind)]))
    good = [draft for draft in drafts if draft.data]
    options = Options.from_json(upload.options)
    existing = 0 if options.existing is Existing.CREATE else _count_existing(member, good)
    bad = [draft for draft in drafts if draft.problems]
    return Preview(
        columns=source.columns(upload.mapping),
        samples=good[:SHOWN],
        bad=bad[:SHOWN_PROBLEMS],
        checked=len(drafts),
        new=len(good) - existing,
        existing=existing,
        failed=len(bad),
    )


def rows_to_work_off(import_id: int) -> tuple[Source, list[str], int] | None:
    """The file, the mapping and the number of rows already done of an import that is running; else None.

    For the worker: the member was asked when the import was started.
    """
    upload = Import.objects.filter(pk=import_id, state=Import.State.RUNNING).first()
    if upload is None:
        return None
    return Source.open(bytes(upload.content)), upload.mapping, upload.done


def _count_existing(member: Membership, drafts: Sequence[Draft]) -> int:
    """Rows with an address that a contact, or a row before, has already."""
    known = _known(member, {email for draft in drafts if draft.data for email in draft.data.emails})
    count = 0
    for draft in drafts:
        emails = draft.data.emails if draft.data else ()
        count += any(email in known for email in emails)
        known.update(emails)
    return count


def _known(member: Membership, emails: Iterable[str]) -> set[str]:
    every = sorted(emails)
    found: set[str] = set()
    for start in range(0, len(every), IN_ONE_QUERY):
        addresses = Address.objects.filter(
            email__in=every[start : start + IN_ONE_QUERY], contact__in=visible_contacts(member)
        )
        found.update(addresses.values_list("email", flat=True))
    return found
