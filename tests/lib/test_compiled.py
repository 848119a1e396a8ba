"""What is asked of compiled queries is what the query that makes them would answer, whoever asks."""

from __future__ import annotations

import gc
import inspect
import threading
import weakref
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry, Membership, User
from crm.lib.bulk import among, is_among
from crm.lib.compiled import compiled
from crm.lib.tenancy import ScopeError, system_scope, tenant_scope
from emails.models import Door, Party
from tests.conftest import Globex, Northwind

START = datetime(2026, 1, 1, tzinfo=UTC)


def entries(
    actor: Membership, ids: Collection[int], actions: Collection[str], since: datetime, *, newest_first: bool
) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.filter(is_among("pk", ids), actor=actor, action__in=among(actions), at__gte=since)
    return found.order_by("-at" if newest_first else "at", "pk")


compiled_entries = compiled(entries)


@compiled
def team() -> QuerySet[Membership]:
    return Membership.objects.select_related("user").order_by("pk")


@compiled
def named(name: str, *, most: int) -> QuerySet[User, tuple[int, str]]:
    return User.objects.filter(name=name).order_by("pk").values_list("pk", "email")[:most]


@compiled
def with_id(pk: int) -> QuerySet[Membership]:
    return Membership.objects.filter(pk=pk)


@pytest.fixture
def _scope(northwind: Northwind) -> Iterator[None]:
    with tenant_scope(northwind.tenant.pk):
        yield


@given(
    rows=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.booleans()), max_size=8),
    actions=st.sets(st.sampled_from("abcd")),
    since=st.integers(0, 3),
    every=st.integers(1, 3),
    newest_first=st.booleans(),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("_scope")
def test_they_answer_what_the_query_would(
    northwind: Northwind,
    rows: list[tuple[str, int, bool]],
    actions: set[str],
    since: int,
    every: int,
    newest_first: bool,
) -> None:
    made = AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=northwind.bob if by_bob else northwind.ada,
            action=action,
            at=START + timedelta(hours=hour),
            summary="was here",
        )
        for action, hour, by_bob in rows
    )
    ids = [entry.pk for entry in made[::every]]
    asked = (northwind.bob, ids, actions, START + timedelta(hours=since))

    found = compiled_entries(*asked, newest_first=newest_first)

    assert found == list(entries(*asked, newest_first=newest_first))
    assert [entry.summary for entry in found] == ["was here"] * len(found)


def test_each_tenant_gets_its_own_rows(northwind: Northwind, globex: Globex) -> None:
    with tenant_scope(northwind.tenant.pk):
        assert team() == [northwind.alice, northwind.ada, northwind.bob]
    with tenant_scope(globex.tenant.pk):
        assert team() == [globex.charlie]


def test_outside_of_every_scope_they_are_refused_like_any_query(northwind: Northwind) -> None:
    with tenant_scope(northwind.tenant.pk):
        team()

    with pytest.raises(ScopeError):
        team()


def test_across_tenants_they_are_other_queries(northwind: Northwind, globex: Globex) -> None:
    with tenant_scope(northwind.tenant.pk):
        team()

    with system_scope():
        assert team() == [northwind.alice, northwind.ada, northwind.bob, globex.charlie]


@pytest.mark.usefixtures("_scope")
def test_related_rows_come_along() -> None:
    team()

    with CaptureQueriesContext(
        connection,
    ) as asked:
        names = [member.user.name for member in team()]

    assert names == ["Alice Lindqvist", "Ada Okafor", "Bob Marsh"]
    assert len(asked) == 1


def test_what_is_named_is_another_question(northwind: Northwind) -> None:
    User.objects.create_user("second@northwind.example", name="Bob Marsh")

    assert len(named("Bob Marsh", most=1)) == 1
    assert [email for _, email in named("Bob Marsh", most=2)] == ["bob@northwind.example", "second@northwind.example"]
    assert named("O'Brien \\ % %s", most=2) == []


def test_an_id_beyond_all_ids_is_asked_as_the_largest_there_can_be(northwind: Northwind) -> None:
    with tenant_scope(northwind.tenant.pk), CaptureQueriesContext(connection) as asked:
        assert with_id(10**25) == with_id(-(10**25)) == []
        assert with_id(northwind.bob.pk) == [northwind.bob]

    assert "9223372036854775807" in asked[0]["sql"]
    assert str(10**25) not in asked[0]["sql"]


def test_what_asks_nothing_answers_nothing(northwind: Northwind) -> None:
    @compiled
    def nobody(name: str) -> QuerySet[User]:
        return User.objects.filter(name=name, pk__in=[])

    assert nobody("Bob Marsh") == []


@pytest.mark.django_db(transaction=True)
def test_the_connection_of_who_asked_first_is_not_kept() -> None:
    @compiled
    def called(name: str) -> QuerySet[User]:
        return User.objects.filter(name=name)

    held = []

    def ask() -> None:
        called("Bob Marsh")
        held.append(weakref.ref(connection.connection))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    gc.collect()

    assert held[0]() is None


#: What each is, and what is said of it.
WRONG: list[tuple[Callable[..., QuerySet[Any, Any]], str]] = []


def wrong(words: str) -> Callable[[Callable[..., QuerySet[Any, Any]]], None]:
    """Adds a function to `WRONG`."""
    return lambda build: WRONG.append((build, words))


@wrong("another query each time")
def recent() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(at__lt=timezone.now())


@wrong("another query each time")
def of_a_day() -> QuerySet[AuditEntry]:
    """A day begins when it does for its reader."""
    return AuditEntry.objects.filter(at__date="2026-01-02")


@wrong("or for other values")
def half_kept(text: str) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(Q(action=text) | Q(summary__startswith=text))


@wrong("or for other values")
def dropped(number: int) -> QuerySet[Party]:
    """Of so small a column Django knows that a large number is never less."""
    return Party.objects.filter(position__lte=number, email=number)


@wrong("or for other values")
def never_found(number: int) -> QuerySet[Party]:
    return Party.objects.filter(position=number)


@wrong("or for other values")
def made_a_list_of(texts: Collection[str]) -> QuerySet[Door]:
    """Django makes an array of its own of a list."""
    return Door.objects.filter(Q(address__in=among(texts)) | Q(aliases__overlap=texts))


@wrong("not asked for")
def beginning_with(text: str) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(action__startswith=text)


@wrong("nor look into its values")
def by_role(member: Membership) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.filter(actor=member)
    return found if member.role == "owner" else found.none()


@wrong("nor look into its values")
def all_or_these(ids: Collection[int]) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(is_among("pk", ids)) if ids else AuditEntry.objects.all()


@wrong("prefetched")
def with_more() -> QuerySet[Membership]:
    return Membership.objects.prefetch_related("user")


@wrong("give it by name")
def perhaps_by(actor: int | None) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(actor=actor)


@wrong("give it by name")
def of_these(*ids: int) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(is_among("pk", ids))


@pytest.mark.usefixtures("_scope")
@pytest.mark.parametrize(("build", "words"), WRONG, ids=[build.__name__ for build, _ in WRONG])
def test_what_would_be_remembered_wrongly_is_refused(
    build: Callable[..., QuerySet[Any, Any]], words: str, northwind: Northwind
) -> None:
    given = {
        "text": "member",
        "number": 1,
        "texts": ["a"],
        "member": northwind.bob,
        "ids": [1],
        "actor": 1,
    }
    with pytest.raises(TypeError, match=words):
        compiled(build)(*(given[name] for name in inspect.signature(build).parameters))


@pytest.mark.usefixtures("_scope")
def test_a_row_is_no_part_of_a_question() -> None:
    """Two of one id are equal, whatever else they say."""

    @compiled
    def for_role(*, member: Membership) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.filter(actor=member)

    with pytest.raises(TypeError, match="by place"):
        for_role(member=Membership(pk=1))


@pytest.mark.usefixtures("_scope")
@pytest.mark.parametrize("value", [None, True, "1", User(pk=1), Membership(), 1.5])
def test_other_values_than_wanted_are_refused(value: Any) -> None:
    by_actor: Callable[[Any], list[AuditEntry]] = compiled(actor_is)
    by_ids: Callable[[Any], list[AuditEntry]] = compiled(id_among)
    with pytest.raises(TypeError):
        by_actor(value)
    with pytest.raises(TypeError):
        by_ids(value)
    with pytest.raises(TypeError):
        by_ids([value])


@pytest.mark.usefixtures("_scope")
def test_as_many_values_as_wanted_are_taken(northwind: Northwind) -> None:
    by_actor: Callable[..., list[AuditEntry]] = compiled(actor_is)
    with pytest.raises(ValueError, match="argument"):
        by_actor(northwind.bob, northwind.ada)


def actor_is(actor: Membership) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(actor=actor)


def id_among(ids: Collection[int]) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(is_among("pk", ids))
