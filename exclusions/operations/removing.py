"""Taking stored emails off contacts that are excluded, and bringing them back for 30 days (R12)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from accounts import audit
from accounts.models import Membership
from accounts.undo import UnableToUndo
from contacts.models import Contact
from contacts.operations import Done
from contacts.operations.outcome import plural
from crm.lib.queue import enqueue
from emails.operations.excluding import remove_excluded, restore_excluded
from emails.queries.excluding import concerned_links
from exclusions.models import Removal

#: Links that one transaction takes off. What is more, a task goes on with.
BATCH: Final = 2_000


def begin_removal(
    *, actor: Membership, addresses: Collection[str], label: str, contact: Contact | None = None
) -> Removal | None:
    """Takes the first batch off at once, and has a task do the rest; None where nothing is stored.

    What comes back by `restore` is what the actor could read, and no more than that went (R37).
    """
    links = concerned_links(actor, addresses, contact).count() if addresses else 0
    if not links:
        return None
    removal = Removal.objects.create(
        member=actor, label=label[:300], addresses=sorted(addresses), contact=contact, links=links
    )
    audit.record(actor, "exclusion.emails_removed", f"removed {plural(links, 'email')} of {label}", on=removal)
    go_on(removal.pk)
    removal.refresh_from_db()
    return removal


def go_on(removal_id: int) -> None:
    """One batch more, unless it was taken back meanwhile; the next by a task."""
    found = Removal.objects.select_for_update(of=("self",)).select_related("member__user", "contact")
    removal = found.filter(pk=removal_id, state=Removal.State.RUNNING).first()
    if removal is None:
        return
    links, emails = remove_excluded(
        actor=removal.member, addresses=removal.addresses, contact=removal.contact, at=removal.at, most=BATCH
    )
    removal.done += links
    removal.emails += emails
    if links < BATCH:
        # Mail that came meanwhile is not counted, and some may have gone by other hands.
        removal.state, removal.links = Removal.State.DONE, removal.done
    removal.save(update_fields=["done", "emails", "state", "links"])
    if removal.is_running:
        enqueue("exclusions.tasks.remove_more", removal_id=removal.pk)


def told_of(removal: Removal | None) -> str:
    """What becomes of stored emails, for the reader; nothing where none are removed."""
    if removal is None:
        return ""
    if removal.is_running:
        return f"{plural(removal.links, 'stored email')} are being removed, and can be brought back for 30 days."
    verb = "was" if removal.links == 1 else "were"
    return f"{plural(removal.links, 'stored email')} {verb} removed, and can be brought back for 30 days."


def restore(*, actor: Membership, removal: Removal) -> Done:
    """Brings back exactly what was removed. Raises `UnableToUndo` where that was done already."""
    held = Removal.objects.select_for_update(of=("self",)).select_related("member__user").filter(pk=removal.pk).first()
    if held is None or held.state == Removal.State.RESTORED:
        raise UnableToUndo("The emails were brought back already.")
    number = restore_excluded(actor=held.member, at=held.at)
    held.state = Removal.State.RESTORED
    held.save(update_fields=["state"])
    audit.record(actor, "exclusion.emails_restored", f"brought back {plural(number, 'email')} of {held}", on=held)
    return Done(number, f"Brought back {plural(number, 'email')}.")
