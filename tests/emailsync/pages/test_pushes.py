"""Pushes (E9): from whom they must be (S4), and what they bring about."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, Protocol

import httpx
import pytest
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from emailsync.models import Mailbox
from tests.conftest import Globex, Northwind
from tests.emailsync.pages.conftest import Answer, mailboxes_of
from tests.emailsync.pages.rows import make_mailbox

ALICE = "alice@northwind.example"
SITE = "http://postroom.example"
TOPIC = "projects/postroom-demo/topics/mail"
ACCOUNT = "pubsub-push@postroom-demo.iam.gserviceaccount.example"


def is_due(member: Membership) -> bool:
    (mailbox,) = mailboxes_of(member)
    return mailbox.next_poll_at is not None and mailbox.next_poll_at <= timezone.now()


def later() -> Any:
    return timezone.now() + timedelta(hours=1)


# --- Gmail's --------------------------------------------------------------------------------------


@pytest.fixture
def received() -> Iterator[tuple[str, list[str]]]:
    """A server that keeps the Authorization of each push: its address, and what it kept."""
    kept: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            kept.append(self.headers["authorization"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", kept
    server.shutdown()
    thread.join()
    server.server_close()


class Sign(Protocol):
    def __call__(self, *, audience: str = ..., account: str = ...) -> str: ...


@pytest.fixture
def sign(emulator: httpx.Client, emulator_url: str, received: tuple[str, list[str]], settings: Settings) -> Sign:
    """What Pub/Sub of the outside world says in Authorization, for an audience, as a service account."""
    settings.SITE_URL, settings.GOOGLE_PUBSUB_ACCOUNT = SITE, ACCOUNT
    endpoint, kept = received

    def make(*, audience: str = f"{SITE}/push/gmail/", account: str = ACCOUNT) -> str:
        topic = {"topic": TOPIC, "endpoint": endpoint, "audience": audience, "account": account}
        emulator.post("google/topics", json=topic).raise_for_status()
        scopes = ["https://www.googleapis.com/auth/gmail.readonly"]
        asked = {"address": ALICE, "provider": "google", "scopes": scopes, "client_id": settings.GOOGLE_CLIENT_ID}
        token = emulator.post("tokens", json=asked).raise_for_status().json()["access_token"]
        watch = httpx.post(
            f"{emulator_url}/gmail/v1/users/me/watch",
            json={"topicName": TOPIC},
            headers={"Authorization": f"Bearer {token}"},
        )
        watch.raise_for_status()
        emulator.post("flush").raise_for_status()
        return kept[-1]

    return make


def tell(client: Client, token: str | None, address: str = ALICE, body: Any = None) -> Answer:
    data = b64encode(json.dumps({"emailAddress": address, "historyId": 42}).encode()).decode()
    content = body if body is not None else {"message": {"data": data, "messageId": "1"}, "subscription": "s"}
    headers = {} if token is None else {"Authorization": token}
    return client.post(reverse("gmail_push"), content, content_type="application/json", headers=headers)


def test_gmail_s_push_makes_the_mailbox_due(northwind: Northwind, client: Client, sign: Sign) -> None:
    make_mailbox(northwind.alice, next_poll_at=later())
    assert tell(client, sign()).status_code == 204
    assert is_due(northwind.alice)


def test_in_every_account_that_has_it(northwind: Northwind, globex: Globex, client: Client, sign: Sign) -> None:
    for member in (northwind.alice, globex.charlie):
        make_mailbox(member, next_poll_at=later())
    tell(client, sign(), address="Alice@Northwind.example")
    assert is_due(northwind.alice)
    assert is_due(globex.charlie)


@pytest.mark.parametrize(
    "who",
    [
        {"audience": "https://elsewhere.example/push/gmail/"},
        {"account": "somebody@postroom-demo.iam.gserviceaccount.example"},
    ],
)
def test_a_push_for_others_or_by_others_is_refused(
    northwind: Northwind, client: Client, sign: Sign, who: dict[str, str]
) -> None:
    make_mailbox(northwind.alice, next_poll_at=later())
    assert tell(client, sign(**who)).status_code == 403
    assert not is_due(northwind.alice)


@pytest.mark.parametrize("token", [None, "", "Bearer", "Bearer a.b.c", "Bearer eyJhbGciOiJub25lIn0.e30.", "Basic x"])
def test_a_forged_push_is_refused(northwind: Northwind, client: Client, sign: Sign, token: str | None) -> None:
    make_mailbox(northwind.alice, next_poll_at=later())
    assert tell(client, token).status_code == 403
    assert not is_due(northwind.alice)


def test_without_a_subscription_nobody_can_push(client: Client, sign: Sign, settings: Settings, db: None) -> None:
    token = sign()
    settings.GOOGLE_PUBSUB_ACCOUNT = ""
    assert tell(client, token).status_code == 403


def test_whether_an_address_is_known_cannot_be_told(northwind: Northwind, client: Client, sign: Sign) -> None:
    make_mailbox(northwind.alice)
    known, unknown = tell(client, sign()), tell(client, sign(), address="nobody@elsewhere.example")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    known, unknown = tell(client, "Bearer x"), tell(client, "Bearer x", address="nobody@elsewhere.example")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize("body", ["", "null", "[]", "{}", '{"message": {"data": "!"}}', '{"message": 1}', "[" * 9999])
def test_a_genuine_push_that_cannot_be_read_does_not_come_again(
    client: Client, sign: Sign, body: str, db: None
) -> None:
    assert tell(client, sign(), body=body).status_code == 204


def test_a_push_too_long_is_refused_before_it_is_checked(client: Client, db: None) -> None:
    """S8."""
    assert tell(client, None, body="x" * 70_000).status_code == 413


def test_pushes_come_again_while_googles_keys_cannot_be_had(
    client: Client, sign: Sign, settings: Settings, db: None
) -> None:
    token = sign()
    settings.GOOGLE_OAUTH_ROOT = "http://127.0.0.1:9"
    assert tell(client, token).status_code == 503


# --- Graph's --------------------------------------------------------------------------------------


def post(client: Client, *items: dict[str, Any], body: str | None = None) -> Answer:
    content = json.dumps({"value": items}) if body is None else body
    return client.post(reverse("graph_push"), content, content_type="application/json")


def item(secret: str = "s3cret", subscription: str = "sub-1", **more: Any) -> dict[str, Any]:
    return {"subscriptionId": subscription, "clientState": secret, "changeType": "created", **more}


@pytest.fixture
def watched(northwind: Northwind) -> Mailbox:
    """Bob's, with a subscription."""
    return make_mailbox(
        northwind.bob,
        "bob@northwind.example",
        "graph",
        watch_id="sub-1",
        watch_secret="s3cret",
        watch_until=later(),
        next_poll_at=later(),
    )


@pytest.mark.usefixtures("watched")
def test_graph_s_push_makes_the_mailbox_due(northwind: Northwind, client: Client) -> None:
    assert post(client, item(), item()).status_code == 202
    assert is_due(northwind.bob)


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("secret", ["", "S3cret", "s3cret ", "ä"])
def test_the_secret_must_be_the_subscriptions(northwind: Northwind, client: Client, secret: str) -> None:
    assert post(client, item(secret)).status_code == 403
    assert not is_due(northwind.bob)


@pytest.mark.usefixtures("watched")
def test_a_mailbox_without_a_secret_takes_no_push(northwind: Northwind, client: Client) -> None:
    with tenant_scope(northwind.tenant.pk):
        Mailbox.objects.update(watch_secret="")
    assert post(client, item("")).status_code == 403
    assert not is_due(northwind.bob)


@pytest.mark.usefixtures("watched")
def test_one_forged_item_does_not_hold_up_the_genuine_one(northwind: Northwind, client: Client) -> None:
    assert post(client, item("guess"), item()).status_code == 403
    assert is_due(northwind.bob)


def test_hundreds_of_made_up_subscriptions_cost_one_look(
    client: Client, db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """S8: anybody can post here."""
    with django_assert_max_num_queries(8):
        assert post(client, *(item(subscription=f"made-up-{number}") for number in range(900))).status_code == 202


def test_more_than_graph_ever_sends_is_refused(client: Client, db: None) -> None:
    assert post(client, *(item(subscription=f"made-up-{number}") for number in range(1_001))).status_code == 400


def test_a_subscription_that_is_no_more_is_no_fault(client: Client, db: None) -> None:
    assert post(client, item(subscription="gone")).status_code == 202


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("body", ["", "x", "[]", "{}", '{"value": 1}', '{"value": [{}]}', '{"value": [null]}'])
def test_what_is_no_notification_is_refused(client: Client, body: str) -> None:
    assert post(client, body=body).status_code == 400


def test_a_notification_too_long_is_refused(client: Client, db: None) -> None:
    """S8."""
    assert post(client, body="x" * (2**20 + 1)).status_code == 413


@pytest.mark.usefixtures("watched")
def test_a_subscription_that_was_removed_is_made_anew(northwind: Northwind, client: Client) -> None:
    post(client, item(lifecycleEvent="subscriptionRemoved"))
    (mailbox,) = mailboxes_of(northwind.bob)
    assert (mailbox.watch_id, mailbox.watch_until) == ("", None)
    assert mailbox.next_watch_at is not None
    assert is_due(northwind.bob)


@pytest.mark.usefixtures("watched")
def test_a_forged_removal_changes_nothing(northwind: Northwind, client: Client) -> None:
    post(client, item("guess", lifecycleEvent="subscriptionRemoved"))
    assert mailboxes_of(northwind.bob)[0].watch_id == "sub-1"


def test_the_handshake_is_answered_with_its_token_as_plain_text(client: Client, db: None) -> None:
    token = "Validation: Testing client application reachability <script>alert(1)</script>"
    answer = client.post(reverse("graph_push"), query_params={"validationToken": token}, content_type="text/plain")
    assert (answer.status_code, answer.content.decode()) == (200, token)
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_handshake_without_measure_is_refused(client: Client, db: None) -> None:
    """S8."""
    answer = client.post(reverse("graph_push"), query_params={"validationToken": "x" * 3000}, content_type="text/plain")
    assert answer.status_code == 413


@pytest.mark.parametrize("name", ["gmail_push", "graph_push"])
def test_pushes_need_no_session_and_open_no_scope(client: Client, db: None, name: str) -> None:
    assert client.get(reverse(name)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse(name), "x", content_type="application/json").status_code in {400, 403}
    assert getattr(resolve(reverse(name)).func, "outside_tenants", False)
