"""Putting addresses and domains on the list: the one way in for all the doors to it (R14)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from accounts import audit, undo
from accounts.models import Membership, Undo
from accounts.undo import UnableToUndo
from exclusions import queries
from exclusions.lists import Line
from exclusions.models import KEPT, REASON_LENGTH, Exclusion, Removal
from exclusions.operations.judging import Judged, Judgement, Outcome, judge_lines
from exclusions.operations.locking import hold_list
from exclusions.operations.removing import begin_removal, restore, told_of
from exclusions.rules import Kind, Rule
from exclusions.signals import changed

#: Values that are named where the audit log says that they were added.
MOST_NAMED: Final = 500
Door = Exclusion.Door


class InvalidExclusion(ValueError):
    """Nothing was excluded; the message says why, for the reader. ``field`` is what has to be changed."""

    def __init__(self, message: str, field: str = "value") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Wish:
    """What holds for all lines of a list. ``confirmed`` are public domains that are meant all the same."""

    reason: str = ""
    ends_at: datetime | None = None
    door: Door = Door.SETTINGS
    confirmed: Collection[str] = ()
    #: Also take what is stored off the contacts that are excluded (R12).
    remove_stored: bool = False


@dataclass(frozen=True)
class Excluded:
    """What became of a list; ``judgement`` has each line, with its entry where it has one."""

    judgement: Judgement
    removal: Removal | None = None
    undo: Undo | None = None

    @property
    def entries(self) -> list[Exclusion]:
        return [judged.entry for judged in self.judgement.added if judged.entry]

    @property
    def message(self) -> str:
        return _words(self)


def exclude(*, actor: Membership, value: str, wish: Wish | None = None) -> Exclusion:
    """Excludes one address, or a domain with its subdomains, for the whole account (R7); touches no stored mail (R12).

    Whoever has, or sees, the same entry already gets that one. Raises `InvalidExclusion`.
    """
    [judged] = exclude_many(actor=actor, lines=[Line(value)], wish=wish or Wish()).judgement.lines
    if judged.entry is None:
        raise InvalidExclusion(judged.note)
    return judged.entry


def exclude_many(*, actor: Membership, lines: Sequence[Line], wish: Wish) -> Excluded:
    """Excludes what of a list can be; the rest is told line by line. Can be undone.

    Raises `InvalidExclusion` for a reason or an end that cannot be.
    """
    _require_possible(lines, wish)
    hold_list()
    judgement = judge_lines(actor, lines, confirmed=wish.confirmed)
    if not judgement.added:
        return Excluded(judgement)
    judgement = replace(judgement, lines=_written(actor, judgement.lines, wish))
    entries = [judged.entry for judged in judgement.added if judged.entry]
    record_added(actor, entries, wish.door)
    changed.send(sender=Exclusion, added=[entry.value for entry in entries], removed=[])
    removal = _remove_stored(actor, judgement) if wish.remove_stored else None
    label = _named(entries)
    offered = undo.offer(
        actor,
        "exclusions.exclude",
        f"Excluded {label}."[:200],
        lasts=KEPT if removal else timedelta(hours=1),
        ids=[entry.pk for entry in entries],
        removal=removal.pk if removal else None,
    )
    return Excluded(judgement, removal, offered)


@undo.undoes("exclusions.exclude")
def include_again(member: Membership, payload: dict[str, Any]) -> str:
    """Takes the entries off again, and brings back the emails that were removed with them."""
    hold_list()
    entries = list(Exclusion.objects.filter(pk__in=payload["ids"]))
    removal = Removal.objects.filter(pk=payload["removal"]).exclude(state=Removal.State.RESTORED).first()
    if not entries and removal is None:
        raise UnableToUndo("Somebody has removed the entry since.")
    if entries:
        Exclusion.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
        record_removed(member, f"no longer excludes {_named(entries)}", entries)
        changed.send(sender=Exclusion, added=[], removed=[entry.value for entry in entries])
    brought = f" {restore(actor=member, removal=removal).message}" if removal else ""
    return f"{_named(entries, sentence=True)} no longer excluded.{brought}" if entries else brought.strip()


def make_entries(actor: Membership, wanted: Sequence[tuple[Rule, str]], wish: Wish) -> dict[str, Exclusion]:
    """Rows for these rules with their reasons, by value. In `hold_list`, and none of them there yet."""
    now = timezone.now()
    # An entry of the same value that has ended makes room.
    Exclusion.objects.filter(created_by=actor, value__in=[rule.value for rule, _ in wanted]).delete()
    made = Exclusion.objects.bulk_create(
        [
            Exclusion(
                kind=KINDS[rule.kind],
                value=rule.value,
                reason=" ".join((reason or wish.reason).split())[:REASON_LENGTH],
                created_by=actor,
                created_at=now + timedelta(microseconds=-number),
                ends_at=wish.ends_at,
                door=wish.door,
            )
            for number, (rule, reason) in enumerate(wanted)
        ],
        batch_size=2_000,
    )
    return {entry.value: entry for entry in made}


def record_added(actor: Membership, entries: Sequence[Exclusion], door: str) -> None:
    one = entries[0] if len(entries) == 1 else None
    values = [entry.value for entry in entries[:MOST_NAMED]]
    summary = f"excluded {_named(entries)}"
    audit.record(actor, "exclusion.added", summary, on=one, door=door, count=len(entries), values=values)


def record_removed(actor: Membership, summary: str, entries: Sequence[Exclusion]) -> None:
    """Names all of them, however many: what was kept out by one may be looked for (`queries.was_excluded`)."""
    one = entries[0] if len(entries) == 1 else None
    values = [entry.value for entry in entries]
    audit.record(actor, "exclusion.removed", summary, on=one, count=len(entries), values=values)


KINDS: Final = {Kind.ADDRESS: Exclusion.Kind.ADDRESS, Kind.DOMAIN: Exclusion.Kind.DOMAIN}


def _require_possible(lines: Sequence[Line], wish: Wish) -> None:
    if not lines:
        raise InvalidExclusion("Write an address or a domain, such as ines@lyon.example or lyon.example.")
    if wish.ends_at is not None and wish.ends_at <= timezone.now():
        raise InvalidExclusion("This has passed: choose a day to come, or leave it empty for no end.", "ends_at")
    if "\x00" in wish.reason or len(wish.reason) > REASON_LENGTH:
        raise InvalidExclusion(f"A reason has at most {REASON_LENGTH} characters.", "reason")


def _written(actor: Membership, lines: Sequence[Judged], wish: Wish) -> list[Judged]:
    wanted = [(one.rule, one.line.reason) for one in lines if one.outcome is Outcome.ADDED and one.rule]
    made = make_entries(actor, wanted, wish)
    return [replace(one, entry=made[one.value]) if one.outcome is Outcome.ADDED else one for one in lines]


def _remove_stored(actor: Membership, judgement: Judgement) -> Removal | None:
    rules = [judged.rule for judged in judgement.added if judged.rule]
    entries = [judged.entry for judged in judgement.added if judged.entry]
    return begin_removal(actor=actor, addresses=queries.covered_addresses(rules), label=_named(entries))


def _words(excluded: Excluded) -> str:
    entries, judgement = excluded.entries, excluded.judgement
    said = f"Excluded {_named(entries)}." if entries else "Nothing was added."
    if excluded.removal:
        said += f" {told_of(excluded.removal)}"
    there = len(judgement.of(Outcome.ALREADY, Outcome.REPEATED))
    if there and len(judgement.lines) > 1:
        said += f" {there:,} {'was' if there == 1 else 'were'} there already."
    return said


def _named(entries: Sequence[Exclusion], *, sentence: bool = False) -> str:
    """One by its value, more by their number; as a sentence's beginning, with its verb."""
    if len(entries) == 1:
        what = entries[0].value
        if entries[0].kind == Exclusion.Kind.DOMAIN:
            what += " with its subdomains"
        return f"{what} is" if sentence else what
    what = f"{len(entries):,} entries"
    return f"{what} are" if sentence else what
