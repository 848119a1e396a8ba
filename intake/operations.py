"""Writers of stored mail that no single message sets off: linking what is there, and importing files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.utils import timezone

from accounts import audit
from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from emails.models import Door
from intake import knowledge, linking, merging
from intake.files import Batch, messages
from intake.holding import hold
from intake.run import Order, Outcomes, take

#: Messages of a page of an import, and bytes of them, whatever comes first.
PAGE: Final = 100
PAGE_SIZE: Final = 32 * 2**20


def rematch(contact_ids: Iterable[int]) -> int:
    """Links stored emails with contacts that are new, have other addresses, or were merged or parted (R6, E5).

    In the scope of the tenant, whose mail waits until its transaction ends; call it last. Answers how many links are
    new. A link that is there already, removed or not, stays as it is (R18).
    """
    ids = frozenset(contact_ids)
    if not ids:
        return 0
    knowledge.take_turn()
    homes = merging.homes_of(ids)
    concerned = ids.union(homes.values())
    hold({*merging.misplaced_emails(homes), *linking.named_in(concerned)})
    merging.follow_merges(homes)
    return linking.link_stored(concerned, now=timezone.now())


@dataclass(frozen=True)
class Imported:
    """What became of an import: how many messages by outcome, and of those not stored how many by reason.

    Doubles within the files count once a page; the sum is therefore at most the number of messages read.
    """

    messages: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def plus(self, page: Outcomes) -> Imported:
        counts = {
            "stored": page.stored,
            "duplicate": page.duplicates,
            "skipped": page.skipped,
            "failed": page.failed,
            "tombstone": page.tombstones,
            "known": page.known,
        }
        return Imported(
            self.messages + page.seen, self.outcomes + Counter(counts), self.reasons + Counter(page.reasons)
        )


def import_mail(
    member: Membership, paths: Sequence[Path], *, on_page: Callable[[Imported], None] = lambda _: None
) -> Imported:
    """Takes in the messages of files and folders, by the same rules as a mailbox's (R11, R18).

    Can be broken off and begun again at any time: what was decided is known. Begun again later, it also stores what was
    skipped for want of a contact that there is by now. ``on_page`` hears how far it is. Call it outside of every
    scope. Raises `intake.files.UnreadableFile`.
    """
    with tenant_scope(member.tenant_id):
        door = _door(member)
    done = Imported()
    for batch in _batches(messages(paths)):
        order = Order(member.tenant_id, door.pk, since=None, settle=lambda _: None, again=True)
        done = done.plus(take(order, batch.seen(), batch))
        on_page(done)
    with tenant_scope(member.tenant_id):
        summary = f"imported mail: {done.messages:,} messages read, {done.outcomes['stored']:,} stored"
        audit.record(member, "email.imported", summary, on=door, outcomes=dict(done.outcomes))
    return done


def _door(member: Membership) -> Door:
    """The member's imports. Closed: their own address is ours by the log-in, for as long as they are active (R3)."""
    door, _ = Door.objects.get_or_create(
        member=member, kind=Door.Kind.IMPORT, address=member.user.email, defaults={"closed_at": timezone.now()}
    )
    return door


def _batches(contents: Iterable[bytes]) -> Iterator[Batch]:
    page: list[bytes] = []
    size = 0
    for content in contents:
        page.append(content)
        size += len(content)
        if len(page) >= PAGE or size >= PAGE_SIZE:
            yield Batch(page)
            page, size = [], 0
    if page:
        yield Batch(page)
