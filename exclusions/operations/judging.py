"""What would become of each line of a list, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from accounts.models import Membership
from emails.queries.excluding import Concerned
from exclusions import queries
from exclusions.lists import Line
from exclusions.models import Exclusion
from exclusions.public import is_public
from exclusions.rules import InvalidRule, Kind, Rule, read, values_covering


class Outcome(StrEnum):
    """What becomes, or has become, of a line."""

    ADDED = "added"
    #: The member has such an entry; a colleague's is another, which they may remove.
    ALREADY = "already"
    #: The same as a line above it.
    REPEATED = "repeated"
    #: A domain that strangers share: only after it was confirmed.
    PUBLIC = "public"
    #: A user's own address (R3).
    OWN = "own"
    INVALID = "invalid"


@dataclass(frozen=True)
class Judged:
    """A line with its outcome, and a sentence for the reader where there is something to say."""

    line: Line
    outcome: Outcome
    rule: Rule | None = None
    note: str = ""
    entry: Exclusion | None = None

    @property
    def is_wrong(self) -> bool:
        return self.outcome in {Outcome.INVALID, Outcome.OWN}

    @property
    def value(self) -> str:
        return self.rule.value if self.rule else self.line.text


@dataclass(frozen=True)
class Judgement:
    """All lines, and what the entries that would be added concern."""

    lines: Sequence[Judged]
    concerned: Concerned = field(default_factory=Concerned)
    #: Domains that strangers share, each with what it concerns, that nobody has confirmed yet.
    public: Sequence[tuple[str, Concerned]] = ()

    def of(self, *outcomes: Outcome) -> list[Judged]:
        return [judged for judged in self.lines if judged.outcome in outcomes]

    @property
    def added(self) -> list[Judged]:
        return self.of(Outcome.ADDED)

    @property
    def problems(self) -> list[Judged]:
        return [judged for judged in self.lines if judged.is_wrong]

    @property
    def told(self) -> list[Judged]:
        """Those with something to say, the wrong ones first."""
        said = [judged for judged in self.lines if judged.note and judged.outcome is not Outcome.PUBLIC]
        return sorted(said, key=lambda judged: not judged.is_wrong)


def judge_lines(actor: Membership, lines: Sequence[Line], *, confirmed: Collection[str] = ()) -> Judgement:
    """A handful of queries, however many lines there are. ``confirmed`` are public domains that are meant."""
    rules = [(line, _rule_or_problem(line)) for line in lines]
    known = _Known.of(actor, [rule for _, rule in rules if isinstance(rule, Rule)])
    judged: list[Judged] = []
    seen: dict[str, Line] = {}
    for line, rule in rules:
        if isinstance(rule, str):
            judged.append(Judged(line, Outcome.INVALID, note=rule))
        elif rule.value in seen:
            judged.append(Judged(line, Outcome.REPEATED, rule, f"It is on line {seen[rule.value].number} already."))
        else:
            seen[rule.value] = line
            judged.append(_judge(line, rule, known, confirmed))
    public = [one.rule for one in judged if one.outcome is Outcome.PUBLIC and one.rule]
    meant = [one.rule for one in judged if one.outcome is Outcome.ADDED and one.rule]
    return Judgement(
        judged,
        queries.concerned(actor, meant),
        [(rule.value, queries.concerned(actor, [rule])) for rule in public[:MOST_PUBLIC]],
    )


#: Public domains of one list whose contacts are counted one by one.
MOST_PUBLIC = 10


@dataclass(frozen=True)
class _Known:
    """What the list and the account say of the values in question."""

    actor: Membership
    entries: dict[str, list[Exclusion]]
    own: dict[str, str]

    @classmethod
    def of(cls, actor: Membership, rules: Sequence[Rule]) -> _Known:
        values = {value for rule in rules for value in _above(rule)}
        addresses = {rule.value for rule in rules if rule.kind is Kind.ADDRESS}
        own = queries.own_addresses(among=addresses) if addresses else []
        return cls(actor, dict(queries.entries_with(values)), {one.address: str(one.member) for one in own})

    def mine(self, value: str) -> Exclusion | None:
        """The actor's own entry of this value."""
        found = self.entries.get(value, ())
        return next((entry for entry in found if entry.created_by_id == self.actor.pk), None)

    def others(self, rule: Rule) -> list[Exclusion]:
        """Entries that cover it, of anybody: the same one first, then those for domains above it."""
        return [entry for value in _above(rule) for entry in self.entries.get(value, ())]


def _judge(line: Line, rule: Rule, known: _Known, confirmed: Collection[str]) -> Judged:
    if rule.value in known.own:
        note = f"This is an address of {known.own[rule.value]}, of your team: own addresses need no entry."
        return Judged(line, Outcome.OWN, rule, note)
    mine = known.mine(rule.value)
    if mine is not None:
        return Judged(line, Outcome.ALREADY, rule, f"You have excluded {rule.value} already.", mine)
    if rule.kind is Kind.DOMAIN and is_public(rule.value) and rule.value not in confirmed:
        note = f"{rule.value} is a public mail domain: everybody’s mail from there would be kept out."
        return Judged(line, Outcome.PUBLIC, rule, note)
    return Judged(line, Outcome.ADDED, rule, _note(rule, known))


def _note(rule: Rule, known: _Known) -> str:
    """What else covers it, as far as the actor may know (R7)."""
    others = known.others(rule)
    visible = next((entry for entry in others if queries.is_visible(known.actor, entry)), None)
    if visible is None:
        return (
            f"{rule.value} is excluded for the account already: with an entry of yours it stays so." if others else ""
        )
    whose = "your" if visible.created_by_id == known.actor.pk else f"{visible.created_by}’s"
    if visible.value == rule.value:
        return f"{rule.value} is excluded already by {whose} entry: with yours it stays so if that is removed."
    return f"{rule.value} is covered already by {whose} entry {visible.value}: it stays excluded if that is removed."


def _rule_or_problem(line: Line) -> Rule | str:
    try:
        return read(line.text)
    except InvalidRule as problem:
        return str(problem)


def _above(rule: Rule) -> tuple[str, ...]:
    if rule.kind is Kind.ADDRESS:
        return values_covering(rule.value)
    return values_covering(f"anybody@{rule.value}")[1:]
