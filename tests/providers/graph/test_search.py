"""Walking through the past, newest first (E4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from providers.base import Kind, Listing, Provider, ProviderError, Search
from tests.providers.graph.conftest import CARLA, Outlook, subject

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def days_ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def wanted(*addresses: str, since: datetime | None = None, until: datetime = NOW) -> Search:
    return Search(addresses=addresses or (CARLA,), since=since, until=until)


def pages(provider: Provider, search: Search) -> Iterator[Listing]:
    page = provider.search(search)
    yield page
    while page.token is not None:
        page = provider.search(search, page.token)
        yield page


def found(provider: Provider, search: Search) -> list[str]:
    return [subject(item) for page in pages(provider, search) for item in page.items]


def test_only_mail_that_names_a_contact_is_listed(outlook: Outlook, bob: Provider) -> None:
    outlook.put("from", date=days_ago(1))
    outlook.put(
        "to", From="bob@northwind.example", To="Carla <CARLA@Contoso.example>", date=days_ago(2), folder="sentitems"
    )
    outlook.put("cc", From="x@y.example", Cc="z@y.example, carla@contoso.example", date=days_ago(3))
    outlook.put("bcc", From="bob@northwind.example", To="x@y.example", Bcc=CARLA, date=days_ago(4), folder="sentitems")
    outlook.put("nobody", From="x@y.example", date=days_ago(5))
    (page,) = pages(bob, wanted())
    assert [subject(item) for item in page.items] == ["from", "to", "cc"]
    assert (page.looked_at, page.progress) == (5, 1.0)


def test_drafts_junk_trash_and_chats_are_left_out(outlook: Outlook, bob: Provider) -> None:
    """R20."""
    for folder in ("drafts", "junkemail", "deleteditems", "conversationhistory", "archive", "Projects"):
        outlook.put(folder, folder=folder, date=days_ago(1))
    outlook.put("below", folder="Deleted Items/Below", date=days_ago(1))
    assert sorted(found(bob, wanted())) == ["Projects", "archive"]


def test_since_and_until_bound_the_walk(outlook: Outlook, bob: Provider) -> None:
    for days in (1, 5, 9):
        outlook.put(f"{days}", date=days_ago(days))
    assert found(bob, wanted(since=NOW - timedelta(days=7))) == ["1", "5"]
    assert found(bob, wanted(until=NOW - timedelta(days=3))) == ["5", "9"]


def test_a_long_walk_comes_newest_first_in_pages(
    outlook: Outlook, bob: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.graph.search.PAGE", 4)
    for number in range(11):
        outlook.put(f"{number}", date=days_ago(number), folder="inbox" if number % 2 else "Projects")
    listed = list(pages(bob, wanted()))
    assert list(dict.fromkeys(subject(item) for page in listed for item in page.items)) == [f"{n}" for n in range(11)]
    progress = [page.progress for page in listed]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert 0.0 < progress[0] < 1.0


@pytest.mark.parametrize("since", [None, NOW - timedelta(days=30)])
def test_more_in_one_second_than_in_a_page_is_no_trap(
    outlook: Outlook, bob: Provider, monkeypatch: pytest.MonkeyPatch, since: datetime | None
) -> None:
    monkeypatch.setattr("providers.graph.search.PAGE", 3)
    for number in range(10):
        outlook.put(f"{number}", date=days_ago(1))
    outlook.put("older", date=days_ago(2))
    assert set(found(bob, wanted(since=since))) == {*(f"{number}" for number in range(10)), "older"}


def test_what_is_deleted_meanwhile_hides_nothing(
    outlook: Outlook, bob: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.graph.search.PAGE", 3)
    names = [outlook.put(f"{number}", date=days_ago(number)) for number in range(9)]
    page = bob.search(wanted())
    outlook.delete(names[0])
    outlook.delete(names[1])
    rest = []
    while page.token:
        page = bob.search(wanted(), page.token)
        rest += [subject(item) for item in page.items]
    assert set(rest) >= {f"{number}" for number in range(3, 9)}


def test_another_worker_goes_on(outlook: Outlook, bob: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.graph.search.PAGE", 2)
    for number in range(4):
        outlook.put(f"{number}", date=days_ago(number))
    first = bob.search(wanted())
    assert first.token
    second = outlook.open().search(wanted(), first.token)
    assert {subject(item) for item in (*first.items, *second.items)} >= {"0", "1", "2"}


def test_an_empty_mailbox_is_walked_at_once(outlook: Outlook, bob: Provider) -> None:
    (page,) = pages(bob, wanted())
    assert page == Listing((), None, 0, 1.0)


def test_a_domain_in_another_script_is_the_same(outlook: Outlook, bob: Provider) -> None:
    """R2."""
    outlook.put("one", From="ines@xn--bcher-kva.example", date=days_ago(1))
    assert found(bob, wanted("ines@xn--bcher-kva.example")) == ["one"]
    assert found(bob, wanted("ines@bücher.example")) == ["one"]


@pytest.mark.parametrize("token", ["nonsense", "[]", '["a","b","c"]', '["2026-01-01T00:00:00Z"]', "7"])
def test_what_is_no_token_is_refused(bob: Provider, token: str) -> None:
    with pytest.raises(ProviderError) as failed:
        bob.search(wanted(), token)
    assert failed.value.kind is Kind.CODE
