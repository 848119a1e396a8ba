"""Access tokens end every hour, grants some day (E10)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from providers import gmail
from providers.base import Kind, Raw, Recovery
from providers.gmail import App
from tests.providers.gmail.conftest import ALICE, Json, Log, Open, Opened, refused

Put = Callable[..., str]


def expire(emulator: httpx.Client, **more: object) -> None:
    emulator.post("expire-token", json={"address": ALICE, **more}).raise_for_status()


def test_a_new_token_is_saved_before_it_is_used(open_as: Open, emulator: httpx.Client, log: Log) -> None:
    calls: list[list[str]] = []
    alice = open_as(save=lambda _: calls.append(log.asked()))
    expire(emulator)
    alice.provider.identity()
    (before,) = calls
    assert before == ["GET /gmail/v1/users/me/profile"]


def test_the_saved_grant_is_the_one_to_go_on_with(alice: Opened, app: App, emulator: httpx.Client) -> None:
    expire(emulator)
    alice.provider.identity()
    (saved,) = alice.saved
    again = gmail.open_mailbox(app, saved, save=pytest.fail, pace=lambda _: None)
    assert again.identity().address == ALICE
    again.close()
    kept = json.loads(saved)
    assert kept["scopes"]
    assert kept["refresh_token"]


def test_a_token_known_to_be_old_is_renewed_without_a_refusal(app: App, tokens: Callable[..., Json], log: Log) -> None:
    saved: list[str] = []
    grant = gmail.grant_of(app, tokens() | {"expires_in": 10})
    mailbox = gmail.open_mailbox(app, grant, save=saved.append, pace=lambda _: None)
    mailbox.begin()
    mailbox.close()
    assert len(saved) == 1
    assert [entry["status"] for entry in log.calls("")] == [200, 200]


def test_a_batch_goes_on_after_its_token_ended(alice: Opened, put: Put, emulator: httpx.Client) -> None:
    messages = [put(), put()]
    expire(emulator)
    assert all(isinstance(found, Raw) for found in alice.provider.raw(messages))
    assert len(alice.saved) == 1


@pytest.mark.parametrize("step", ["identity", "begin", "batch"])
def test_a_revoked_grant_wants_its_owner(alice: Opened, put: Put, emulator: httpx.Client, step: str) -> None:
    message = put()
    emulator.post("revoke", json={"address": ALICE}).raise_for_status()
    calls: dict[str, Callable[[], Any]] = {
        "identity": alice.provider.identity,
        "begin": alice.provider.begin,
        "batch": lambda: list(alice.provider.raw([message])),
    }
    error = refused(calls[step])
    assert error.needs_reconnect
    assert (error.kind, error.code) == (Kind.ACCOUNT, "invalid_grant")
    assert alice.saved == []


def test_a_refresh_token_that_ended_wants_its_owner(alice: Opened, emulator: httpx.Client) -> None:
    expire(emulator, refresh=True)
    assert refused(alice.provider.begin).needs_reconnect


@pytest.mark.parametrize(
    ("failure", "wait"),
    [
        ({"status": 503, "headers": {"Retry-After": "9"}, "body": "{}"}, 9.0),
        ({"status": 429, "body": "slow down"}, None),
        ({"cut_after": 10}, None),
    ],
)
def test_a_token_endpoint_in_trouble_is_asked_once(
    alice: Opened, emulator: httpx.Client, fault: Callable[..., None], log: Log, failure: Json, wait: float | None
) -> None:
    """E7: no call is repeated here, and none is slept over."""
    expire(emulator)
    fault("/token", times=0, **failure)
    error = refused(alice.provider.begin)
    assert (error.recovery, error.retry_after) == (Recovery.TRANSIENT, wait)
    assert len(log.calls("/token")) == 1


def test_a_client_that_google_forgot_is_our_error(
    app: App, tokens: Callable[..., Json], emulator: httpx.Client
) -> None:
    grant = gmail.grant_of(app, tokens())
    wrong = App("gone.apps.example", "x", app.api_root, app.oauth_root)
    mailbox = gmail.open_mailbox(wrong, grant, save=pytest.fail, pace=lambda _: None)
    expire(emulator)
    error = refused(mailbox.begin)
    assert (error.kind, error.recovery) == (Kind.CODE, Recovery.PERMANENT)
    mailbox.close()


def test_a_domain_that_wants_a_new_log_in_wants_its_owner(
    alice: Opened, emulator: httpx.Client, fault: Callable[..., None]
) -> None:
    expire(emulator)
    fault("/token", status=400, body='{"error": "invalid_grant", "error_subtype": "invalid_rapt"}')
    assert refused(alice.provider.begin).needs_reconnect


def test_a_grant_that_cannot_be_kept_is_the_callers_affair(open_as: Open, emulator: httpx.Client) -> None:
    def lost(_grant: str) -> None:
        raise ValueError("The lease was lost.")

    alice = open_as(save=lost)
    expire(emulator)
    with pytest.raises(ValueError, match=r"The lease was lost\."):
        alice.provider.begin()


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"refresh_token": "r"}', '{"scopes": 1}'])
def test_a_text_that_is_no_grant_wants_a_log_in(app: App, text: str) -> None:
    error = refused(lambda: gmail.open_mailbox(app, text, save=pytest.fail, pace=lambda _: None))
    assert error.needs_reconnect


def test_a_token_pair_without_a_refresh_token_is_no_grant(app: App) -> None:
    with pytest.raises(ValueError, match="no refresh token"):
        gmail.grant_of(app, {"access_token": "a", "refresh_token": None})


def test_no_error_has_a_token_in_it(alice: Opened, emulator: httpx.Client, fault: Callable[..., None]) -> None:
    """S2."""
    expire(emulator)
    fault("/token", status=400, body='{"error": "ya29.secret token", "error_description": "1//refresh"}')
    error = refused(alice.provider.begin)
    chain = "".join(map(str, (error, error.code, error.detail, error.__cause__)))
    assert "secret" not in chain
    assert "1//" not in chain
