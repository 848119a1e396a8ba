"""What pages and the API show of a member's mailboxes: readers, and the plain words for what they read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.humanize.templatetags.humanize import intcomma, naturaltime
from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import Duplicates, Membership
from contacts import queries as contacts
from contacts.models import Address, Contact
from crm.lib import product
from emails.models import Decision, Door
from emails.queries.sharing import DoorSharing, doors_of
from emailsync import queries
from emailsync.models import Mailbox, Run
from providers.base import Kind, Right

State = Mailbox.State
#: Of each kind of error, what its reader can do (R40).
REMEDIES: Mapping[str, str] = {
    Kind.CODE: "This is our mistake and not yours. It is logged, and Postroom tries again by itself.",
    Kind.API: "Nothing needs to be done: Postroom tries again by itself.",
    Kind.INBOX: "Ask whoever looks after your mail whether the mailbox still has a licence. Postroom looks every day.",
    Kind.ACCOUNT: "Reconnect: log in once more, and it goes on where it was.",
    Kind.DISABLED: "Reconnect, and allow all that is asked for.",
    Kind.UNKNOWN: "Postroom tries again by itself. Tell your administrator if it does not pass.",
}
RIGHT_REMEDY = "Ask the owner or an admin of the account. It goes on by itself when you have the right again."
#: Contacts that a preview names; the others are counted.
NAMED = 50
#: How far back a status counts (R39).
COUNTED = timedelta(days=30)


# --- Cards ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """A mailbox with the newest of its two walks that people wait for."""

    mailbox: Mailbox
    history: Run | None = None
    preview: Run | None = None

    @property
    def is_waiting(self) -> bool:
        return self.mailbox.state == State.WAITING

    @property
    def is_full(self) -> bool:
        return self.mailbox.mode == Mailbox.Mode.FULL

    @property
    def is_walking(self) -> bool:
        """Whether its history is still being read."""
        return self.history is not None and self.history.state == Run.State.RUNNING

    @property
    def needs_reconnect(self) -> bool:
        """Whether a new log-in would mend it."""
        mailbox = self.mailbox
        return mailbox.state == State.RECONNECT or (
            mailbox.state == State.DISABLED and mailbox.problem_detail != queries.RIGHT_GONE
        )

    @property
    def may_reconnect(self) -> bool:
        """Whether a new log-in may be wanted though nothing asks for it, as to allow more."""
        return self.mailbox.state in {State.ACTIVE, State.FAILED, State.WAITING}

    @property
    def may_label(self) -> bool:
        return Right.LABEL in self.mailbox.rights

    @property
    def can_sync(self) -> bool:
        """Whether "Sync now" does something."""
        return self.is_full and self.mailbox.state in {State.ACTIVE, State.FAILED}

    @property
    def sharing(self) -> DoorSharing:
        """Who sees its emails (R37)."""
        return DoorSharing(self.mailbox.door)

    @property
    def tone(self) -> str:
        """The colour of its dot: ok, warn, bad, or none."""
        if self.mailbox.state in {State.RECONNECT, State.FAILED, State.DISABLED}:
            return "bad"
        if self.mailbox.problem:
            return "warn"
        return "" if self.is_waiting else "ok"

    @property
    def words(self) -> str:
        """Its state, in words that need no explaining."""
        mailbox = self.mailbox
        if mailbox.state != State.ACTIVE:
            return _STOPPED[State(mailbox.state)]
        if not self.is_full:
            return "Connected for sending: nothing is read"
        if mailbox.problem:
            return "Held up, and trying again"
        if mailbox.polled_at is None:
            return "Connected: about to look for the first time"
        return f"Connected: last looked {naturaltime(mailbox.polled_at)}"

    @property
    def percent(self) -> int:
        """How far the history is; never all of it before it is done."""
        return min(99, int(100 * self.history.progress)) if self.history else 0

    @property
    def progress_words(self) -> str:
        number = self.history.handled if self.history else 0
        return f"Reading history: {intcomma(number)} message{'' if number == 1 else 's'} so far"

    @property
    def history_stored(self) -> int:
        """What the history holds for contacts, a colleague's copy of it included."""
        return self.history.stored + self.history.duplicates if self.history else 0

    @property
    def label_word(self) -> str:
        return "label" if self.mailbox.provider == "gmail" else "category"

    @property
    def never(self) -> str:
        """The name of the label that keeps mail out."""
        return product.NEVER

    @property
    def remedy(self) -> str:
        if self.mailbox.problem_detail == queries.RIGHT_GONE:
            return RIGHT_REMEDY
        return REMEDIES.get(self.mailbox.problem, "")

    @property
    def marker(self) -> str:
        """Changes when more than its line of state does, so that the whole card must be drawn anew."""
        return f"{self.mailbox.state}-{int(self.is_walking)}-{int(bool(self.mailbox.problem))}"


_STOPPED: Mapping[State, str] = {
    State.WAITING: "Waiting for your go: nothing is stored yet",
    State.RECONNECT: "Log-in ended: reconnect",
    State.DISABLED: "2-way sync disabled",
    State.FAILED: "Stopped by an error",
    State.DISCONNECTED: "Disconnected",
}


def cards_of(member: Membership) -> list[Card]:
    """A member's mailboxes, oldest first. Two queries, however many there are."""
    return _cards(queries.mailboxes_of(member))


def get_card(member: Membership, mailbox_id: int) -> Card:
    """One of the member's own mailboxes, or 404."""
    return _cards([get_object_or_404(queries.mailboxes_of(member), pk=mailbox_id)])[0]


def cards_for(mailboxes: Sequence[Mailbox]) -> list[Card]:
    """The same of mailboxes that are loaded already."""
    return _cards(mailboxes)


def _cards(mailboxes: QuerySet[Mailbox] | Sequence[Mailbox]) -> list[Card]:
    rows = list(mailboxes)
    newest = (
        Run.objects.filter(mailbox__in=rows, kind__in=(Run.Kind.HISTORY, Run.Kind.PREVIEW))
        .defer("addresses", "token")
        .order_by("mailbox", "kind", "-created_at", "-id")
        .distinct("mailbox", "kind")
    )
    runs = {(run.mailbox_id, run.kind): run for run in newest} if rows else {}
    return [
        Card(row, history=runs.get((row.pk, Run.Kind.HISTORY)), preview=runs.get((row.pk, Run.Kind.PREVIEW)))
        for row in rows
    ]


@dataclass(frozen=True)
class OtherDoor:
    """Mail of a member that no connected mailbox brings: imported, captured, or of a mailbox that was disconnected."""

    sharing: DoorSharing

    @property
    def words(self) -> str:
        door = self.sharing.door
        return _DOORS.get(Door.Kind(door.kind), f"{door.get_kind_display()}, disconnected")


_DOORS: Mapping[Door.Kind, str] = {
    Door.Kind.IMPORT: "Imported from files",
    Door.Kind.CAPTURE: "Sent to your capture address",
    Door.Kind.COMPOSE: "Sent from Postroom",
}


def other_doors(member: Membership, cards: Sequence[Card]) -> list[OtherDoor]:
    """A member's doors but those of these mailboxes. One query."""
    shown = {card.mailbox.door_id for card in cards}
    return [OtherDoor(sharing) for sharing in doors_of(member) if sharing.door.pk not in shown]


# --- Previews -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """What starting would store, as far as it is counted: emails, and how many for which contacts."""

    messages: int
    contacts: int
    rows: list[tuple[Contact, int]]

    @property
    def more(self) -> int:
        """Contacts that are not named."""
        return self.contacts - len(self.rows)


def expected(member: Membership, run: Run) -> Expected:
    """The result of a preview, for the contacts that the member sees. Two queries."""
    by_address: Mapping[str, int] = run.result.get("contacts", {})
    counts = _by_contact(member, by_address)
    top = counts.most_common(NAMED)
    found = contacts.visible_contacts(member).in_bulk([pk for pk, _ in top])
    rows = [(found[pk], number) for pk, number in top if pk in found]
    return Expected(messages=run.result.get("messages", 0), contacts=len(counts), rows=rows)


def _by_contact(member: Membership, by_address: Mapping[str, int]) -> Counter[int]:
    """Each address counts for the contact that was created first, or for all that have it (R5)."""
    owners = (
        Address.objects.filter(email__in=list(by_address), contact__in=contacts.visible_contacts(member))
        .order_by("contact__created_at", "contact_id")
        .values_list("email", "contact_id")
    )
    counts: Counter[int] = Counter()
    taken: set[str] = set()
    takes_all = member.tenant.duplicates == Duplicates.ALL
    for email, contact_id in owners:
        if takes_all or email not in taken:
            taken.add(email)
            counts[contact_id] += by_address[email]
    return counts


# --- Status ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Status:
    """One mailbox's state, and the messages of the last 30 days (R39). What was skipped is none of them."""

    mailbox: Mailbox
    queued: int
    synced: int
    failed: int


def statuses_of(member: Membership) -> list[Status]:
    """One a mailbox of the member, oldest first. Two queries."""
    mailboxes = list(queries.mailboxes_of(member))
    numbers = _numbers([mailbox.door_id for mailbox in mailboxes])
    return [Status(mailbox, *numbers.get(mailbox.door_id, (0, 0, 0))) for mailbox in mailboxes]


def _numbers(door_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """Door -> queued, synced, failed."""
    outcome = Decision.Outcome
    again = Q(outcome=outcome.FAILED, next_attempt_at__isnull=False)
    found = Decision.objects.filter(door__in=door_ids, decided_at__gte=timezone.now() - COUNTED)
    rows = found.values("door_id").annotate(
        queued=Count("pk", filter=again),
        synced=Count("pk", filter=Q(outcome__in=(outcome.STORED, outcome.DUPLICATE))),
        failed=Count("pk", filter=Q(outcome=outcome.FAILED) & ~again),
    )
    return {row["door_id"]: (row["queued"], row["synced"], row["failed"]) for row in rows}
