"""What Postroom asks of a mail provider, in the words of neither.

Each provider has the same files: ``types`` (the replies as TypedDicts, with their vendor pages), ``client`` (HTTP,
quota and errors), ``parse`` (replies to the values below; pure), ``provider`` (the protocol) and ``oauth`` (its
log-in). A provider keeps no state but its tokens: whatever a walk must remember stands in the cursors and tokens that
it answers, opaque to everybody else, so that any worker can go on where another was killed (E1, E2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

#: Larger messages are never fetched (DESIGN.md section 3).
LARGEST = 50 * 2**20


class Kind(StrEnum):
    """The six kinds of errors that people are told (R40), in exactly these words."""

    CODE = "Code error"
    API = "Email API error"
    INBOX = "Inbox not found"
    ACCOUNT = "Email account not found"
    DISABLED = "2-way Sync disabled"
    UNKNOWN = "Unknown error"


class Recovery(StrEnum):
    """What has to happen before it can go on: time must pass, or a person must act (E7)."""

    TRANSIENT = "transient"
    PERMANENT = "permanent"


class ProviderError(Exception):
    """A call failed. ``retry_after`` is in seconds where the provider named a time, or pacing knows one.

    ``status`` is HTTP's (0 where there was no answer), ``code`` the provider's own word for it, ``request_id`` what
    its support asks for. ``str`` of it is safe to log and to show: no token, no address of a message, no body.
    """

    def __init__(
        self,
        kind: Kind,
        recovery: Recovery,
        detail: str,
        *,
        status: int = 0,
        code: str = "",
        retry_after: float | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.recovery = recovery
        self.detail = detail
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.request_id = request_id

    @property
    def needs_reconnect(self) -> bool:
        """Only the mailbox's owner can mend it, by logging in again (E10)."""
        return self.kind is Kind.ACCOUNT and self.recovery is Recovery.PERMANENT


class OutOfBudget(ProviderError):
    """Our own pacing says: not now (E6). Nothing was asked; ``retry_after`` is when there will be room."""

    def __init__(self, retry_after: float) -> None:
        detail = "The mailbox's budget is used up for the moment."
        super().__init__(Kind.API, Recovery.TRANSIENT, detail, code="paced", retry_after=retry_after)


#: Takes so many units of the mailbox's budget before a call, or raises `OutOfBudget`.
Pace = Callable[[int], None]
#: Keeps a renewed grant: called before the new token is used, so that a killed worker loses none.
Save = Callable[[str], None]


class Right(StrEnum):
    """What a person can allow us; each provider knows by which scopes."""

    READ = "read"
    SEND = "send"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Started:
    """A log-in under way: send the browser to ``url``, keep ``state`` in its session for `Login.finish`."""

    url: str
    state: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Granted:
    """A log-in that succeeded: the grant (secret, opaque), whose it is, and what was really allowed.

    ``address`` is normalised to lower case; ``rights`` may be fewer than were asked for: people untick scopes.
    """

    grant: str
    address: str
    name: str
    rights: frozenset[Right]


class LoginRefused(Exception):
    """The log-in ended without a grant; the text says why and what to do, for the reader.

    ``was_declined`` where the person themselves said no.
    """

    def __init__(self, detail: str, *, was_declined: bool = False) -> None:
        super().__init__(detail)
        self.was_declined = was_declined


class Login(Protocol):
    """A provider's OAuth, with PKCE and a state bound to the session (S4)."""

    def start(self, *, redirect_uri: str, rights: frozenset[Right], hint: str = "") -> Started:
        """Begins; ``hint`` is the address that the log-in page shall suggest. May talk to the network."""
        ...

    def finish(self, *, state: Mapping[str, object], answer: Mapping[str, str]) -> Granted:
        """Exchanges what came back with the browser. Raises `LoginRefused`, `ProviderError`."""
        ...

    def revoke(self, grant: str) -> None:
        """Ends a grant where the provider can; no error for one that ended already."""
        ...


class Place(StrEnum):
    """Where a message lies, as far as R20 cares; wherever it lies, ``NEVER`` where its owner has put that label on."""

    MAIL = "mail"
    NEVER = "never"
    DRAFT = "draft"
    SPAM = "spam"
    TRASH = "trash"
    CHAT = "chat"


#: Header fields by name, unfolded, in their order: From, To, Cc, Bcc, Subject, Date, Message-ID, In-Reply-To,
#: References as far as there are such, and what says that a program wrote to many where the provider tells. A provider
#: that has them in another form writes them in RFC 5322's.
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One message of a mailbox, by what is known of it without its body.

    ``headers`` and ``received_at`` are None where they must be asked for (`Provider.headers`). ``concerns`` says that
    the provider itself found the message by a party's address, so that asking for its headers first is a waste.
    ``size`` is in bytes, 0 where unknown. ``labels`` are Gmail's label ids, or Graph's folder id and categories.
    """

    id: str
    thread_id: str = ""
    place: Place = Place.MAIL
    labels: tuple[str, ...] = ()
    received_at: datetime | None = None
    size: int = 0
    headers: Headers | None = None
    concerns: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """The message is no longer there: not an error, people delete mail."""

    id: str


@dataclass(frozen=True, slots=True)
class Raw:
    """A message's RFC 5322 bytes, with what the provider says of it beside them."""

    seen: Seen
    content: bytes


@dataclass(frozen=True, slots=True)
class Unfetched:
    """One message of several that could not be had: the others are not concerned."""

    id: str
    error: ProviderError


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of what happened in a mailbox since a cursor, and the cursor after it.

    ``items`` are messages that came or moved so that R20 may think otherwise of them, or that got or lost the label
    that keeps them out (`Place.NEVER`); a message may come again.
    ``more`` says that the next page can be had at once. ``recovered`` that the provider had forgotten the cursor
    and this page re-reads from the last good day (E8).
    """

    items: tuple[Seen, ...]
    cursor: str
    more: bool
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A step of taking a first cursor. Call `Provider.begin` with it until ``done``; then it is one for `changes`."""

    cursor: str
    done: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Which messages a walk through the past wants: received from ``since`` (None: ever) until ``until``, both aware.

    ``addresses`` are those of contacts, normalised, the same at every page of one walk; a message that names none of
    them is not wanted. ``excluded`` are addresses and domains (``@example.com``, subdomains included), or None where
    they are too many to be named: mail from them is private, so it must not be marked ``concerns``. They may change
    between two pages of a walk, and nothing else is missed for that. The same goes for mail with the label that keeps
    it out.
    """

    addresses: Sequence[str]
    since: datetime | None
    until: datetime
    excluded: Sequence[str] | None = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a walk, newest first as far as the provider can; ``token`` is None at its end.

    ``looked_at`` counts what the provider showed us for it: on Gmail the hits alone, on Graph everything in the window.
    """

    items: tuple[Seen, ...]
    token: str | None
    looked_at: int
    #: How far the walk is, from 0 to 1, as well as one can tell.
    progress: float


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose mailbox it is: its address, and all others that reach it or that it may send as; all lower case."""

    address: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """A subscription to pushes: its id (empty where the provider has one a mailbox), and when it ends."""

    id: str
    expires_at: datetime


class Provider(Protocol):
    """One mailbox. Every method may raise `ProviderError`; none sleeps, none repeats a call but after a new token.

    It is opened with the name of the label (Gmail) or category (Outlook) by which people keep a message out: what
    carries that lies in `Place.NEVER`. Where there is no such label, nothing does.

    Make one a task, and `close` it: its connections belong to one thread.
    """

    def identity(self) -> Identity: ...

    def begin(self, cursor: str = "") -> Begun:
        """Takes a cursor at which the mailbox is now, in steps (E3)."""
        ...

    def changes(self, cursor: str, *, since: datetime) -> Changes:
        """The next page after ``cursor``; ``since`` is the last good day, to re-read from if that was forgotten."""
        ...

    def search(self, wanted: Search, token: str = "") -> Listing:
        """The next page of a walk through the past, at most some hundred messages (E4)."""
        ...

    def headers(self, ids: Sequence[str]) -> Iterator[Seen | Missing | Unfetched]:
        """Each message with its headers and place, in any order; in batches."""
        ...

    def raw(self, ids: Sequence[str]) -> Iterator[Raw | Missing | Unfetched]:
        """Each message whole, in any order; in batches. Above `LARGEST`: `Unfetched` with code ``too-large``."""
        ...

    def kept_out(self) -> Iterator[Seen]:
        """What lies in `Place.NEVER`, newest first, where nothing else tells: a label that got its name afterwards."""
        ...

    def mark(self, ids: Iterable[str], label: str) -> Iterator[str | Missing | Unfetched]:
        """Gives messages the label or category of that name, made if missing; answers the ids that have it (R42)."""
        ...

    def watch(self, *, url: str, secret: str, current: Watch | None = None) -> Watch:
        """Starts or renews pushes to ``url`` (for Gmail a Pub/Sub topic); ``secret`` is what they shall carry."""
        ...

    def unwatch(self, current: Watch) -> None:
        """Ends pushes; no error where they ended already."""
        ...

    def close(self) -> None: ...
