"""Taking off what was stored of contacts that are excluded now (R12), in batches; and bringing back exactly that."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef

from accounts.models import Membership
from contacts.models import Contact
from emails.models import Email, Link
from emails.queries.excluding import concerned_links


def remove_excluded(
    *, actor: Membership, addresses: Collection[str], contact: Contact | None = None, at: datetime, most: int
) -> tuple[int, int]:
    """Takes emails off the contacts that have these addresses, as far as the actor can read them, up to ``most`` links.

    Off one of these contacts alone, where it is given.

    An email that is stored for nobody any more goes too (R17). All rows are marked with the moment ``at``, by which
    `restore_excluded` finds them. Answers how many links and how many emails went; nothing is left when both are less
    than asked for.
    """
    found = concerned_links(actor, addresses, contact).order_by("email", "pk").values_list("pk", "email")[:most]
    email_ids = dict(found)
    if not email_ids:
        return 0, 0
    held = _hold(set(email_ids.values()))
    links = Link.objects.filter(pk__in=email_ids, removed_at=None)
    number = links.update(removed_at=at, removed_by=actor)
    live = Link.objects.filter(email=OuterRef("pk"), removed_at=None)
    gone = Email.objects.filter(~Exists(live), pk__in=held, deleted_at=None).update(deleted_at=at)
    return number, gone


def restore_excluded(*, actor: Membership, at: datetime) -> int:
    """Brings back what the actor took off at the moment ``at``, and nothing else; answers how many emails."""
    links = Link.objects.filter(removed_at=at, removed_by=actor)
    held = _hold(set(links.values_list("email", flat=True)))
    links.filter(email__in=held).update(removed_at=None, removed_by=None)
    Email.objects.filter(pk__in=held, deleted_at=at).update(deleted_at=None)
    return len(held)


def _hold(email_ids: Collection[int]) -> list[int]:
    """Their rows, until the transaction ends: in one order, so that two cannot wait for each other."""
    rows = Email.objects.filter(pk__in=email_ids).order_by("pk").select_for_update(no_key=True)
    return list(rows.values_list("pk", flat=True))
