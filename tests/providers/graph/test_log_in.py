"""Logging in at Microsoft, through msal and a person at the log-in page."""

from __future__ import annotations

from typing import Any

import pytest

from providers import graph
from providers.base import Granted, Kind, LoginRefused, ProviderError, Raw, Right, Started
from tests.emulator.microsoft.person import Person
from tests.providers.graph.conftest import BOB, Outlook

BACK = "http://localhost:8000/mailboxes/graph/callback/"
EVERYTHING = frozenset(Right)


def log_in(app: graph.App, rights: frozenset[Right] = EVERYTHING, **asked: Any) -> Granted:
    login = graph.login(app)
    started = login.start(redirect_uri=BACK, rights=rights, hint=BOB)
    return login.finish(state=started.state, answer=Person(BOB).decide(started.url, **asked))


def test_a_person_connects_a_mailbox(app: graph.App, outlook: Outlook) -> None:
    granted = log_in(app)
    assert (granted.address, granted.name, granted.rights) == (BOB, "Bob", EVERYTHING)
    name = outlook.put("one")
    assert [type(each) for each in outlook.open(granted.grant).raw([name])] == [Raw]


@pytest.mark.parametrize("rights", [{Right.READ}, {Right.SEND}, {Right.READ, Right.SEND}])
def test_only_what_is_wanted_is_asked_for(app: graph.App, outlook: Outlook, rights: set[Right]) -> None:
    """R22: manual mode asks for sending alone."""
    assert log_in(app, frozenset(rights)).rights == rights


def test_the_callback_keeps_its_session(app: graph.App, outlook: Outlook) -> None:
    """A posted form would come without a SameSite=Lax cookie. The state is of JSON values alone (S4)."""
    started = graph.login(app).start(redirect_uri=BACK, rights=EVERYTHING, hint=BOB)
    assert "response_mode=query" in started.url
    assert "code_challenge_method=S256" in started.url
    assert "nonce=" in started.url
    assert f"state={started.state['state']}" in started.url


def test_who_declines_has_connected_nothing(app: graph.App, outlook: Outlook) -> None:
    with pytest.raises(LoginRefused) as refused:
        log_in(app, accept=False)
    assert refused.value.was_declined


def test_another_session_s_answer_is_refused(app: graph.App, outlook: Outlook) -> None:
    login = graph.login(app)
    mine, other = (login.start(redirect_uri=BACK, rights=EVERYTHING, hint=BOB) for _ in range(2))
    answer = Person(BOB).decide(other.url)
    with pytest.raises(LoginRefused, match="start again"):
        login.finish(state=mine.state, answer=answer)


def test_a_code_works_once(app: graph.App, outlook: Outlook) -> None:
    login = graph.login(app)
    started = login.start(redirect_uri=BACK, rights=EVERYTHING, hint=BOB)
    answer = Person(BOB).decide(started.url)
    login.finish(state=started.state, answer=answer)
    with pytest.raises(LoginRefused, match="start again"):
        login.finish(state=started.state, answer=answer)


def test_an_administrator_may_have_to_allow_it_first(app: graph.App, outlook: Outlook) -> None:
    outlook.act("knobs", entra_admin_scopes=["Mail.ReadWrite"])
    with pytest.raises(LoginRefused, match="administrator") as refused:
        log_in(app)
    assert not refused.value.was_declined


def test_a_wrong_secret_is_our_fault(app: graph.App, outlook: Outlook) -> None:
    wrong = graph.App("postroom-demo", "wrong", app.graph_root, app.login_root)
    with pytest.raises(ProviderError) as failed:
        log_in(wrong)
    assert (failed.value.kind, failed.value.code) == (Kind.CODE, "AADSTS7000215")


def test_an_unknown_directory_is_our_fault(app: graph.App, outlook: Outlook) -> None:
    nowhere = graph.App(
        "postroom-demo", "demo-secret", app.graph_root, app.login_root, tenant="11111111-1111-4111-8111-111111111111"
    )
    with pytest.raises(ProviderError) as failed:
        graph.login(nowhere).start(redirect_uri=BACK, rights=EVERYTHING)
    assert failed.value.kind is Kind.CODE


def test_a_log_in_that_cannot_be_reached_may_come_back(app: graph.App) -> None:
    unreachable = graph.App("postroom-demo", "demo-secret", app.graph_root, "http://127.0.0.1:9")
    with pytest.raises(ProviderError) as failed:
        graph.login(unreachable).start(redirect_uri=BACK, rights=EVERYTHING)
    assert failed.value.kind is Kind.API


def test_revoking_a_grant_asks_nothing(app: graph.App, outlook: Outlook) -> None:
    granted = log_in(app)
    outlook.forget_asked()
    graph.login(app).revoke(granted.grant)
    assert outlook.asked("") == []


def test_what_the_person_sees_is_no_secret(app: graph.App, outlook: Outlook) -> None:
    started: Started = graph.login(app).start(redirect_uri=BACK, rights=EVERYTHING)
    assert "demo-secret" not in started.url
    assert "demo-secret" not in str(started.state)
