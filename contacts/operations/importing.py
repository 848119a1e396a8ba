"""What one batch of an import does to contacts, and how it is taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts import audit, undo
from accounts.models import Membership
from contacts import queries
from contacts.data import EMAILS, PHONES, TAGS, ContactData
from contacts.files.drafts import Draft, RowProblem
from contacts.files.options import Existing, Options
from contacts.models import Contact, Import, ImportedContact, ImportProblem, Note
from contacts.operations import storing
from contacts.operations.merging import combined
from contacts.operations.outcome import plural
from contacts.signals import addresses_changed

FULL = "Together with the row it would have more than a contact holds ({most} {plural}): import it as a new contact."


@dataclass
class Batch:
    """What became of some rows; the four numbers add up to `rows`."""

    upload: Import
    options: Options
    rows: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    #: Address -> the contact that has it: the first created that the member may see (R5).
    known: dict[str, Contact] = field(default_factory=dict)
    #: Rows that become new contacts, saved together.
    waiting: list[Draft] = field(default_factory=list)
    waiting_emails: set[str] = field(default_factory=set)
    problems: list[ImportProblem] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)

    @property
    def member(self) -> Membership:
        return self.upload.member


def store_batch(upload: Import, drafts: Sequence[Draft]) -> Batch:
    """Saves the contacts of some rows, or why they cannot be saved."""
    batch = Batch(upload, Options.from_json(upload.options), rows=len(drafts))
    if batch.options.existing is not Existing.CREATE:
        _learn(batch, (email for draft in drafts if draft.data for email in draft.data.emails))
    for draft in drafts:
        _place(batch, draft)
    _save_waiting(batch)
    ImportProblem.objects.bulk_create(batch.problems)
    if batch.moved:
        addresses_changed.send(sender=Contact, contact_ids=batch.moved)
    return batch


def _place(batch: Batch, draft: Draft) -> None:
    if draft.data is None:
        _refuse(batch, draft, draft.problems)
        return
    if batch.options.existing is not Existing.CREATE:
        if batch.waiting_emails.intersection(draft.data.emails):
            _save_waiting(batch)
        contact = _who_has(batch, draft.data.emails)
        if contact is not None:
            _meet(batch, contact, draft, draft.data)
            return
    batch.waiting.append(draft)
    batch.waiting_emails.update(draft.data.emails)


# --- Contacts that are there ----------------------------------------------------------------------


def _learn(batch: Batch, emails: Iterable[str]) -> None:
    found = queries.sharing_an_address(batch.member, sorted(set(emails)))
    for contact in queries.with_details(found):
        for address in contact.addresses.all():
            batch.known.setdefault(address.email, contact)


def _who_has(batch: Batch, emails: Iterable[str]) -> Contact | None:
    """The contact that has one of the addresses, as it is now: a row before this one may have changed it."""
    for email in emails:
        if email in batch.known:
            contacts = queries.with_details(queries.visible_contacts(batch.member))
            return contacts.select_for_update(of=("self",)).filter(pk=batch.known[email].pk).first()
    return None


def _meet(batch: Batch, contact: Contact, draft: Draft, data: ContactData) -> None:
    if batch.options.existing is Existing.SKIP:
        batch.skipped += 1
        return
    before = queries.data_of(contact)
    after = combined(before, replace(data, tags=(*(data.tags or ()), *batch.options.tags), owner_id=None))
    too_many = [part for part in (EMAILS, PHONES, TAGS) if len(getattr(after, part.field) or ()) > part.most]
    if too_many:
        sentence = FULL.format(most=too_many[0].most, plural=too_many[0].plural)
        _refuse(batch, draft, [RowProblem("Whole row", contact.name[:200], sentence)])
        return
    changed = before.differences(after)
    if not changed and not draft.note:
        batch.skipped += 1
        return
    _change(batch, contact, before, after, draft.note)
    batch.updated += 1


def _change(batch: Batch, contact: Contact, before: ContactData, after: ContactData, note: str) -> None:
    notes = [Note.objects.create(contact=contact, author=batch.member, text=note).pk] if note else []
    tags_before = {tag.pk for tag in contact.tags.all()}
    storing.rewrite(contact, before, after)
    fresh = queries.get_contact(batch.member, contact.pk)
    for address in fresh.addresses.all():
        batch.known.setdefault(address.email, fresh)
    if before.emails != after.emails:
        batch.moved.append(contact.pk)
    added = {
        "texts": {name: getattr(after, name) for name in before.differences(after) if name in storing.TEXTS},
        "emails": [email for email in after.emails if email not in before.emails],
        "phones": [phone for phone in after.phones if phone not in before.phones],
        "tags": [tag.pk for tag in fresh.tags.all() if tag.pk not in tags_before],
        "notes": notes,
    }
    ImportedContact.objects.create(upload=batch.upload, contact=contact, added=added)


# --- New ones -------------------------------------------------------------------------------------


def _save_waiting(batch: Batch) -> None:
    drafts, batch.waiting = batch.waiting, []
    batch.waiting_emails.clear()
    options = batch.options
    items = [
        replace(draft.data, owner_id=options.owner_id, tags=(*(draft.data.tags or ()), *options.tags))
        for draft in drafts
        if draft.data
    ]
    contacts = storing.insert(items)
    pairs = list(zip(contacts, drafts, strict=True))
    Note.objects.bulk_create(
        Note(contact=contact, author=batch.member, text=draft.note) for contact, draft in pairs if draft.note
    )
    ImportedContact.objects.bulk_create(ImportedContact(upload=batch.upload, contact=contact) for contact in contacts)
    for contact, draft in pairs:
        for email in draft.data.emails if draft.data else ():
            batch.known.setdefault(email, contact)
    batch.moved.extend(contact.pk for contact in contacts)
    batch.created += len(contacts)


def _refuse(batch: Batch, draft: Draft, problems: Iterable[RowProblem]) -> None:
    batch.failed += 1
    batch.problems.extend(
        ImportProblem(
            upload=batch.upload,
            row=draft.row,
            field=problem.field,
            value=_storable(problem.value)[:200],
            problem=_storable(problem.sentence)[:500],
            cells=[_storable(cell) for cell in draft.cells],
        )
        for problem in problems
    )


def _storable(text: str) -> str:
    """What PostgreSQL takes of a text that may be the very reason why the row was refused."""
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


# --- Taking it back -------------------------------------------------------------------------------


@undo.undoes("contacts.import")
def take_import_back(member: Membership, payload: dict[str, Any]) -> str:
    """Deletes what the import made and takes out of others what it added, where that is still there.

    What colleagues have since made of a contact is theirs: one that was changed, merged or noted on stays, and
    what the member can no longer see (R37) is left alone.
    """
    upload = queries.imports_of(member).select_for_update(of=("self",)).get(pk=payload["import_id"])
    touched = ImportedContact.objects.filter(upload=upload)
    made = touched.filter(added__isnull=True).values("contact")
    seen = queries.visible_contacts(member)
    gone = _unchanged(seen.filter(pk__in=made), upload).update(deleted_at=timezone.now())
    stay = seen.filter(pk__in=made).count()
    others = seen.filter(pk__in=touched.exclude(contact__in=made).values("contact"))
    as_before = set(_unchanged(others, upload).values_list("pk", flat=True))
    edited = others.count() - len(as_before)
    for imported in touched.filter(contact__in=list(others.values_list("pk", flat=True))).order_by("-id"):
        _take_out(queries.get_contact(member, imported.contact_id, lock=True), imported.added or {})
    upload.state = Import.State.UNDONE
    upload.save(update_fields=["state"])
    addresses_changed.send(sender=Contact, contact_ids=list(touched.values_list("contact_id", flat=True)))
    audit.record(member, "import.undone", f"took back the import of {plural(gone, 'contact')}", on=upload)
    told = f"Took back the import: {plural(gone, 'contact')} deleted, {plural(len(as_before), 'other')} as before."
    if stay:
        told += f" {stay:,} {'was' if stay == 1 else 'were'} changed since and {'stays' if stay == 1 else 'stay'}."
    if edited:
        told += f" {plural(edited, 'other')} changed since lost only what the import had added."
    return told


def _unchanged(contacts: QuerySet[Contact], upload: Import) -> QuerySet[Contact]:
    """Those that are as the import left them."""
    merged = Contact.objects.filter(merged_into=OuterRef("pk"))
    noted = Note.objects.filter(contact=OuterRef("pk"), created_at__gt=upload.finished_at)
    return contacts.filter(~Exists(merged), ~Exists(noted), updated_at__lte=upload.finished_at)


def _take_out(contact: Contact, added: dict[str, Any]) -> None:
    Note.objects.filter(pk__in=added["notes"]).delete()
    before = queries.data_of(contact)
    tags = {tag.pk: tag.name for tag in contact.tags.all()}
    texts: dict[str, Any] = {name: "" for name, text in added["texts"].items() if getattr(before, name) == text}
    after = replace(
        before,
        emails=tuple(email for email in before.emails if email not in added["emails"]),
        phones=tuple(phone for phone in before.phones if phone not in added["phones"]),
        tags=tuple(name for tag_id, name in tags.items() if tag_id not in added["tags"]),
        **texts,
    )
    if not (after.first_name or after.last_name or after.company or after.emails):
        # All that was its own was taken out since: a contact of nothing helps nobody.
        return
    storing.rewrite(contact, before, after)
