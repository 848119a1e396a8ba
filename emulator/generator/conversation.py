"""A plan put into words: message after message, each answering the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from random import Random

from emulator.generator import bulletins, files, letters, mime, phrases, quoting
from emulator.generator.files import Meeting
from emulator.generator.letters import Letter
from emulator.generator.odd import ODDITIES
from emulator.generator.people import Person
from emulator.generator.plans import Leg, Plan
from emulator.generator.quoting import Body
from emulator.generator.slots import Slots

_BULLETINS = {"newsletter", "receipt", "code", "payroll", "list", "spam", "chat"}
_ODD_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Sent:
    """One message on its way: `raw` as recipients get it, `kept` as its sender keeps it.

    `odd` names what was done to it on purpose.
    """

    leg: Leg
    date: datetime
    message_id: str
    raw: bytes
    kept: bytes
    odd: str = ""


class Teller:
    """Writes the messages of one conversation; `key` makes its Message-IDs unlike all others."""

    def __init__(self, plan: Plan, start: datetime, key: str, dice: Random) -> None:
        self._plan = plan
        self._key = key
        self._dice = dice
        self._slots = Slots(
            dice, plan.language, start, company=plan.other.company or "Northwind", first=plan.owner.first
        )
        subject = self._slots.fill(plan.script.subject)
        self._subject = subject[:1].upper() + subject[1:]
        self._written: list[Letter] = []

    def tell(self, leg: Leg, date: datetime, *, is_last: bool) -> Sent:
        """The next message. `is_last` allows it to be one that cannot be answered."""
        if self._plan.kind == "bounce" and leg.act == "away":
            return self._bounce(leg, date)
        letter = self._letter(leg, date)
        self._written.append(letter)
        raw = letters.write(letter)
        odd = self._oddity(leg, is_last)
        if odd:
            raw = ODDITIES[odd](raw)
        kept = letters.write(letter, bcc=True) if letter.bcc else raw
        return Sent(leg, date, letter.message_id, raw, kept, odd)

    def _letter(self, leg: Leg, date: datetime) -> Letter:
        base = self._base(leg, date)
        if self._plan.kind in _BULLETINS:
            return self._bulletin(base, leg)
        match leg.act:
            case "write":
                return self._fresh(base, leg)
            case "reply":
                return self._reply(base, leg)
            case "forward":
                return self._forward(base)
            case "away":
                return self._away(base)

    def _base(self, leg: Leg, date: datetime) -> Letter:
        """Everything but subject and content."""
        sender = leg.sender
        domain = sender.address.rpartition("@")[2]
        number = len(self._written)
        return Letter(
            sender=sender,
            address=sender.address,
            to=_mailtos(leg.to),
            cc=_mailtos(leg.cc),
            bcc=_mailtos(leg.bcc),
            subject=self._subject,
            date=date.astimezone(timezone(timedelta(minutes=sender.zone))),
            message_id=letters.message_id(sender.client, domain, f"{self._key}/{number}"),
            references=tuple(letter.message_id for letter in self._written),
            language=self._plan.language,
            body=Body("", ""),
        )

    def _words(self, leg: Leg, *, first: bool) -> Body:
        text = phrases.letter(
            self._slots.fill(leg.turn.text),
            to=leg.to[0],
            sender=leg.sender,
            language=self._plan.language,
            first=first,
            dice=self._dice,
        )
        signature = phrases.signature(leg.sender) if first or self._dice.random() < 0.4 else ""
        return quoting.own_words(f"{text}\n\n-- \n{signature}" if signature else text, leg.sender.client)

    def _fresh(self, base: Letter, leg: Leg) -> Letter:
        return self._equipped(replace(base, body=self._words(leg, first=True)), leg)

    def _reply(self, base: Letter, leg: Leg) -> Letter:
        client, language = leg.sender.client, leg.sender.language
        words = self._words(leg, first=False)
        body = quoting.reply(words, self._written[-1].as_original(), client, language)
        subject = f"{quoting.reply_prefix(client, language)}{self._subject}"
        return self._equipped(replace(base, subject=subject, body=body), leg)

    def _equipped(self, letter: Letter, leg: Leg) -> Letter:
        """With the files, the invitation and the logo that belong to it."""
        attached = tuple(files.make(self._slots.fill(name), self._dice) for name in leg.turn.files)
        has_logo = leg.sender.client == "outlook" and leg.act == "write" and self._dice.random() < 0.3
        logo = files.make("image001.png", Random(leg.sender.company)) if has_logo else None  # noqa: S311
        meeting = self._meeting(letter) if leg.turn.invitation else None
        return replace(letter, files=attached, logo=logo, meeting=meeting)

    def _meeting(self, letter: Letter) -> Meeting:
        start = letter.date.replace(hour=9, minute=30, second=0) + timedelta(days=5)
        return Meeting(
            uid=f"{letter.message_id.partition('@')[0][:24]}@{letter.address.rpartition('@')[2]}",
            title=self._subject,
            start=start - timedelta(minutes=letter.sender.zone),
            stamp=letter.date - timedelta(minutes=letter.sender.zone),
            place=f"{self._plan.other.company}, {self._plan.other.city}",
            people=(letter.address, *(address for _, address in (*letter.to, *letter.cc))),
        )

    def _forward(self, base: Letter) -> Letter:
        client, last = base.sender.client, self._written[-1]
        words = quoting.own_words(phrases.forwarding("en", self._dice), client)
        subject = f"{quoting.forward_prefix(client, base.sender.language)}{self._subject}"
        if self._dice.random() < 0.4:
            return replace(base, subject=subject, body=words, language="en", enclosed=letters.write(last))
        body = quoting.forward(words, last.as_original(), client, base.sender.language)
        return replace(base, subject=subject, body=body, language="en", files=last.files)

    def _away(self, base: Letter) -> Letter:
        subject, text = phrases.away(self._plan.language, self._subject)
        automatic = (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"))
        body = quoting.own_words(text, base.sender.client)
        return replace(base, subject=subject, body=body, headers=automatic, references=base.references[-1:])

    def _bulletin(self, base: Letter, leg: Leg) -> Letter:
        kind = self._plan.kind
        domain, code = leg.sender.address.rpartition("@")[2], self._slots["code"]
        text = self._slots.fill(leg.turn.text)
        body = bulletins.body(kind, text, title=self._subject, domain=domain, code=code)
        headers = bulletins.headers(kind, domain=domain, code=code)
        letter = replace(base, body=body, headers=headers)
        if kind == "list":
            return replace(letter, to=(bulletins.LIST,))
        if kind == "payroll":
            return replace(letter, files=(files.make("payslip.pdf", self._dice),))
        return letter

    def _bounce(self, leg: Leg, date: datetime) -> Sent:
        last = self._written[-1]
        lost = last.to[0][1]
        part = bulletins.bounce(letters.write(last), lost=lost, reporter=leg.sender.address)
        message_id = letters.message_id("outlook", leg.sender.address.rpartition("@")[2], f"{self._key}/bounce")
        raw = part.as_bytes(
            (
                mime.people("From", [(leg.sender.name, leg.sender.address)]),
                mime.people("To", _mailtos(leg.to)),
                ("Subject", "Undelivered Mail Returned to Sender"),
                ("Date", format_datetime(date)),
                ("Message-ID", f"<{message_id}>"),
                mime.ids("In-Reply-To", [last.message_id]),
                ("Auto-Submitted", "auto-replied"),
                ("MIME-Version", "1.0"),
            )
        )
        return Sent(leg, date, message_id, raw, raw)

    def _oddity(self, leg: Leg, is_last: bool) -> str:
        if leg.turn.ours or self._plan.kind != "contact" or self._dice.random() >= _ODD_SHARE:
            return ""
        # What cites a message without an id would cite nothing.
        if is_last and self._dice.random() < 0.4:
            return "no-message-id"
        return self._dice.choice([odd for odd in ODDITIES if odd != "no-message-id"])


def tell(plan: Plan, table: list[tuple[Leg, datetime]], key: str, dice: Random) -> Iterator[Sent]:
    """The messages of a conversation at their times, each written when it is asked for."""
    if not table:
        return
    teller = Teller(plan, table[0][1], key, dice)
    for number, (leg, date) in enumerate(table, start=1):
        yield teller.tell(leg, date, is_last=number == len(table))


def _mailtos(people: tuple[Person, ...]) -> tuple[mime.Mailto, ...]:
    return tuple((each.name, each.address) for each in people)
