from __future__ import annotations

import json
import time

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings

from crm import health


@pytest.fixture
def _workers_seen() -> None:
    for queue in settings.QUEUES:
        health.beat(queue=queue)


def test_healthz_answers_without_asking_the_database(client: Client) -> None:
    # No `db` fixture: a query would raise.
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.usefixtures("_workers_seen")
def test_readyz_answers_200_when_all_is_there(client: Client, db: None) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "problems": {}})


@pytest.mark.usefixtures("_workers_seen")
def test_readyz_names_the_queue_that_nobody_works(client: Client, db: None) -> None:
    cache.set("worker-seen:backfill", time.time() - health.PATIENCE - 1, timeout=None)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "none seen for backfill" in answer.json()["problems"]["workers"]


@override_settings(
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }
)
def test_readyz_says_when_redis_is_gone(client: Client, db: None) -> None:
    problems = client.get("/readyz").json()["problems"]
    assert "cannot be reached" in problems["redis"]
    assert "database" not in problems


def test_every_queue_is_asked_to_prove_itself() -> None:
    proofs = [entry for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"] == "crm.health.beat"]
    assert [entry["options"] for entry in proofs] == [{"queue": queue, "expires": 15} for queue in settings.QUEUES]


def test_metrics_are_there_for_those_with_the_token(client: Client, db: None) -> None:
    client.get("/healthz")
    with override_settings(METRICS_TOKEN="watcher"):
        answer = client.get("/metrics", headers={"Authorization": "Bearer watcher"})
        assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert b'postroom_requests_total{method="GET",route="healthz",status="200"}' in answer.content
    assert client.get("/metrics").status_code == 404


def test_a_request_is_named_in_its_answer_and_its_log_line(
    client: Client, db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    given = client.get("/auth/login/", headers={"X-Request-ID": "from-the-proxy-1"})
    assert given["X-Request-ID"] == "from-the-proxy-1"
    forged = client.get("/auth/login/", headers={"X-Request-ID": "a b\tc"})
    assert len(forged["X-Request-ID"]) == 32


def test_logs_are_one_json_object_a_line_in_production(db: None) -> None:
    from tests.crm.test_settings import PRODUCTION, manage

    result = manage("shell", "-c", "import logging; logging.getLogger('x').error('it %s', 'broke')", **PRODUCTION)
    line = json.loads(result.stderr.splitlines()[-1])
    assert (line["event"], line["level"], line["logger"]) == ("it broke", "error", "x")


def test_methods_that_were_made_up_count_as_one(client: Client) -> None:
    for number in range(3):
        client.generic(f"EVIL{number}", "/healthz")
    with override_settings(METRICS_TOKEN="watcher"):
        text = client.get("/metrics", headers={"Authorization": "Bearer watcher"}).text
    assert "EVIL" not in text
    assert 'method="other"' in text
