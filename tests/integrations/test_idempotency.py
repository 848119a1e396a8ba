"""A POST with an Idempotency-Key is done once, however often it arrives."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Membership, TokenScope
from contacts import operations
from contacts.models import Tag
from crm.lib.tenancy import tenant_scope
from integrations.models import IdempotentAnswer
from integrations.tasks import forget_answers
from tests.conftest import ApiOf, Northwind
from tests.integrations.conftest import problem

TAGS = "/api/v1/tags/"
KEY = "7c1d7a5e-0f0e-4c53-8d7c-2f3b5b0f7f11"


def post(program: APIClient, name: str, key: str = KEY, address: str = TAGS) -> Any:
    return program.post(address, {"name": name}, headers={"Idempotency-Key": key})


def tags(northwind: Northwind) -> list[str]:
    with tenant_scope(northwind.tenant.pk):
        return list(Tag.objects.order_by("id").values_list("name", flat=True))


def kept(northwind: Northwind) -> int:
    with tenant_scope(northwind.tenant.pk):
        return IdempotentAnswer.objects.count()


def age(northwind: Northwind, hours: int) -> None:
    with tenant_scope(northwind.tenant.pk):
        IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=hours))


def test_a_repeated_request_gets_the_first_answer(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    first, second = post(program, "france"), post(program, "france")
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Content-Type"] == "application/json"
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert tags(northwind) == ["france"]


def test_a_new_key_is_a_new_request(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    assert [post(program, name, name).status_code for name in ("france", "trial")] == [201, 201]
    assert tags(northwind) == ["france", "trial"]


def test_a_key_does_not_stand_for_another_body(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    post(program, "france")
    problem(post(program, "trial"), 422, "idempotency-mismatch")
    assert tags(northwind) == ["france"]


def test_a_key_does_not_stand_for_another_address(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    post(program, "france")
    problem(post(program, "france", address="/api/v1/filters/"), 422, "idempotency-mismatch")


def test_each_token_has_keys_of_its_own(northwind: Northwind, api_of: ApiOf) -> None:
    assert post(api_of(northwind.bob), "france").status_code == 201
    assert post(api_of(northwind.ada), "trial").status_code == 201


def test_a_request_that_failed_may_be_mended_under_its_key(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    problem(post(program, ""), 400, "invalid")
    assert post(program, "france").status_code == 201


def test_our_own_fault_leaves_the_key_free(
    northwind: Northwind, api_of: ApiOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = api_of(northwind.bob)
    program.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("contacts.operations.create_tag", None)
        problem(post(program, "france"), 500, "internal")
    assert post(program, "france").status_code == 201


def test_a_token_that_may_only_read_takes_no_key(northwind: Northwind, api_of: ApiOf) -> None:
    problem(post(api_of(northwind.bob, TokenScope.READ), "france"), 403, "read-only-token")
    assert kept(northwind) == 0


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256])
def test_an_odd_key_is_refused(northwind: Northwind, api_of: ApiOf, key: str) -> None:
    problem(post(api_of(northwind.bob), "france", key), 400, "bad-idempotency-key")
    assert tags(northwind) == []


def test_a_body_too_large_to_compare_is_refused(northwind: Northwind, api_of: ApiOf) -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        problem(post(api_of(northwind.bob), "france"), 413, "too-large")
    assert tags(northwind) == []


def test_a_page_has_no_use_for_keys(northwind: Northwind, client_of: Callable[[Membership], Client]) -> None:
    client_of(northwind.bob).post("/contacts/new/", {"last_name": "Moreau"}, headers={"Idempotency-Key": KEY})
    assert kept(northwind) == 0


def test_after_a_day_the_key_is_free_again(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    post(program, "france")
    age(northwind, 23)
    assert post(program, "france").headers["Idempotent-Replayed"] == "true"
    age(northwind, 25)
    assert post(program, "trial").status_code == 201


def test_answers_are_forgotten_though_nobody_asks(northwind: Northwind, api_of: ApiOf) -> None:
    post(api_of(northwind.bob), "france")
    forget_answers()
    assert kept(northwind) == 1
    age(northwind, 25)
    forget_answers()
    assert kept(northwind) == 0


@pytest.mark.django_db(transaction=True)
def test_a_twin_sent_at_the_same_moment_waits_for_the_first(
    northwind: Northwind, api_of: ApiOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(**values: Any) -> Tag:
        twin.start()
        # Only once PostgreSQL makes the twin wait for our key.
        while twin.is_alive() and not waiting():
            twin.join(0.01)
        return create_tag(**values)

    def send_twin() -> None:
        answers.append(post(program, "france"))
        connection.close()

    program = api_of(northwind.bob)
    answers: list[Any] = []
    twin = threading.Thread(target=send_twin)
    create_tag = operations.create_tag
    monkeypatch.setattr("contacts.operations.create_tag", create)
    first = post(program, "france")
    twin.join()
    assert [answer.content for answer in answers] == [first.content]
    assert tags(northwind) == ["france"]


def waiting() -> bool:
    """Whether another connection waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        return cursor.fetchone() is not None
