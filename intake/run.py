"""The one way in, for a page of messages from anywhere: match, exclude, fetch, parse, store (DESIGN.md section 3).

What is read, in this order, each time no more than the rules still need: what is known of a message already; its
headers; its body, only of messages that will be stored and are not here yet. What turns out not to concern a
contact is dropped where it stands: neither its words nor its original are written anywhere.

No transaction is open while a source is asked (E1). The page is stored in one, with the decisions about all its
messages and, by `Order.settle`, with the caller's cursor (E2); in that transaction it is decided once more, for a
contact or an exclusion may have come since. What wants a body only then goes round again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol

from django.utils import timezone

from crm.lib.tenancy import ScopeError, current_tenant_id, tenant_scope
from emails import originals
from intake import knowledge
from intake.decide import Terms, Want, decide
from intake.match import addresses_of
from intake.page import Failure, Item, Knowledge, Plan
from intake.reading import TOO_LARGE, with_headers, with_raw, without_body
from intake.store import store
from intake.verdict import Outcome
from intake.withdrawing import withdraw
from providers.base import Kind, Missing, OutOfBudget, Place, ProviderError, Raw, Recovery, Seen, Unfetched

#: How often a page goes round because contacts or exclusions changed while it was being read.
ROUNDS: Final = 4
#: Bytes of messages that are held at once, whatever a page has: what is over goes in the next bite.
BITE: Final = 16 * 2**20
NO_ANSWER: Final = Failure("no-answer", "The source gave no answer for this message.")
#: Errors that are the mailbox's, though one message met them.
_OF_MAILBOX: Final = frozenset({Kind.ACCOUNT, Kind.DISABLED, Kind.INBOX})
#: Answers that mean "later", and no answer at all: 403 is Gmail's way to say that a quota is used up.
_OF_TIME: Final = frozenset({0, 401, 403, 429, 503, 509})
#: What a page cannot be stored without.
_UNREAD: Final = frozenset({Want.HEADERS, Want.BODY})
#: Outcomes that leave a sighting.
_SIGHTED: Final = frozenset({Outcome.STORED, Outcome.DUPLICATE})


class Source(Protocol):
    """Who has the messages: a provider, a folder of files. Both methods are called outside of every scope."""

    def headers(self, ids: Sequence[str]) -> Iterator[Seen | Missing | Unfetched]:
        """Each message with its headers and place, in any order. May raise `ProviderError`."""
        ...

    def raw(self, ids: Sequence[str]) -> Iterator[Raw | Missing | Unfetched]:
        """Each message whole, in any order; too large a one: `Unfetched` with code ``too-large``."""
        ...


@dataclass(frozen=True)
class Outcomes:
    """What became of a page: the numbers add up to ``seen``, the distinct messages in it.

    ``known`` were decided before and left alone; ``waiting`` have no decision because of ``held_up``, for which the
    caller must not move its cursor. ``reasons`` counts the skipped and failed by reason. ``sighted`` are the keys whose
    email is in the database with this very sighting, new or not: what a label may be put on.
    """

    seen: int = 0
    stored: int = 0
    duplicates: int = 0
    skipped: int = 0
    failed: int = 0
    tombstones: int = 0
    known: int = 0
    waiting: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    held_up: ProviderError | None = None
    sighted: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        parts = (self.stored, self.duplicates, self.skipped, self.failed, self.tombstones, self.known, self.waiting)
        if sum(parts) != self.seen:
            raise ValueError(f"Of {self.seen} messages {sum(parts)} have an outcome.")
        if sum(self.reasons.values()) != self.skipped + self.failed:
            raise ValueError("Not every message that was skipped or failed has a reason.")


@dataclass(frozen=True)
class Order:
    """For whom a page is taken in, and on what terms."""

    tenant_id: int
    door_id: int
    #: Mail received before is skipped (R21); None takes all.
    since: datetime | None
    #: Called inside the storing transaction, last (E2): the caller moves its cursor and counters there. Raising rolls
    #: the page back.
    settle: Callable[[Outcomes], None]
    #: Also decide anew what was skipped by the rules, and complete the links of what was stored (R6, E5).
    again: bool = False
    #: Also decide anew what was skipped because nobody had the address: what a search that lagged behind has missed.
    missed: bool = False
    #: When the messages were found to lie where they are said to; None where they are told as they change.
    listed_at: datetime | None = None
    #: Called now and then while bodies are fetched, outside of every scope. Raising gives the page up.
    alive: Callable[[], None] = lambda: None


def take(order: Order, items: Sequence[Seen], source: Source) -> Outcomes:
    """Takes a page of messages in: decides about each, stores what concerns contacts, and answers what became of all.

    Call it outside of every scope. A message that comes twice in a page counts once. Raises `ProviderError` when the
    source gives nothing at all, or fails for good; `intake.knowledge.ClosedTo` for a door that is not there.
    """
    _require_no_scope()
    page = _Page(order, items, source)
    for _ in range(ROUNDS):
        page.ask_headers()
        page.ask_bodies()
        # Of those that turned out too large.
        page.ask_headers()
        if page.store():
            break
    else:
        page.store(is_last=True)
    return page.outcomes


Answer = Seen | Raw | Missing | Unfetched


class _Page:
    """A page on its way: its items, and what is known beside them, replaced as they become more."""

    def __init__(self, order: Order, items: Sequence[Seen], source: Source) -> None:
        self.order = order
        self.source = source
        self.items = {seen.id: Item(seen) for seen in items}
        self.terms = Terms(order.since, order.again, order.missed, timezone.now(), order.listed_at)
        self.outcomes = Outcomes()
        self.held_up: ProviderError | None = None
        #: By message, why it is held.
        self.errors: dict[str, ProviderError] = {}
        self.has_fetched = False
        #: Set when the source itself stopped: it is not asked any more.
        self.is_over = False
        for seen in items:
            if seen.headers is not None:
                self.items[seen.id] = with_headers(Item(seen), seen)
        self.known = self._learned()

    # --- Knowing ---

    def _learned(self) -> Knowledge:
        with tenant_scope(self.order.tenant_id):
            return self._load()

    def _load(self) -> Knowledge:
        envelopes = [item.envelope for item in self.items.values() if item.envelope]
        return knowledge.load(
            self.order.door_id,
            keys=self.items.keys(),
            addresses={address for envelope in envelopes for address in addresses_of(envelope.parties)},
            fingerprints={item.fingerprint for item in self.items.values() if item.fingerprint},
            again=self.order.again,
        )

    def _decide(self, item: Item, arriving: Collection[str] = ()) -> Plan | Want:
        return decide(item, self.known, self.terms, arriving=arriving)

    # --- Asking ---

    def ask_headers(self) -> None:
        """Asks for the headers that deciding needs."""
        bare = [item for item in self.items.values() if item.envelope is None]
        asked = [item.key for item in bare if self._decide(item) is Want.HEADERS]
        if not asked:
            return
        for answer in self._answers(self.source.headers, asked):
            if isinstance(answer, Seen):
                self.items[answer.id] = with_headers(self.items[answer.id], answer)
        self.known = self._learned()

    def ask_bodies(self) -> None:
        """Asks for the bodies of what will be stored, one of each email, and reads them bite by bite."""
        chosen: dict[str, str] = {}
        for item in self.items.values():
            if self._decide(item) is Want.BODY:
                chosen.setdefault(item.fingerprint or item.key, item.key)
        bite: list[Raw] = []
        size = 0
        for answer in self._answers(self.source.raw, list(chosen.values())):
            if isinstance(answer, Raw):
                bite.append(answer)
                size += len(answer.content)
                if size >= BITE:
                    self._read(bite)
                    bite, size = [], 0
        self._read(bite)

    def _read(self, bite: Sequence[Raw]) -> None:
        """Parses messages and keeps the originals of those that will be stored; of the others nothing stays."""
        if not bite:
            return
        self.order.alive()
        for raw in bite:
            self.items[raw.seen.id] = with_raw(self.items[raw.seen.id], raw)
        # Now also of those whom only the messages themselves name.
        self.known = self._learned()
        kept = {item.fingerprint for item in self.items.values() if item.content and item.content.original}
        for raw in bite:
            item = self.items[raw.seen.id]
            content = item.content
            if content is not None and self._is_stored(item) and item.fingerprint not in kept:
                kept.add(item.fingerprint)
                original = originals.keep(raw.content, tenant_id=self.order.tenant_id)
                self.items[item.key] = replace(item, content=replace(content, original=original))
            else:
                self.items[item.key] = replace(item, content=None)

    def _is_stored(self, item: Item) -> bool:
        plan = self._decide(item)
        return isinstance(plan, Plan) and plan.outcome is Outcome.STORED

    def _answers(self, ask: Callable[[Sequence[str]], Iterator[Answer]], asked: Sequence[str]) -> Iterator[Answer]:
        """The answers to what was asked; what says that there is no message is noted, and who got no answer."""
        waiting = dict.fromkeys(asked)
        try:
            for answer in ask(asked) if asked and not self.is_over else ():
                key = answer.seen.id if isinstance(answer, Raw) else answer.id
                if key in waiting:
                    del waiting[key]
                    self._note(key, answer)
                    yield answer
        except ProviderError as error:
            if error.recovery is Recovery.PERMANENT or not (self.has_fetched or isinstance(error, OutOfBudget)):
                raise
            self._hold(error)
            self.is_over = True
        self._note_unanswered(waiting)
        self._quarantine(asked)

    def _note_unanswered(self, keys: Iterable[str]) -> None:
        """They wait where nothing more is asked; where the provider passed them over, that is a failure of theirs."""
        for key in keys:
            item = self.items[key]
            self.items[key] = replace(item, is_held=True) if self.is_over else replace(item, failure=NO_ANSWER)

    def _quarantine(self, asked: Sequence[str]) -> None:
        """One message that fails by itself, beside others that come, does not hold the mailbox up (E7)."""
        held = {key: self.errors[key] for key in asked if key in self.errors}
        if len(held) == len(asked) or any(_concerns_all(error) for error in held.values()):
            return
        for key, error in held.items():
            failure = Failure(error.code or error.kind.name.lower(), error.detail)
            self.items[key] = replace(self.items[key], is_held=False, failure=failure)
            del self.errors[key]
        if held and not self.is_over:
            self.held_up = next(iter(self.errors.values()), None)

    def _note(self, key: str, answer: Answer) -> None:
        item = self.items[key]
        if isinstance(answer, Missing):
            self.items[key] = replace(item, is_missing=True)
        elif not isinstance(answer, Unfetched):
            self.has_fetched = True
        elif answer.error.recovery is Recovery.TRANSIENT or answer.error.kind in _OF_MAILBOX:
            self._hold(answer.error)
            self.errors[key] = answer.error
            self.items[key] = replace(item, is_held=True)
        elif answer.error.code == TOO_LARGE and not item.is_bodyless:
            self.items[key] = without_body(item)
        else:
            code = answer.error.code or answer.error.kind.name.lower()
            self.items[key] = replace(item, failure=Failure(code, answer.error.detail))

    def _hold(self, error: ProviderError) -> None:
        """Keeps why messages have to wait; what a person must mend rather than what time does."""
        if self.held_up is None or error.recovery is Recovery.PERMANENT:
            self.held_up = error

    # --- Storing ---

    def store(self, *, is_last: bool = False) -> bool:
        """Decides once more and stores the page, all of it; False, and nothing stored, if something is wanted yet.

        ``is_last`` stores it all the same, and lets what is wanted wait for the next time.
        """
        with tenant_scope(self.order.tenant_id):
            if any(item.seen.place is Place.NEVER for item in self.items.values()):
                # It may take emails away, which no other page may link meanwhile.
                knowledge.take_turn()
            else:
                knowledge.share_turn(self.order.door_id)
            self.known = self._load()
            decided = self._decided()
            if not _UNREAD.isdisjoint(decided.values()):
                if not is_last:
                    return False
                self._hold(ProviderError(Kind.UNKNOWN, Recovery.TRANSIENT, "Contacts changed while mail was read."))
                decided = {key: Want.TIME if found in _UNREAD else found for key, found in decided.items()}
            plans = [plan for plan in decided.values() if isinstance(plan, Plan)]
            copies = {plan.item.key: plan.withdrawn for plan in plans if plan.withdrawn}
            unneeded = withdraw(self.order.door_id, copies, self.terms.now) if copies else []
            results = store(self.order.door_id, plans, own=self.known.exclusions.own, now=self.terms.now)
            self.outcomes = self._counted(decided, results)
            self.order.settle(self.outcomes)
        for original in unneeded:
            originals.forget(original, tenant_id=self.order.tenant_id)
        return True

    def _decided(self) -> dict[str, Plan | Want]:
        decided = {key: self._decide(item) for key, item in self.items.items()}
        plans = [plan for plan in decided.values() if isinstance(plan, Plan)]
        arriving = {plan.item.fingerprint for plan in plans if plan.outcome is Outcome.STORED}
        return {
            key: self._decide(self.items[key], arriving) if found is Want.BODY else found
            for key, found in decided.items()
        }

    def _counted(self, decided: Mapping[str, Plan | Want], results: Mapping[str, Outcome]) -> Outcomes:
        count = Counter(results.values())
        wants = Counter(want for want in decided.values() if isinstance(want, Want))
        return Outcomes(
            seen=len(decided),
            stored=count[Outcome.STORED],
            duplicates=count[Outcome.DUPLICATE],
            skipped=count[Outcome.SKIPPED],
            failed=count[Outcome.FAILED],
            tombstones=count[Outcome.TOMBSTONE],
            known=count[Outcome.KNOWN] + wants[Want.NOTHING],
            waiting=wants[Want.TIME],
            reasons=Counter(str(plan.reason) for plan in decided.values() if isinstance(plan, Plan) and plan.reason),
            held_up=self.held_up,
            sighted=tuple(key for key, outcome in results.items() if outcome in _SIGHTED),
        )


def _concerns_all(error: ProviderError) -> bool:
    """Whether a message was refused for want of time or rights, and not because of itself."""
    return error.kind in _OF_MAILBOX or error.status in _OF_TIME or isinstance(error, OutOfBudget)


def _require_no_scope() -> None:
    try:
        tenant_id = current_tenant_id()
    except ScopeError:
        return
    raise ScopeError(f"Mail is taken in outside of every scope, and that of tenant {tenant_id} is open (E1).")
