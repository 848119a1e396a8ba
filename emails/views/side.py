"""The side column of the Email page: boxes with what is worth a look in them, saved filters, the state of syncing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from accounts.models import Membership
from contacts.models import SavedFilter
from emails.forms import ListQuery
from emails.queries import Box
from emails.queries.counting import MOST, box_counts


@dataclass(frozen=True)
class Words:
    """How a box is called and shown, and what stands in it while it is empty.

    ``counted`` says what the number beside it counts, ``key`` which key opens it.
    """

    title: str
    icon: str
    empty: str
    why: str
    counted: str = ""
    key: str = ""


BOXES: Final = {
    Box.ALL: Words(
        "All Email",
        "envelope",
        "No emails yet",
        "Connect a mailbox, and emails with your contacts are filed here and on their timelines, by themselves.",
    ),
    Box.INCOMING: Words(
        "Incoming",
        "inbox",
        "Nothing in this box",
        "Emails from your contacts appear here by themselves, from every mailbox of the team.",
        counted="today",
        key="g i",
    ),
    Box.SENT: Words(
        "Sent",
        "paper-airplane",
        "Nothing in this box",
        "What the team sends to contacts from its mailboxes appears here by itself.",
        key="g t",
    ),
    Box.TRACKED: Words(
        "Open Tracking",
        "eye",
        "Nothing is tracked yet",
        "Emails that are sent from Postroom with open tracking appear here, with when and how often they were opened.",
        counted="opened in the last 7 days",
        key="g o",
    ),
    Box.QUOTES: Words(
        "Quotes",
        "document-text",
        "No quotes yet",
        "Emails that carry a quote appear here, so that no offer is forgotten.",
        counted="with a quote",
        key="g q",
    ),
    Box.DRAFTS: Words(
        "Drafts",
        "pencil",
        "No drafts",
        "Emails that you begin to write in Postroom and have not sent wait here. Only you see them.",
        counted="not sent yet",
        key="g d",
    ),
}


@dataclass(frozen=True)
class BoxLink:
    """A box of the side column, as the page's filters lead to it."""

    box: Box
    words: Words
    url: str
    on: bool


@dataclass(frozen=True)
class BoxCount:
    """The number beside a box, and what it counts."""

    box: Box
    number: int
    counted: str

    def __str__(self) -> str:
        """``12``, ``99+``, or nothing."""
        if not self.number:
            return ""
        return f"{MOST - 1}+" if self.number >= MOST else str(self.number)


@dataclass(frozen=True)
class FootLine:
    """A line at the foot of the column. ``tone`` is ok, warn, bad, or nothing; ``detail`` says more of it."""

    text: str
    url: str
    tone: str = ""
    detail: str = ""


Foot = Callable[[Membership], Iterable[FootLine]]
_foots: list[Foot] = []


def add_foot(foot: Foot) -> None:
    """For when the apps are loaded: lines that an app above has to say, such as how syncing goes."""
    _foots.append(foot)


def foot_lines(member: Membership) -> list[FootLine]:
    """What all of them say to this member."""
    return [line for foot in _foots for line in foot(member)]


def counted_boxes(member: Membership) -> list[BoxCount]:
    """What stands beside the boxes, whatever the filters: the page asks for it once it is there."""
    counts = box_counts(member)
    return [BoxCount(box, counts.get(box, 0), words.counted) for box, words in BOXES.items()]


def side_context(member: Membership, query: ListQuery, filters: Iterable[SavedFilter]) -> dict[str, object]:
    """What ``emails/_side.html`` shows."""
    return {
        "boxes": [BoxLink(box, words, list_url(query.but(box=box)), box is query.box) for box, words in BOXES.items()],
        "saved": [(one, list_url(query.but(filter_id=one.pk)), one.pk == query.filter_id) for one in filters],
        "foot": foot_lines(member),
    }


def list_url(query: ListQuery) -> str:
    return reverse("email_list") + query.text()
