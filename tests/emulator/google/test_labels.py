"""Labels: the system's, one's own, and the names that cannot be had."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.google.conftest import ALICE, AUTH, Gmail, Put, Sign, refused


def create(gmail: Gmail, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = gmail.api.labels().create(userId="me", body=body).execute()
    return answer


def test_a_new_label_has_an_id_and_shows(alice: Gmail) -> None:
    label = create(alice, name="Postroom/Synced", color={"textColor": "#ffffff", "backgroundColor": "#16a766"})
    assert label["id"].startswith("Label_")
    assert (label["type"], label["labelListVisibility"], label["messageListVisibility"]) == (
        "user",
        "labelShow",
        "show",
    )
    assert label["color"] == {"textColor": "#ffffff", "backgroundColor": "#16a766"}


def test_the_list_has_system_and_own_labels_without_counts(alice: Gmail) -> None:
    own = create(alice, name="Postroom")
    labels = {label["id"]: label for label in alice.api.labels().list(userId="me").execute()["labels"]}
    assert labels["INBOX"]["type"] == "system"
    assert own["id"] in labels
    assert not any("messagesTotal" in label for label in labels.values())


def test_one_label_is_counted(alice: Gmail, put: Put) -> None:
    put(labels="INBOX,UNREAD", Message_ID="<1@contoso.example>")
    put(labels="INBOX", subject="Re: Offer", References="<1@contoso.example>")
    label = alice.api.labels().get(userId="me", id="INBOX").execute()
    counts = [label[name] for name in ("messagesTotal", "messagesUnread", "threadsTotal", "threadsUnread")]
    assert counts == [2, 1, 1, 1]


@pytest.mark.parametrize("name", ["Postroom", "postroom", "INBOX", "inbox", "Sent", "Trash", "All Mail"])
def test_a_name_that_is_taken_conflicts(alice: Gmail, name: str) -> None:
    create(alice, name="Postroom")
    refusal = refused(alice.api.labels().create(userId="me", body={"name": name}))
    assert (refusal.status, refusal.reason, refusal.message) == (409, "aborted", "Label name exists or conflicts")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": " "},
        {"name": "a//b"},
        {"name": "x" * 226},
        {"name": "ok", "color": {"textColor": "#123456", "backgroundColor": "#16a766"}},
        {"name": "ok", "color": {"textColor": "#ffffff"}},
        {"name": "ok", "labelListVisibility": "sometimes"},
        {"name": "ok", "messageListVisibility": "sometimes"},
    ],
)
def test_a_label_that_cannot_be_is_refused(alice: Gmail, body: dict[str, Any]) -> None:
    refusal = refused(alice.api.labels().create(userId="me", body=body))
    assert (refusal.status, refusal.reason) == (400, "invalidArgument")
    assert refusal.message.startswith("Invalid label")


def test_patch_changes_what_it_names_alone(alice: Gmail) -> None:
    label = create(alice, name="Old", labelListVisibility="labelHide")
    changed = alice.api.labels().patch(userId="me", id=label["id"], body={"name": "New"}).execute()
    assert (changed["name"], changed["labelListVisibility"]) == ("New", "labelHide")


def test_update_replaces_a_label(alice: Gmail) -> None:
    label = create(alice, name="Old", labelListVisibility="labelHide")
    changed = alice.api.labels().update(userId="me", id=label["id"], body={"name": "New"}).execute()
    assert (changed["name"], changed["labelListVisibility"]) == ("New", "labelShow")


def test_a_rename_may_not_clash_but_may_change_case(alice: Gmail) -> None:
    label = create(alice, name="One")
    create(alice, name="Two")
    assert refused(alice.api.labels().patch(userId="me", id=label["id"], body={"name": "two"})).status == 409
    assert alice.api.labels().patch(userId="me", id=label["id"], body={"name": "ONE"}).execute()["name"] == "ONE"


def test_a_deleted_label_is_off_every_message(alice: Gmail, put: Put) -> None:
    label = create(alice, name="Postroom")
    gid = put(labels=f"INBOX,{label['id']}")
    alice.api.labels().delete(userId="me", id=label["id"]).execute()
    assert alice.api.messages().get(userId="me", id=gid, format="minimal").execute()["labelIds"] == ["INBOX"]
    assert refused(alice.api.labels().get(userId="me", id=label["id"])).status == 404


def test_system_labels_stay(alice: Gmail) -> None:
    labels = alice.api.labels()
    assert refused(labels.delete(userId="me", id="INBOX")).message == "Invalid delete request"
    assert refused(labels.patch(userId="me", id="INBOX", body={"name": "x"})).status == 400


def test_the_labels_scope_manages_labels_but_sees_no_mail(sign_in: Sign) -> None:
    gmail = sign_in(ALICE, f"{AUTH}gmail.labels")
    assert create(gmail, name="Postroom")["name"] == "Postroom"
    assert refused(gmail.api.messages().list(userId="me")).reason == "insufficientPermissions"
