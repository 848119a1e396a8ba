"""Reads the demo's people and notes; the texts beside this file say how they are laid out. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from accounts.models import Role
from contacts.data import ContactData

PASSWORD = "postroom-demo"  # noqa: S105  # Everybody may know it: the loader refuses to run in production.
NOBODY = "nobody"


@dataclass(frozen=True)
class Colleague:
    """Somebody of the cast who logs in."""

    key: str
    name: str
    email: str
    role: Role


@dataclass(frozen=True)
class Account:
    """A tenant of the demo: its people, the owner first, and the colours of its tags."""

    name: str
    team: tuple[Colleague, ...]
    timezone: str
    colours: dict[str, str]


@dataclass(frozen=True)
class DemoContact:
    """A contact, and the key of the colleague who owns it."""

    data: ContactData
    owner: str


@dataclass(frozen=True)
class DemoNote:
    """A note on the contact with this address, so many days old."""

    address: str
    days_ago: int
    author: str
    text: str


NORTHWIND = Account(
    "Northwind",
    (
        Colleague("alice", "Alice Lindqvist", "alice@northwind.example", Role.OWNER),
        Colleague("ada", "Ada Okafor", "ada@northwind.example", Role.ADMIN),
        Colleague("bob", "Bob Marsh", "bob@northwind.example", Role.MEMBER),
    ),
    "Europe/London",
    {
        "key account": "blue",
        "trial": "violet",
        "no reply yet": "amber",
        "supplier": "grey",
        "wholesale": "green",
        "hospitality": "green",
        "public sector": "green",
        "architect": "green",
        "press": "red",
    },
)
GLOBEX = Account(
    "Globex",
    (Colleague("charlie", "Charlie Duarte", "charlie@globex.example", Role.OWNER),),
    "Europe/Lisbon",
    {"customer": "blue", "supplier": "grey", "carrier": "green", "renewal": "amber"},
)
ACCOUNTS = (NORTHWIND, GLOBEX)


def contacts_of(account: Account) -> list[DemoContact]:
    """The account's contacts, in the order of the text."""
    return list(_read_contacts(_lines(account.name.lower())))


def notes() -> list[DemoNote]:
    """Northwind's notes."""
    found: list[DemoNote] = []
    address = ""
    for line in _lines("notes"):
        if not line.startswith(" "):
            address = line
            continue
        days, author, text = (cell.strip() for cell in line.split("|"))
        found.append(DemoNote(address, int(days), author, text.replace(" // ", "\n")))
    return found


def _lines(name: str) -> Iterator[str]:
    text = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _read_contacts(lines: Iterator[str]) -> Iterator[DemoContact]:
    company = DemoContact(ContactData(), NOBODY)
    domain = telephone = ""
    number = 0
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")]
        if line.startswith(" "):
            yield _person(cells, company, domain, telephone.replace("#", f"{number:02}"))
            number += 1
        else:
            name, domain, telephone, tags, owner = cells
            data = ContactData(company=name.strip("-"), tags=_words(tags), is_private=owner.endswith("!"))
            company, number = DemoContact(data, owner.rstrip("!")), 0


def _person(cells: list[str], company: DemoContact, domain: str, telephone: str) -> DemoContact:
    first, last, addresses, title, tags, owner = (*cells, "", "")[:6]
    data = replace(
        company.data,
        first_name=first,
        last_name=last,
        title=title,
        emails=tuple(word if "@" in word else f"{word}@{domain}" for word in _words(addresses)),
        phones=(telephone,),
        tags=(*(company.data.tags or ()), *_words(tags)),
    )
    return DemoContact(data, owner or company.owner)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
