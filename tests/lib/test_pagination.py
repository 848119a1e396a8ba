from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry, Membership
from crm.lib.pagination import BadCursor, Page, keyset_page
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind

START = datetime(2026, 1, 1, tzinfo=UTC)
NEWEST = ("-at",)
BY_ACTION = ("action", "-at")


@pytest.fixture(autouse=True)
def scope(northwind: Northwind) -> Iterator[None]:
    with tenant_scope(northwind.tenant.pk):
        yield


def make_entries(*rows: tuple[str, int]) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(action=action, at=START + timedelta(hours=hour), summary="was here") for action, hour in rows
    )


def page(order: tuple[str, ...], cursor: str | None = None, limit: int = 2) -> Page[AuditEntry]:
    entries = AuditEntry.objects.exclude(action="account.created")
    return keyset_page(entries, order=order, cursor=cursor, limit=limit)


def walk(order: tuple[str, ...], limit: int) -> list[Page[AuditEntry]]:
    """All pages, forward."""
    pages = [page(order, limit=limit)]
    while pages[-1].next:
        pages.append(page(order, pages[-1].next, limit))
    return pages


@given(
    rows=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=12),
    order=st.sampled_from([NEWEST, BY_ACTION, ("at",), ("-action", "-at"), ("action", "at", "-id")]),
    limit=st.integers(1, 5),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_pages_are_the_list_cut_into_pieces(
    rows: list[tuple[str, int]], order: tuple[str, ...], limit: int
) -> None:
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    make_entries(*rows)
    entries = AuditEntry.objects.exclude(pk__in=before)
    pages = [keyset_page(entries, order=order, limit=limit)]
    while pages[-1].next:
        pages.append(keyset_page(entries, order=order, cursor=pages[-1].next, limit=limit))
    direction = "-" if order[-1].startswith("-") else ""
    assert [entry for page in pages for entry in page.items] == list(entries.order_by(*order, f"{direction}id"))


def test_going_back_shows_the_pages_one_came_by() -> None:
    make_entries(*(("same", hour % 3) for hour in range(7)))
    pages = walk(NEWEST, limit=2)
    for earlier, later in itertools.pairwise(pages):
        assert page(NEWEST, later.previous).items == earlier.items


def test_the_first_page_has_nothing_before_it_and_the_last_nothing_after() -> None:
    make_entries(("a", 1), ("b", 2), ("c", 3))
    first = page(NEWEST)
    last = page(NEWEST, first.next)
    assert (first.previous, last.next) == (None, None)
    assert page(NEWEST, last.previous).previous is None


def test_a_row_added_meanwhile_is_neither_repeated_nor_shifts_others() -> None:
    make_entries(("a", 1), ("b", 2), ("c", 3))
    first = page(NEWEST)
    make_entries(("late", 9))
    assert [entry.action for entry in page(NEWEST, first.next).items] == ["a"]


def test_a_related_column_can_be_sorted_by(northwind: Northwind) -> None:
    members = Membership.objects.select_related("user")
    first = keyset_page(members, order=["user__name"], limit=2)
    second = keyset_page(members, order=["user__name"], cursor=first.next, limit=2)
    assert [str(member) for member in first.items + second.items] == [
        "Ada Okafor",
        "Alice Lindqvist",
        "Bob Marsh",
    ]


def test_a_page_costs_one_query() -> None:
    make_entries(*(("a", hour) for hour in range(5)))
    cursor = page(NEWEST).next
    with CaptureQueriesContext(connection) as queries:
        page(NEWEST, cursor)
    assert len(queries) == 1


def test_an_empty_list_is_one_empty_page() -> None:
    assert page(NEWEST) == Page(items=[], next=None, previous=None)


OF_ANOTHER_SIGNER = signing.dumps([0, "2026", "1"])


@pytest.mark.parametrize(
    "cursor",
    [*("x", "eyJhIjoxfQ:forged", "\x00", "a:b:c", "😀"), pytest.param(OF_ANOTHER_SIGNER, id="of another signer")],
)
def test_a_cursor_that_was_made_up_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor, match="leave it out"):
        page(NEWEST, cursor)


def test_a_cursor_of_another_order_is_refused() -> None:
    make_entries(("a", 1), ("b", 2), ("c", 3))
    with pytest.raises(BadCursor):
        page(BY_ACTION, page(NEWEST).next)


def test_ordering_by_a_null_is_our_mistake_and_loud() -> None:
    make_entries(("a", 1), ("b", 2), ("c", 3))
    with pytest.raises(ValueError, match="never null"):
        page(("object_id",))
