"""What is asked of compiled queries is what the query that makes them would answer, whoever asks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry, Membership, User
from crm.lib.bulk import among, is_among
from crm.lib.compiled import compiled
from crm.lib.tenancy import ScopeError, system_scope, tenant_scope
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
def test_related_rows_come_along(django_assert_num_queries: object) -> None:
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


@pytest.mark.usefixtures("_scope")
class TestRefused:
    def test_a_query_that_differs_each_time(self) -> None:
        @compiled
        def recent() -> QuerySet[AuditEntry]:
            return AuditEntry.objects.filter(at__lt=timezone.now())

        with pytest.raises(TypeError, match="another query each time"):
            recent()

    def test_a_query_that_depends_on_more_than_the_id_of_a_row(self, northwind: Northwind) -> None:
        @compiled
        def for_role(member: Membership) -> QuerySet[AuditEntry]:
            found = AuditEntry.objects.filter(actor=member)
            return found if member.role == "owner" else found.none()

        with pytest.raises(TypeError, match="nor look into its values"):
            for_role(northwind.bob)

    def test_a_query_that_does_without_a_value(self) -> None:
        @compiled
        def starting(text: str) -> QuerySet[AuditEntry]:
            return AuditEntry.objects.filter(action__startswith=text)

        with pytest.raises(TypeError, match="not asked for"):
            starting("member")

    def test_a_query_that_prefetches(self) -> None:
        @compiled
        def with_more() -> QuerySet[Membership]:
            return Membership.objects.prefetch_related("user")

        with pytest.raises(TypeError, match="prefetched"):
            with_more()

    def test_a_value_that_may_be_missing(self) -> None:
        @compiled
        def by(actor: int | None) -> QuerySet[AuditEntry]:
            return AuditEntry.objects.filter(actor=actor)

        with pytest.raises(TypeError, match="give it by name"):
            by(None)
