"""What happens when a message or a source fails: nothing lost, nothing stopped (E7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.lib.tenancy import tenant_scope
from emails import originals
from emails.models import Decision
from intake.decide import RETRIES
from intake.run import Outcomes
from providers.base import Kind, Missing, OutOfBudget, ProviderError, Recovery
from tests.intake.conftest import Box, Office, headers_of, message

LATER = ProviderError(Kind.API, Recovery.TRANSIENT, "Try again.", status=503)
BAD = ProviderError(Kind.API, Recovery.PERMANENT, "This message is damaged.", status=400, code="bad-item")
TOO_LARGE = ProviderError(Kind.API, Recovery.PERMANENT, "Larger than 50 MB.", code="too-large")
LOGGED_OUT = ProviderError(Kind.ACCOUNT, Recovery.PERMANENT, "The log-in ended.", code="invalid_grant")


@pytest.fixture
def full(office: Office, box: Box) -> Box:
    """Three messages of Carla, who is a contact."""
    office.contact("Carla", "carla@contoso.example")
    for number, key in enumerate("abc"):
        content = message(number)
        box.add(key, content, headers=headers_of(content))
    return box


def test_what_could_be_had_is_stored_when_the_budget_ends(office: Office, full: Box) -> None:
    """E6: the rest has no decision, and the caller hears why."""
    full.stops["b"] = OutOfBudget(7)
    heard: list[Outcomes] = []
    outcomes = office.take(full, settle=heard.append)
    assert heard == [outcomes]
    assert (outcomes.stored, outcomes.waiting) == (1, 2)
    assert outcomes.held_up is full.stops["b"]
    assert office.decisions() == {"a": "stored"}
    full.stops.clear()
    full.asked.clear()
    assert office.take(full).stored == 2
    assert full.asked_for("raw") == ["b", "c"]


def test_what_needs_no_body_is_decided_even_without_any_budget(office: Office, full: Box) -> None:
    full.stops["a"] = OutOfBudget(7)
    content = message(9, sender="sam@stranger.example")
    full.add("z", content, headers=headers_of(content))
    outcomes = office.take(full)
    assert (outcomes.skipped, outcomes.waiting) == (1, 3)


def test_a_source_that_gives_nothing_at_all_is_the_callers_trouble(office: Office, full: Box) -> None:
    full.stops["a"] = LATER
    with pytest.raises(ProviderError, match="Try again"):
        office.take(full)
    assert office.decisions() == {}


def test_a_source_that_fails_for_good_is_the_callers_trouble(office: Office, full: Box) -> None:
    """E10"""
    full.stops["b"] = LOGGED_OUT
    with pytest.raises(ProviderError, match="log-in ended"):
        office.take(full)
    assert office.decisions() == {}


def test_one_message_that_has_to_wait_does_not_keep_the_others(office: Office, full: Box) -> None:
    full.trouble["b"] = LATER
    outcomes = office.take(full)
    assert (outcomes.stored, outcomes.waiting, outcomes.held_up) == (2, 1, LATER)


def test_a_log_in_that_ends_in_the_middle_is_not_the_messages_failure(office: Office, full: Box) -> None:
    """E10: as a part of a batch says it."""
    full.trouble["b"] = LOGGED_OUT
    full.trouble["a"] = LATER
    outcomes = office.take(full)
    assert (outcomes.stored, outcomes.waiting, outcomes.held_up) == (1, 2, LOGGED_OUT)


def test_a_message_that_cannot_be_had_is_tried_again_less_and_less_often(office: Office, full: Box) -> None:
    full.trouble["b"] = BAD
    waits: list[timedelta | None] = []
    for attempt in range(1, 7):
        before = timezone.now()
        outcomes = office.take(full)
        assert outcomes.reasons == {"bad-item": 1}
        with tenant_scope(office.northwind.tenant.pk):
            decision = Decision.objects.get(key="b")
        assert (decision.attempts, decision.detail) == (attempt, "This message is damaged.")
        waits.append(decision.next_attempt_at - before if decision.next_attempt_at else None)
    assert [wait and timedelta(hours=round(wait / timedelta(hours=1))) for wait in waits] == [*RETRIES, None, None]
    full.trouble.clear()
    assert office.take(full).stored == 1
    assert office.decisions()["b"] == "stored"


def test_a_failed_message_that_is_gone_is_not_tried_for_ever(office: Office, full: Box) -> None:
    full.trouble["b"] = BAD
    office.take(full)
    full.trouble["b"] = Missing("b")
    office.take(full)
    assert office.decisions()["b"] == "skipped:gone"


@pytest.mark.parametrize("known", [True, False])
def test_of_a_message_too_large_to_be_fetched_the_headers_are_stored(office: Office, box: Box, known: bool) -> None:
    carla = office.contact("Carla", "carla@contoso.example")
    content = message(1)
    box.add("a", content, size=60_000_000, headers=headers_of(content) if known else None, concerns=not known)
    box.bodiless["a"] = TOO_LARGE
    office.take(box)
    assert office.timeline(carla) == ["Offer 1"]
    [email] = office.emails()
    assert (email.problem, email.original, email.text, email.size) == ("too-large", "", "", 60_000_000)


def test_a_large_message_of_no_contact_is_not_stored_either(office: Office, box: Box) -> None:
    box.add("a", message(1), concerns=True)
    box.bodiless["a"] = TOO_LARGE
    office.take(box)
    assert office.decisions() == {"a": "skipped:no-contact"}


def test_a_customers_message_that_cannot_be_read_is_stored_with_its_headers(office: Office, box: Box) -> None:
    """Nothing is missing because it is broken: the provider's headers say whose it is, the original is kept."""
    carla = office.contact("Carla", "carla@contoso.example")
    box.add("a", b"\r\n", headers=headers_of(message(1)))
    office.take(box)
    assert office.timeline(carla) == ["Offer 1"]
    [email] = office.emails()
    assert email.problem == "empty"
    assert originals.read(email.original, tenant_id=email.tenant_id) == b"\r\n"


def test_of_what_has_not_even_headers_the_failure_is_decided(office: Office, box: Box) -> None:
    box.add("a", b"", concerns=True)
    outcomes = office.take(box)
    assert (outcomes.failed, outcomes.reasons) == (1, {"empty": 1})
    assert office.decisions() == {"a": "failed:empty"}


def test_the_second_copy_stands_in_where_the_first_cannot_be_had(office: Office, box: Box) -> None:
    carla = office.contact("Carla", "carla@contoso.example")
    for key in "ab":
        box.add(key, message(1), headers=headers_of(message(1)))
    box.trouble["a"] = BAD
    outcomes = office.take(box)
    assert (outcomes.stored, outcomes.failed) == (1, 1)
    assert office.timeline(carla) == ["Offer 1"]


def test_a_source_that_says_nothing_of_a_message_does_not_stop_the_others(office: Office, full: Box) -> None:
    silent = full.raw
    full.raw = lambda ids: (raw for raw in silent(ids) if raw.seen.id != "b")  # type: ignore[method-assign,union-attr]
    outcomes = office.take(full)
    assert (outcomes.stored, outcomes.reasons) == (2, {"no-answer": 1})
