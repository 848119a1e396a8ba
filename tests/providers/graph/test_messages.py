"""Messages asked for by id: their headers in batches, and their MIME one by one."""

from __future__ import annotations

import pytest

from providers import graph
from providers.base import (
    LARGEST,
    Kind,
    Missing,
    OutOfBudget,
    Place,
    Provider,
    ProviderError,
    Raw,
    Recovery,
    Seen,
    Unfetched,
)
from tests.providers.graph.conftest import BOB, SCOPES, Outlook, subject

MESSAGES = "/graph/v1.0/me/messages/*"


def test_headers_come_with_the_place(outlook: Outlook, bob: Provider) -> None:
    places = {
        outlook.put("a"): Place.MAIL,
        outlook.put("b", folder="junkemail"): Place.SPAM,
        outlook.put("c", folder="deleteditems"): Place.TRASH,
        outlook.put("d", folder="Deleted Items/Old"): Place.TRASH,
        outlook.put("e", folder="drafts"): Place.DRAFT,
        outlook.put("f", folder="conversationhistory"): Place.CHAT,
        outlook.put("g", folder="archive"): Place.MAIL,
        outlook.put("h", folder="Projects"): Place.MAIL,
    }
    found = list(bob.headers(list(places)))
    assert {item.id: item.place for item in found if isinstance(item, Seen)} == places
    assert sorted(subject(item) for item in found if isinstance(item, Seen)) == list("abcdefgh")


def test_a_folder_made_after_the_tree_was_read_is_mail(outlook: Outlook, bob: Provider) -> None:
    list(bob.headers([outlook.put("a")]))
    (item,) = bob.headers([outlook.put("b", folder="Brand new")])
    assert isinstance(item, Seen)
    assert item.place is Place.MAIL


def test_what_is_gone_is_missing(outlook: Outlook, bob: Provider) -> None:
    names = [outlook.put(f"{number}") for number in range(5)]
    outlook.delete(names[2])
    assert [item.id for item in bob.headers(names) if isinstance(item, Missing)] == [names[2]]
    assert [item.id for item in bob.raw(names) if isinstance(item, Missing)] == [names[2]]


def test_many_are_asked_three_at_a_time(outlook: Outlook, bob: Provider) -> None:
    """Graph takes four at a time, and one is left to people who wait (PROVIDERS 2.8)."""
    outlook.act("quota", profile="graph")
    outlook.act("knobs", latency_ms=5)
    names = [outlook.put(f"{number}") for number in range(10)]
    assert all(isinstance(item, Seen) for item in bob.headers(names))
    assert max(outlook.spent) == 3
    assert {each["status"] for each in outlook.asked()} == {200}


def test_raw_is_the_message(outlook: Outlook, bob: Provider) -> None:
    name = outlook.put("Offer", Message_ID="<1@contoso.example>")
    (item,) = bob.raw([name])
    assert isinstance(item, Raw)
    assert item.seen.id == name
    assert b"Message-ID: <1@contoso.example>" in item.content
    assert item.content.endswith(b"Hello.\r\n")


def test_what_is_too_large_is_not_read_to_its_end(
    outlook: Outlook, bob: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.graph.client.LARGEST", 100_000)
    names = [outlook.put(raw=outlook.mail("x" * 300_000)), outlook.put("small")]
    large, small = bob.raw(names)
    assert isinstance(large, Unfetched)
    assert (large.error.code, large.error.recovery) == ("too-large", Recovery.PERMANENT)
    assert isinstance(small, Raw)
    assert LARGEST == 50 * 2**20


def test_one_bad_message_stops_no_other(outlook: Outlook, bob: Provider) -> None:
    """E7."""
    names = [outlook.put(f"{number}") for number in range(5)]
    outlook.act("faults", path=f"/graph/v1.0/me/messages/{names[1]}*", times=0, status=500, body={"error": {}})
    for answers in (list(bob.headers(names)), list(bob.raw(names))):
        (bad,) = [item for item in answers if isinstance(item, Unfetched)]
        assert (bad.id, bad.error.kind, bad.error.recovery) == (names[1], Kind.API, Recovery.TRANSIENT)
        assert len(answers) == 5


@pytest.mark.parametrize("cut", [-1, 10])
def test_a_cut_connection_is_one_message_s_trouble(outlook: Outlook, bob: Provider, cut: int) -> None:
    names = [outlook.put(f"{number}") for number in range(3)]
    outlook.act("faults", path=f"/graph/v1.0/me/messages/{names[0]}/$value", cut_after=cut)
    answers = list(bob.raw(names))
    assert [type(item) for item in answers] == [Unfetched, Raw, Raw]


def test_a_malformed_id_is_one_message_s_trouble(outlook: Outlook, bob: Provider) -> None:
    answers = list(bob.headers(["../x?y=1", outlook.put("one")]))
    assert [type(item) for item in answers] == [Unfetched, Seen]
    assert isinstance(answers[0], Unfetched)
    assert answers[0].error.kind is Kind.CODE


@pytest.mark.parametrize("way", ["headers", "raw"])
def test_nothing_more_is_asked_once_there_is_no_room(outlook: Outlook, bob: Provider, way: str) -> None:
    names = [outlook.put(f"{number}") for number in range(12)]
    body = {"error": {"code": "ApplicationThrottled", "message": "Over."}}
    outlook.act("faults", path=MESSAGES, times=0, status=429, body=body, headers={"Retry-After": "12"})
    outlook.forget_asked()
    answers = list(getattr(bob, way)(names))
    assert [item.id for item in answers] == names
    assert {item.error.retry_after for item in answers} == {12}
    asked = [each for each in outlook.asked("/me/messages/") if not each["path"].endswith("$batch")]
    assert len(asked) == 3


def test_a_dead_line_is_not_tried_for_every_message(outlook: Outlook, bob: Provider) -> None:
    names = [outlook.put(f"{number}") for number in range(9)]
    outlook.act("faults", path="/graph/v1.0/me/messages/*/$value", times=0, cut_after=-1)
    outlook.forget_asked()
    assert {type(item) for item in bob.raw(names)} == {Unfetched}
    assert len(outlook.asked("/$value")) == 3


@pytest.mark.parametrize("way", ["headers", "raw"])
@pytest.mark.parametrize(("state", "recovery"), [("soft-deleted", Recovery.PERMANENT), ("moving", Recovery.TRANSIENT)])
def test_a_mailbox_out_of_reach_is_no_message_s_trouble(
    outlook: Outlook, bob: Provider, way: str, state: str, recovery: Recovery
) -> None:
    names = [outlook.put("one")]
    list(bob.headers(names))
    outlook.act("knobs", graph_mailboxes={BOB: state})
    with pytest.raises(ProviderError) as failed:
        list(getattr(bob, way)(names))
    assert (failed.value.kind, failed.value.recovery) == (Kind.INBOX, recovery)


@pytest.mark.parametrize("way", ["headers", "raw"])
def test_our_own_pacing_ends_the_walk(outlook: Outlook, way: str) -> None:
    """E6."""
    grant = graph.grant_of(outlook.app, outlook.tokens(SCOPES))
    left = [8]

    def pace(units: int) -> None:
        left[0] -= units
        if left[0] < 0:
            raise OutOfBudget(30)

    provider = graph.open_mailbox(outlook.app, grant, save=outlook.grants.append, pace=pace)
    names = [outlook.put(f"{number}") for number in range(12)]
    found: list[object] = []
    with pytest.raises(OutOfBudget):
        found.extend(getattr(provider, way)(names))
    provider.close()


def test_nothing_is_asked_for_nothing(outlook: Outlook, bob: Provider) -> None:
    outlook.forget_asked()
    assert [*bob.headers([]), *bob.raw([]), *bob.mark([], "Postroom")] == []
    assert outlook.asked("") == []
