"""Nobody may call without end: each token has a limit, and each stranger's address a smaller one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from redis.exceptions import ConnectionError as RedisConnectionError
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from integrations.throttling import read_rate
from tests.conftest import ApiOf, Northwind
from tests.integrations.conftest import problem

ME = "/api/v1/me/"
ROOT = "/api/v1/"
NOON = 1_800_000_000.0


@pytest.fixture(autouse=True)
def _two_a_minute() -> Iterator[None]:
    """Two calls a minute for all, at a minute that stands still ten seconds after its beginning."""
    rates = {"token": "2/min", "stranger": "2/min"}
    changed = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    with (
        override_settings(REST_FRAMEWORK=changed),
        patch("integrations.throttling.time.time", return_value=NOON + 10),
    ):
        yield


def test_every_answer_says_what_is_left(northwind: Northwind, api_of: ApiOf) -> None:
    headers = api_of(northwind.bob).get(ME).headers
    assert {name: headers[name] for name in headers if name.startswith("RateLimit")} == {
        "RateLimit-Limit": "2",
        "RateLimit-Remaining": "1",
        "RateLimit-Reset": "50",
    }


def test_errors_say_what_is_left_too(northwind: Northwind, api_of: ApiOf) -> None:
    assert api_of(northwind.bob).get("/api/v1/contacts/1/").headers["RateLimit-Remaining"] == "1"


def test_who_calls_too_often_is_told_when_to_come_back(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    assert [program.get(ME).status_code for _ in range(2)] == [200, 200]
    response = program.get(ME)
    assert "in 50 seconds" in problem(response, 429, "throttled")["detail"]
    assert (response.headers["Retry-After"], response.headers["RateLimit-Remaining"]) == ("50", "0")


def test_the_next_window_forgets(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    assert [program.get(ME).status_code for _ in range(3)] == [200, 200, 429]
    with patch("integrations.throttling.time.time", return_value=NOON + 60):
        assert program.get(ME).status_code == 200


def test_tokens_do_not_share_a_limit(northwind: Northwind, api_of: ApiOf) -> None:
    first, second = api_of(northwind.bob), api_of(northwind.bob)
    assert [first.get(ME).status_code for _ in range(3)] == [200, 200, 429]
    assert second.get(ME).status_code == 200


def test_strangers_are_counted_by_their_address(db: None, client: Client) -> None:
    assert [client.get(ROOT).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(ROOT, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_a_stranger_cannot_pass_for_another_by_a_header(db: None, client: Client) -> None:
    for number in range(2):
        client.get(ROOT, headers={"X-Forwarded-For": f"192.0.2.{number}"})
    problem(client.get(ROOT, headers={"X-Forwarded-For": "192.0.2.9"}), 429, "throttled")


@pytest.mark.parametrize("header", [None, f"Bearer prm_{'x' * 43}"])
def test_who_tries_tokens_is_stopped(db: None, header: str | None) -> None:
    client = APIClient()
    if header:
        client.credentials(HTTP_AUTHORIZATION=header)
    assert [client.get(ME).status_code for _ in range(3)] == [401, 401, 429]


def test_answers_given_again_count_too(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    sent = [program.post("/api/v1/tags/", {"name": "france"}, headers={"Idempotency-Key": "x"}) for _ in range(3)]
    assert [answer.status_code for answer in sent] == [201, 201, 429]
    assert sent[1].headers["RateLimit-Remaining"] == "0"
    problem(sent[2], 429, "throttled")


def test_without_redis_the_api_goes_on_without_limits(northwind: Northwind, api_of: ApiOf) -> None:
    program = api_of(northwind.bob)
    with patch("integrations.throttling.cache.incr", side_effect=RedisConnectionError):
        answers = [program.get(ME) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "RateLimit-Limit" not in answers[0].headers


@pytest.mark.parametrize(("text", "rate"), [("600/min", (600, 60)), ("5/sec", (5, 1)), ("9/day", (9, 86_400))])
def test_a_rate_is_a_number_and_a_period(text: str, rate: tuple[int, int]) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["", "600", "600/week", "-1/min", "many/min", "/min"])
def test_a_setting_that_is_no_rate_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=re.escape(repr(text))):
        read_rate(text)


def test_the_rates_of_the_settings_are_rates() -> None:
    assert all(read_rate(str(rate)) for rate in api_settings.DEFAULT_THROTTLE_RATES.values())
