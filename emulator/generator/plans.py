"""Who writes to whom, how often, about what: drawn before a word is written, so that it is cheap to count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Literal

from emulator.generator.people import (
    ADA,
    ALICE,
    COLLEAGUES,
    CONTACTS,
    PRIVATE,
    STRANGERS,
    TEAM,
    Language,
    Person,
    desk_of,
)
from emulator.generator.scripts import Script, Turn, scripts
from emulator.generator.worktime import WorkTime

Kind = Literal[
    "contact",
    "internal",
    "stranger",
    "newsletter",
    "receipt",
    "code",
    "payroll",
    "list",
    "spam",
    "chat",
    "draft",
    "family",
    "health",
    "bounce",
]
Act = Literal["write", "reply", "forward", "away"]
_EMPTY = Turn(ours=True, text="")
_HOUR = 60.0
_WORKDAY = 600.0


@dataclass(frozen=True, slots=True)
class Leg:
    """One message of a conversation, `wait` minutes after the one before it."""

    act: Act
    turn: Turn
    sender: Person
    to: tuple[Person, ...]
    wait: float
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()

    @property
    def readers(self) -> tuple[Person, ...]:
        return (*self.to, *self.cc, *self.bcc)


@dataclass(frozen=True, slots=True)
class Plan:
    """A conversation: `owner` is the member of the team whose it is."""

    kind: Kind
    script: Script
    owner: Person
    other: Person
    language: Language
    legs: tuple[Leg, ...]

    @property
    def in_work_time(self) -> bool:
        return self.kind in {"contact", "internal", "stranger", "payroll", "draft", "bounce"}


def draw(dice: Random, owners: tuple[Person, ...]) -> Plan:
    """The next conversation of one of the owners, the first of them having most."""
    owner = owners[int(len(owners) * dice.random() ** 1.15)]
    (kind,) = dice.choices(_NAMES, cum_weights=_WEIGHTS)
    return _PLANNERS[kind](dice, owner)


def timetable(plan: Plan, part: float, time: WorkTime) -> list[tuple[Leg, datetime]]:
    """When each message goes out, if the conversation starts at a part of the year; those to come are left
    out.
    """
    moment = time.working(part) if plan.in_work_time else time.anywhere(part)
    found: list[tuple[Leg, datetime]] = []
    for leg in plan.legs:
        if not plan.in_work_time:
            moment += timedelta(minutes=leg.wait)
        elif leg.act == "away":
            moment += timedelta(seconds=20)
        else:
            moment = time.in_their_day(time.after(moment, leg.wait), leg.sender.zone, leg.wait % 90)
        if moment > time.end:
            break
        found.append((leg, moment))
    return found


def _contact(dice: Random, owner: Person) -> Plan:
    # Some customers write a lot, most write now and then.
    contact = CONTACTS[int(len(CONTACTS) * dice.random() ** 1.6)]
    if contact.other and dice.random() < 0.15:
        contact = replace(contact, address=contact.other)
    script = dice.choice(scripts(contact.language))
    cc = _on_copy(dice, owner, contact)
    legs = _exchange(dice, script, owner, contact, cc)
    return Plan("contact", script, owner, contact, contact.language, (*legs, *_afterwards(dice, owner, legs)))


def _on_copy(dice: Random, owner: Person, contact: Person) -> tuple[Person, ...]:
    """Teammates, colleagues of the contact, and now and then an address that nobody knows."""
    cc: list[Person] = []
    if dice.random() < 0.28:
        cc.append(dice.choice([each for each in TEAM if each != owner]))
    colleagues = [each for each in COLLEAGUES[contact.company] if each.name != contact.name]
    if colleagues and dice.random() < 0.3:
        cc.append(dice.choice(colleagues))
    if dice.random() < 0.07:
        cc.append(desk_of(contact))
    return tuple(cc)


def _exchange(dice: Random, script: Script, owner: Person, other: Person, cc: tuple[Person, ...]) -> tuple[Leg, ...]:
    length = dice.choice((1, 2, 3, 4, 5, 6, 6, 6))
    legs: list[Leg] = []
    for number, turn in enumerate(script.turns[:length]):
        sender, reader = (owner, other) if turn.ours else (other, owner)
        act: Act = "reply" if number else "write"
        wait = dice.expovariate(1 / (4 * _HOUR if turn.ours else _WORKDAY)) if number else 0.0
        # Somebody drops the copies in the middle of a thread, as people do.
        kept = cc if dice.random() < 0.9 else ()
        is_blind = turn.ours and dice.random() < 0.03 and not cc
        bcc = (_teammate(owner),) if is_blind else ()
        legs.append(Leg(act, turn, sender, (reader,), wait + 5, cc=kept, bcc=bcc))
    return tuple(legs)


def _teammate(owner: Person) -> Person:
    """Always the same one, who is told of things in secret."""
    return TEAM[1] if owner is TEAM[0] else TEAM[0]


def _afterwards(dice: Random, owner: Person, legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """What may follow an exchange: an automatic reply, or the thread forwarded to a teammate."""
    last, chance = legs[-1], dice.random()
    if chance < 0.05 and last.turn.ours:
        return (Leg("away", _EMPTY, last.to[0], (owner,), 1),)
    if chance < 0.12 and not last.turn.ours:
        teammate = dice.choice([each for each in TEAM if each != owner])
        return (Leg("forward", _EMPTY, owner, (teammate,), dice.expovariate(1 / _WORKDAY)),)
    return ()


def _internal(dice: Random, owner: Person) -> Plan:
    others = [each for each in TEAM if each != owner]
    dice.shuffle(others)
    script = dice.choice(scripts("internal"))
    legs = _exchange(dice, script, owner, others[0], tuple(others[1:]) if dice.random() < 0.4 else ())
    return Plan("internal", script, owner, others[0], "en", tuple(replace(leg, bcc=()) for leg in legs))


def _stranger(dice: Random, owner: Person) -> Plan:
    other = dice.choice(STRANGERS)
    script = dice.choice(scripts("strangers", other.language))
    return Plan("stranger", script, owner, other, other.language, _exchange(dice, script, owner, other, ()))


def _private(kind: Kind) -> Callable[[Random, Person], Plan]:
    def plan(dice: Random, owner: Person) -> Plan:
        *family, practice = PRIVATE.get(owner.address, PRIVATE[ALICE.address])
        other = practice if kind == "health" else dice.choice(family)
        script = dice.choice(scripts("private", kind))
        return Plan(kind, script, owner, other, "en", _exchange(dice, script, owner, other, ()))

    return plan


def _bulletin(kind: Kind) -> Callable[[Random, Person], Plan]:
    def plan(dice: Random, owner: Person) -> Plan:
        script = dice.choice(scripts("bulletins", kind))
        name, address = script.sender
        other = ADA if address == ADA.address else Person(name, name, address, client="gmail")
        leg = Leg("write", script.turns[0], other, (owner,), 0)
        language: Language = "de" if "moebel" in address else "fr" if "artisans" in address else "en"
        return Plan(kind, script, owner, other, language, (leg,))

    return plan


def _draft(dice: Random, owner: Person) -> Plan:
    plan = _contact(dice, owner)
    own = next((turn for turn in plan.script.turns if turn.ours), plan.script.turns[0])
    return replace(plan, kind="draft", legs=(Leg("write", own, owner, (plan.other,), 0),))


def _bounce(dice: Random, owner: Person) -> Plan:
    plan = _contact(dice, owner)
    domain = owner.address.rpartition("@")[2]
    system = Person("Mail Delivery System", "Mail", f"mailer-daemon@{domain}")
    gone = replace(plan.other, address=f"former.{plan.other.address}")
    own = next((turn for turn in plan.script.turns if turn.ours), plan.script.turns[0])
    legs = (Leg("write", own, owner, (gone,), 0), Leg("away", _EMPTY, system, (owner,), 1))
    return replace(plan, kind="bounce", other=gone, legs=legs)


# Shares of conversations, not of messages: a conversation with a contact has several.
_SHARES: dict[Kind, tuple[float, Callable[[Random, Person], Plan]]] = {
    "contact": (35, _contact),
    "internal": (3.2, _internal),
    "stranger": (7, _stranger),
    "newsletter": (13, _bulletin("newsletter")),
    "receipt": (11, _bulletin("receipt")),
    "code": (5, _bulletin("code")),
    "payroll": (1.6, _bulletin("payroll")),
    "list": (8, _bulletin("list")),
    "spam": (7, _bulletin("spam")),
    "chat": (1, _bulletin("chat")),
    "draft": (1.6, _draft),
    "family": (4, _private("family")),
    "health": (2, _private("health")),
    "bounce": (0.6, _bounce),
}
_NAMES: tuple[Kind, ...] = tuple(_SHARES)
_WEIGHTS = list(accumulate(share for share, _ in _SHARES.values()))
_PLANNERS = {kind: planner for kind, (_, planner) in _SHARES.items()}
