"""The control routes over real HTTP."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

import httpx
import pytest

Mail = Callable[..., bytes]
ALICE = "alice@northwind.example"


def put(emulator: httpx.Client, raw: bytes, **query: str) -> dict[str, str]:
    response = emulator.post(f"mailboxes/{ALICE}/messages", content=raw, params=query)
    assert response.status_code == 201, response.text
    ids: dict[str, str] = response.json()
    return ids


def truth(emulator: httpx.Client, address: str = ALICE) -> list[dict[str, object]]:
    messages: list[dict[str, object]] = emulator.get("truth", params={"address": address}).json()["messages"]
    return messages


def test_it_says_that_it_is_well(emulator: httpx.Client) -> None:
    assert emulator.get("health").json()["status"] == "ok"


def test_a_message_put_in_is_told_as_truth(emulator: httpx.Client, mail: Mail) -> None:
    ids = put(emulator, mail(Message_ID="<1@contoso.example>"), folder="Projects/Acme", date="2026-11-02T10:00:00Z")
    (message,) = truth(emulator)
    assert ids.items() <= message.items()
    assert message["folder"] == "Projects/Acme"
    assert message["date_ms"] == 1_793_613_600_000


def test_the_raw_message_comes_back_as_it_went_in(emulator: httpx.Client, mail: Mail) -> None:
    raw = mail(Message_ID="<1@contoso.example>", Date="Mon, 02 Nov 2026 10:00:00 +0100")
    ids = put(emulator, raw)
    assert emulator.get(f"mailboxes/{ALICE}/messages/{ids['gmail_id']}/raw").content == raw


@pytest.mark.parametrize("name", ["gmail_id", "graph_id", "graph_immutable_id"])
def test_a_message_is_found_by_each_of_its_ids(emulator: httpx.Client, mail: Mail, name: str) -> None:
    ids = put(emulator, mail())
    found = emulator.get(f"mailboxes/{ALICE}/messages/{ids[name]}").json()
    assert found["gmail_id"] == ids["gmail_id"]


def test_moving_labelling_and_deleting(emulator: httpx.Client, mail: Mail) -> None:
    name = {"address": ALICE, "id": put(emulator, mail())["gmail_id"]}
    assert emulator.post("move", json={**name, "folder": "archive"}).json()["labels"] == ["UNREAD"]
    labelled = emulator.post("label", json={**name, "add": ["Customers"], "remove": ["UNREAD"]}).json()
    assert labelled["label_names"] == ["Customers"]
    assert emulator.post("delete", json=name).status_code == 204
    assert truth(emulator) == []


def test_delivery_reaches_every_recipient(emulator: httpx.Client, mail: Mail) -> None:
    answer = emulator.post("deliver", content=mail(Cc="bob@northwind.example")).json()
    assert set(answer["copies"]) == {ALICE, "bob@northwind.example"}


def test_tokens_end_on_command(emulator: httpx.Client) -> None:
    order = {"address": ALICE, "provider": "google", "scopes": "openid email"}
    token = emulator.post("tokens", json=order).json()
    assert token["scope"] == "openid email"
    assert emulator.post("expire-token", json={"token": token["access_token"]}).json() == {"expired": 1}
    assert emulator.post("revoke", json={"address": ALICE}).json() == {"revoked": 1}


def test_a_mailbox_stays_with_its_provider(emulator: httpx.Client) -> None:
    emulator.put(f"mailboxes/{ALICE}", json={"provider": "google"})
    response = emulator.put(f"mailboxes/{ALICE}", json={"provider": "microsoft"})
    assert response.status_code == 409


def test_ndjson_loads_many_mailboxes(emulator: httpx.Client, mail: Mail) -> None:
    raw = b64encode(mail(Date="Mon, 02 Nov 2026 10:00:00 +0000")).decode()
    lines = [f'{{"address": "{name}@northwind.example", "raw": "{raw}"}}' for name in ("alice", "bob")]
    assert emulator.post("load", content="\n".join(lines)).json() == {"loaded": 2}
    assert truth(emulator)[0]["date_ms"] == 1_793_613_600_000


def test_a_bad_line_is_named(emulator: httpx.Client) -> None:
    response = emulator.post("load", content=f'\n{{"address": "{ALICE}", "raw": "%"}}\n')
    assert (response.status_code, response.json()) == (
        400,
        {"error": "line 2: base64 is wanted", "field": "raw"},
    )


def test_an_mbox_is_split_and_unquoted(emulator: httpx.Client) -> None:
    mbox = "From a Mon\nSubject: 1\n\n>From here\n\nFrom b Tue\nSubject: 2\n\nnot\nFrom a new one\n"
    query = {"format": "mbox", "address": ALICE}
    assert emulator.post("load", params=query, content=mbox).json() == {"loaded": 2}
    first = f"mailboxes/{ALICE}/messages/{truth(emulator)[0]['gmail_id']}/raw"
    assert emulator.get(first).content == b"Subject: 1\n\nFrom here\n"


def test_the_clock_stands_and_moves(emulator: httpx.Client) -> None:
    emulator.post("clock", json={"now": "2026-11-02T10:00:00Z", "frozen": True})
    moved = emulator.post("clock", json={"advance_ms": 1000}).json()
    assert moved["now"] == "2026-11-02T10:00:01+00:00"
    assert emulator.get("clock").json() == moved


def test_knobs_are_all_set_or_none(emulator: httpx.Client) -> None:
    response = emulator.post("knobs", json={"search_lag_ms": 5, "message_id": "lose"})
    assert response.status_code == 400
    assert response.json()["field"] == "message_id"
    assert emulator.get("knobs").json()["search_lag_ms"] == 0


def test_reset_leaves_nothing(emulator: httpx.Client, mail: Mail) -> None:
    put(emulator, mail())
    emulator.post("knobs", json={"search_lag_ms": 5})
    emulator.post("reset")
    assert emulator.get("mailboxes").json() == {"mailboxes": []}
    assert emulator.get("knobs").json()["search_lag_ms"] == 0


@pytest.mark.parametrize(
    ("path", "values", "field"),
    [
        ("tokens", {"address": ALICE, "scopes": "x"}, "provider"),
        ("tokens", {"address": "nobody", "provider": "google", "scopes": "x"}, "address"),
        ("tokens", {"address": ALICE, "provider": "google"}, "scopes"),
        ("faults", {"path": "/x"}, "status"),
        ("faults", {"path": "/x", "status": 99}, "status"),
        ("faults", {"path": "/x", "status": 500, "delay_ms": "soon"}, "delay_ms"),
        ("quota", {"profile": "endless"}, "profile"),
        ("clock", {"now": "yesterday"}, "now"),
        ("clock", {"frozen": "maybe"}, "frozen"),
        ("move", {"address": ALICE}, "id"),
        ("knobs", {"speed": 1}, "speed"),
        ("reset", {"seed": -1}, "seed"),
        ("expire-history", {}, "address"),
    ],
)
def test_bad_input_is_refused_by_the_name_of_its_field(
    emulator: httpx.Client, path: str, values: dict[str, object], field: str
) -> None:
    response = emulator.post(path, json=values)
    assert (response.status_code, response.json()["field"]) == (400, field)


@pytest.mark.parametrize("body", ["", "[1]", "{", '{"address": {}}'])
def test_a_body_that_is_no_order_is_refused(emulator: httpx.Client, body: str) -> None:
    assert emulator.post("move", content=body).status_code == 400


def test_unknown_routes_and_messages_are_not_found(emulator: httpx.Client) -> None:
    assert "no such route" in emulator.get("nothing").json()["error"]
    response = emulator.post("delete", json={"address": ALICE, "id": "18c0000000000000"})
    assert (response.status_code, response.json()["field"]) == (404, "id")


@pytest.mark.parametrize(
    ("query", "field"), [({"sender": "nobody"}, "sender"), ({"recipients": "a@b.example,c"}, "recipients")]
)
def test_a_bad_envelope_is_refused(emulator: httpx.Client, mail: Mail, query: dict[str, str], field: str) -> None:
    response = emulator.post("deliver", content=mail(), params=query)
    assert (response.status_code, response.json()["field"]) == (400, field)


def test_a_flush_without_notifications_says_so(emulator: httpx.Client) -> None:
    assert emulator.post("flush").json() == {"delivered": 0, "failed": 0, "given_up": 0, "waiting": 0}


@pytest.mark.parametrize("number", ["²", "9" * 5000, "--1", "1-"])
def test_a_text_that_is_no_number_is_refused_by_name(emulator: httpx.Client, number: str) -> None:
    answer = emulator.post("clock", json={"advance_ms": number})
    assert (answer.status_code, answer.json()["field"]) == (400, "advance_ms")
