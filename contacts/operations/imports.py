"""Bringing in a file of contacts: upload, look, go; a worker does it batch by batch and can be killed at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from accounts import audit, undo
from accounts import queries as accounts
from accounts.models import Membership
from contacts import queries
from contacts.data import UNSTORABLE, InvalidContact, tag_name
from contacts.files.columns import FIELDS
from contacts.files.options import Options
from contacts.files.source import Source
from contacts.models import Import
from contacts.operations.importing import Batch, store_batch
from contacts.operations.outcome import plural
from crm.lib.queue import enqueue
from crm.lib.tenancy import tenant_scope

#: Rows in one transaction: few enough that a killed worker repeats little, enough that many cost little.
BATCH = 200
UNDO_LASTS = timedelta(hours=24)
LONGEST_HEADING = 200
#: A file that nobody went on with is forgotten.
PREVIEW_LASTS = timedelta(days=1)
#: After that long without a batch the worker is taken for gone, and the member may set off another one.
SILENCE = timedelta(minutes=2)


class UnableToImport(Exception):
    """The import cannot go on; the text says why, for the reader."""


def upload_import(*, actor: Membership, file_name: str, content: bytes) -> Import:
    """Keeps a file for its preview, with the likeliest mapping. Raises `UnreadableFile`."""
    source = Source.open(content)
    stale = timezone.now() - PREVIEW_LASTS
    queries.imports_of(actor).filter(state=Import.State.PREVIEW, created_at__lt=stale).delete()
    return Import.objects.create(
        member=actor,
        kind=Import.Kind.VCARD if source.table is None else Import.Kind.CSV,
        file_name=file_name[-200:],
        content=content,
        headings=[_heading(text) for text in source.headings],
        mapping=source.guess(),
        options=Options(owner_id=actor.pk).to_json(),
        total=source.total,
    )


def _heading(text: str) -> str:
    """What the preview calls a column: without what the database refuses, and no longer than can be read."""
    return UNSTORABLE.sub("", text)[:LONGEST_HEADING]


def configure_import(
    *, actor: Membership, upload: Import, mapping: Sequence[str], options: Options, start: bool = False
) -> None:
    """Keeps what the member chose, and starts the import where they said so.

    Raises `InvalidContact` for options that make no sense, and `UnableToImport` once it has begun.
    """
    upload = _held(actor, upload)
    if upload.state != Import.State.PREVIEW:
        raise UnableToImport("This import has begun: upload the file again to import it in another way.")
    if options.owner_id is not None and not accounts.members(active_only=True).filter(pk=options.owner_id).exists():
        raise InvalidContact({"owner_id": ["The owner is not an active member of this account: choose another one."]})
    upload.mapping = [field if field in FIELDS else "" for field in mapping]
    upload.options = Options(options.existing, _tags(options.tags), options.owner_id).to_json()
    upload.save(update_fields=["mapping", "options"])
    if start:
        start_import(actor=actor, upload=upload)


def start_import(*, actor: Membership, upload: Import) -> None:
    """Hands the file to a worker; also one that was stopped, or whose worker is gone. Raises `UnableToImport`."""
    upload = _held(actor, upload)
    if upload.state == Import.State.RUNNING and not is_silent(upload):
        return
    if upload.state not in {Import.State.PREVIEW, Import.State.FAILED, Import.State.RUNNING}:
        raise UnableToImport("This file was imported already.")
    upload.state, upload.progress_at = Import.State.RUNNING, timezone.now()
    upload.save(update_fields=["state", "progress_at"])
    enqueue("contacts.tasks.run_import", import_id=upload.pk)


def _held(actor: Membership, upload: Import) -> Import:
    """The import as it is now, its row held."""
    return queries.imports_of(actor).select_for_update(of=("self",)).get(pk=upload.pk)


def is_silent(upload: Import) -> bool:
    """Whether a running import has not moved for so long that its worker must be gone."""
    return upload.progress_at is None or upload.progress_at < timezone.now() - SILENCE


def run_import(*, tenant_id: int, import_id: int) -> None:
    """Works off an import that was started, from where it stands. Call it outside of every scope.

    Each batch and the count of what is done move in one transaction: whoever comes after a killed worker
    repeats nothing and leaves nothing out. Two at once take turns at the row's lock, and one of them ends.
    """
    with tenant_scope(tenant_id):
        work = queries.rows_to_work_off(import_id)
    if work is None:
        return
    source, mapping, done = work
    while True:
        drafts = list(source.drafts(mapping, done, done + BATCH))
        with tenant_scope(tenant_id):
            upload = _still_running(import_id, done)
            if upload is None:
                return
            if not drafts:
                _finish(upload)
                return
            _note(upload, store_batch(upload, drafts))
        done += len(drafts)


def fail_import(*, tenant_id: int, import_id: int) -> None:
    """Says that an import stopped by a mistake of ours; what is done stays done, and it can be started again."""
    with tenant_scope(tenant_id):
        Import.objects.filter(pk=import_id, state=Import.State.RUNNING).update(state=Import.State.FAILED)


def _still_running(import_id: int, done: int) -> Import | None:
    """The import, its row held; None where another worker has taken over or somebody ended it."""
    running = Import.objects.filter(pk=import_id, state=Import.State.RUNNING, done=done)
    return running.defer("content").select_related("member__user").select_for_update(of=("self",)).first()


def _note(upload: Import, batch: Batch) -> None:
    upload.done += batch.rows
    upload.created += batch.created
    upload.updated += batch.updated
    upload.skipped += batch.skipped
    upload.failed += batch.failed
    upload.progress_at = timezone.now()
    upload.save(update_fields=["done", "created", "updated", "skipped", "failed", "progress_at"])


def _finish(upload: Import) -> None:
    """The file has done its work and is forgotten; rows that failed were kept with their problems."""
    label = f"Imported {plural(upload.created + upload.updated, 'contact')} from {upload.file_name}."
    upload.state, upload.finished_at, upload.content = Import.State.DONE, timezone.now(), b""
    if upload.created or upload.updated:
        upload.undo = undo.offer(upload.member, "contacts.import", label, lasts=UNDO_LASTS, import_id=upload.pk)
    upload.save(update_fields=["state", "finished_at", "content", "undo"])
    audit.record(
        upload.member,
        "import.done",
        f"imported {plural(upload.created, 'contact')} and updated {upload.updated:,}",
        on=upload,
        file=upload.file_name,
        failed=upload.failed,
        skipped=upload.skipped,
    )


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    problems: list[str] = []
    for tag in tags:
        try:
            found += [tag_name(tag)] if tag.strip() else []
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise InvalidContact({"tags": problems})
    return tuple(dict.fromkeys(found))
