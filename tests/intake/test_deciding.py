"""What is decided of one message, whatever was decided before and wherever it lies now (R18 to R21)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from intake.decide import Terms, Want, decide
from intake.exclude import Exclusions
from intake.match import Candidate
from intake.page import Content, Decided, Existing, Failure, Item, Knowledge, Plan
from intake.verdict import OF_PLACE, OF_RULES, Outcome, Reason
from mailkit.message import Envelope, Party, Role
from providers.base import Place, Seen

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
ALICE, CARLA, EVE, SAM = "alice@northwind.example", "carla@contoso.example", "eve@private.example", "sam@x.example"
KEPT = {Outcome.STORED, Outcome.DUPLICATE}

moments = st.sampled_from([None, NOON - timedelta(days=1), NOON + timedelta(days=1)])
envelopes = st.sampled_from([CARLA, EVE, SAM]).map(
    lambda sender: Envelope("1@x.example", (Party(Role.FROM, sender), Party(Role.TO, ALICE)))
)
items = st.builds(
    Item,
    seen=st.builds(Seen, st.just("a"), place=st.sampled_from(Place), received_at=moments, concerns=st.booleans()),
    envelope=st.none() | envelopes,
    fingerprint=st.just("f"),
    content=st.none() | st.just(Content(1)),
    failure=st.none() | st.none() | st.just(Failure("bad", "Bad.")),
    is_missing=st.booleans(),
    is_held=st.booleans(),
)
reasons = st.sampled_from([reason.value for reason in Reason])
priors = st.builds(
    Decided,
    outcome=st.sampled_from([outcome for outcome in Outcome if outcome is not Outcome.KNOWN]),
    reason=reasons,
    attempts=st.integers(1, 6),
    received_at=moments,
    email_id=st.just(7),
    decided_at=st.sampled_from([NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)]),
)
emails = st.builds(
    Existing,
    id=st.just(7),
    sent_at=st.just(NOON),
    is_deleted=st.booleans(),
    by_crm=st.booleans(),
    holders=st.sampled_from([frozenset[int](), frozenset({10})]),
    parties=envelopes.map(lambda envelope: envelope.parties),
)
terms = st.builds(
    Terms,
    since=st.sampled_from([None, NOON]),
    again=st.booleans(),
    missed=st.booleans(),
    now=st.just(NOON),
    listed_at=st.sampled_from([None, NOON]),
)


def known(prior: Decided | None, email: Existing | None) -> Knowledge:
    return Knowledge(
        viewer=1,
        first_only=True,
        exclusions=Exclusions(own={ALICE}, excluded={EVE}),
        candidates={CARLA: [Candidate(10, NOON)], EVE: [Candidate(11, NOON)]},
        decisions={"a": prior} if prior else {},
        emails={"f": email} if email else {},
        relinked={7: email} if email else {},
    )


@given(items, priors, st.none() | emails, terms)
def test_what_is_stored_stays_whatever_happens_in_the_mailbox(
    item: Item, prior: Decided, email: Existing | None, terms: Terms
) -> None:
    """R19: a later sighting at most completes links, and only where that is asked for; of a deleted email, never."""
    if prior.outcome not in KEPT or item.seen.place is Place.NEVER:
        return
    found = decide(item, known(prior, email), terms)
    if isinstance(found, Plan):
        assert found.outcome is Outcome.KNOWN
        assert terms.again
        assert email is not None
        assert not email.is_deleted
    else:
        assert found is Want.NOTHING


@given(items, priors, st.none() | emails, terms)
def test_only_the_label_that_keeps_mail_out_takes_it_away(
    item: Item, prior: Decided, email: Existing | None, terms: Terms
) -> None:
    """Unless somebody has decided by the label since the messages were listed."""
    if prior.outcome not in KEPT or item.seen.place is not Place.NEVER:
        return
    found = decide(item, known(prior, email), terms)
    if is_overtaken(prior, terms):
        assert not isinstance(found, Plan) or found.outcome is Outcome.KNOWN
    else:
        assert isinstance(found, Plan)
        assert (found.outcome, found.reason, found.withdrawn) == (Outcome.SKIPPED, Reason.NEVER, 7)


def is_overtaken(prior: Decided, terms: Terms) -> bool:
    return bool(terms.listed_at and prior.decided_at and prior.decided_at >= terms.listed_at)


@given(items, st.none() | priors, emails, terms)
def test_what_a_user_deleted_is_never_stored_again(
    item: Item, prior: Decided | None, email: Existing, terms: Terms
) -> None:
    """R18"""
    found = decide(item, known(prior, email), terms)
    if email.is_deleted and isinstance(found, Plan):
        assert found.outcome in {Outcome.TOMBSTONE, Outcome.SKIPPED, Outcome.FAILED}
    assert found is not Want.BODY or item.envelope is None


@given(items, st.none() | priors, st.none() | emails, terms)
def test_what_lies_outside_of_the_mail_or_before_since_is_neither_read_nor_stored(
    item: Item, prior: Decided | None, email: Existing | None, terms: Terms
) -> None:
    """R20, R21"""
    found = decide(item, known(prior, email), terms)
    received_at = item.seen.received_at
    is_before = terms.since is not None and received_at is not None and received_at < terms.since
    if item.seen.place is Place.MAIL and not item.is_missing and not is_before:
        return
    assert found is Want.NOTHING or isinstance(found, Plan)
    if isinstance(found, Plan):
        assert found.outcome in {Outcome.SKIPPED, Outcome.KNOWN}


@given(items, priors, terms)
def test_a_decision_by_the_rules_stands_until_somebody_asks_again(item: Item, prior: Decided, terms: Terms) -> None:
    if prior.outcome is Outcome.SKIPPED and prior.reason in OF_RULES and not (terms.again or terms.missed):
        assert decide(item, known(prior, None), terms) is Want.NOTHING


@given(items, priors, terms)
def test_what_moves_into_the_mail_is_judged_as_if_it_were_new(item: Item, prior: Decided, terms: Terms) -> None:
    """R20"""
    is_there = item.seen.place is Place.MAIL and not item.is_missing
    is_stale = prior.reason == Reason.NEVER and is_overtaken(prior, terms)
    if is_there and prior.outcome is Outcome.SKIPPED and prior.reason in OF_PLACE and not is_stale:
        assert decide(item, known(prior, None), terms) == decide(item, known(None, None), terms)


@given(items, terms)
def test_a_new_message_is_stored_exactly_if_it_is_a_contacts_that_is_not_excluded(item: Item, terms: Terms) -> None:
    found = decide(item, known(None, None), terms)
    if isinstance(found, Plan) and found.outcome is Outcome.STORED:
        assert item.envelope is not None
        assert item.envelope.sender is not None
        assert (item.envelope.sender.address, found.contacts) == (CARLA, (10,))
