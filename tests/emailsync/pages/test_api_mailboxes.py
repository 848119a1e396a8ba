"""The API of mailboxes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import TokenScope
from crm.lib.tenancy import tenant_scope
from emails.models import Decision
from providers.base import Kind
from tests.conftest import ApiOf, Globex, Northwind
from tests.emailsync.pages.conftest import mailboxes_of
from tests.emailsync.pages.rows import make_mailbox, make_run

ALICE = "alice@northwind.example"


def test_one_lists_ones_own(northwind: Northwind, api_of: ApiOf) -> None:
    make_mailbox(northwind.alice)
    make_mailbox(northwind.alice, "alice@outlook.northwind.example", "graph")
    make_mailbox(northwind.bob, "bob@northwind.example")
    found = api_of(northwind.alice).get("/api/v1/mailboxes/").json()
    assert [each["address"] for each in found["results"]] == [ALICE, "alice@outlook.northwind.example"]
    assert found["next"] is None


def test_a_list_has_pages(northwind: Northwind, api_of: ApiOf) -> None:
    for number in range(3):
        make_mailbox(northwind.alice, f"alice{number}@northwind.example")
    client = api_of(northwind.alice)
    first = client.get("/api/v1/mailboxes/?limit=2").json()
    assert len(first["results"]) == 2
    assert len(client.get(first["next"]).json()["results"]) == 1


def test_what_it_says_of_one(northwind: Northwind, api_of: ApiOf) -> None:
    mailbox = make_mailbox(northwind.alice, problem=Kind.API, problem_detail="Wait.", problem_at=timezone.now())
    make_run(mailbox, progress=0.5, handled=3, stored=2, failed=1)
    found = api_of(northwind.alice).get(f"/api/v1/mailboxes/{mailbox.pk}/").json()
    assert (found["provider"], found["mode"], found["state"], found["label"]) == ("gmail", "full", "active", False)
    assert (found["problem"]["kind"], found["problem"]["detail"]) == ("Email API error", "Wait.")
    assert (found["history"]["state"], found["history"]["stored"], found["history"]["failed"]) == ("running", 2, 1)


def test_no_secret_is_in_it(northwind: Northwind, api_of: ApiOf) -> None:
    """S2."""
    mailbox = make_mailbox(northwind.alice, grant="sealed-grant", watch_secret="watch-secret", cursor="cursor-41")
    text = api_of(northwind.alice).get(f"/api/v1/mailboxes/{mailbox.pk}/").content.decode()
    assert not [word for word in ("sealed-grant", "watch-secret", "cursor-41") if word in text]


def test_without_history_and_problem_both_are_null(northwind: Northwind, api_of: ApiOf) -> None:
    mailbox = make_mailbox(northwind.alice)
    found = api_of(northwind.alice).get(f"/api/v1/mailboxes/{mailbox.pk}/").json()
    assert (found["history"], found["problem"]) == (None, None)


def test_others_have_nothing_of_it(northwind: Northwind, globex: Globex, api_of: ApiOf) -> None:
    """S1."""
    mailbox = make_mailbox(northwind.alice)
    for member in (northwind.ada, northwind.bob, globex.charlie):
        client = api_of(member)
        assert client.get(f"/api/v1/mailboxes/{mailbox.pk}/").status_code == 404
        assert client.post(f"/api/v1/mailboxes/{mailbox.pk}/disconnect/").status_code == 404
        assert client.get("/api/v1/mailboxes/").json()["results"] == []
        assert client.get("/api/v1/sync/status/").json() == []


def test_the_label_is_switched(northwind: Northwind, api_of: ApiOf) -> None:
    mailbox = make_mailbox(northwind.alice)
    answer = api_of(northwind.alice).patch(f"/api/v1/mailboxes/{mailbox.pk}/", {"label": True})
    assert (answer.status_code, answer.json()["label"]) == (200, True)
    assert mailboxes_of(northwind.alice)[0].wants_label


def test_a_label_that_was_not_allowed_is_refused(northwind: Northwind, api_of: ApiOf) -> None:
    mailbox = make_mailbox(northwind.alice, rights=["read"])
    answer = api_of(northwind.alice).patch(f"/api/v1/mailboxes/{mailbox.pk}/", {"label": True})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "label")


@pytest.mark.parametrize("body", [{"label": "yes"}, {"label": None}, {"mode": "manual"}, {"labels": True}])
def test_nothing_else_can_be_changed(northwind: Northwind, api_of: ApiOf, body: dict[str, object]) -> None:
    mailbox = make_mailbox(northwind.alice)
    assert api_of(northwind.alice).patch(f"/api/v1/mailboxes/{mailbox.pk}/", body).status_code == 400


def test_sync_makes_it_due(northwind: Northwind, api_of: ApiOf) -> None:
    mailbox = make_mailbox(northwind.alice, next_poll_at=timezone.now() + timedelta(hours=1))
    assert api_of(northwind.alice).post(f"/api/v1/mailboxes/{mailbox.pk}/sync/").status_code == 202
    due = mailboxes_of(northwind.alice)[0].next_poll_at
    assert due is not None
    assert due <= timezone.now()


def test_disconnecting_ends_it(northwind: Northwind, api_of: ApiOf) -> None:
    mailbox = make_mailbox(northwind.alice)
    client = api_of(northwind.alice)
    assert client.post(f"/api/v1/mailboxes/{mailbox.pk}/disconnect/").status_code == 204
    assert client.get(f"/api/v1/mailboxes/{mailbox.pk}/").status_code == 404
    assert mailboxes_of(northwind.alice)[0].state == "disconnected"


def test_a_token_that_may_read_changes_nothing(northwind: Northwind, api_of: ApiOf) -> None:
    mailbox = make_mailbox(northwind.alice)
    client = api_of(northwind.alice, TokenScope.READ)
    assert client.get(f"/api/v1/mailboxes/{mailbox.pk}/").status_code == 200
    assert client.post(f"/api/v1/mailboxes/{mailbox.pk}/sync/").status_code == 403
    assert client.patch(f"/api/v1/mailboxes/{mailbox.pk}/", {"label": True}).status_code == 403


def test_the_status_counts_thirty_days_and_leaves_out_what_was_skipped(northwind: Northwind, api_of: ApiOf) -> None:
    """R39."""
    mailbox = make_mailbox(northwind.alice)
    now = timezone.now()
    rows = [
        ("stored", now, None),
        ("stored", now - timedelta(days=29), None),
        ("stored", now - timedelta(days=31), None),
        ("duplicate", now, None),
        ("skipped", now, None),
        ("tombstone", now, None),
        ("failed", now, now),
        ("failed", now, None),
    ]
    with tenant_scope(northwind.tenant.pk):
        for number, (outcome, decided_at, next_attempt_at) in enumerate(rows):
            Decision.objects.create(
                door_id=mailbox.door_id,
                key=str(number),
                outcome=outcome,
                decided_at=decided_at,
                next_attempt_at=next_attempt_at,
            )
    (found,) = api_of(northwind.alice).get("/api/v1/sync/status/").json()
    assert (found["state"], found["address"]) == ("active", ALICE)
    assert (found["queued"], found["synced"], found["failed"]) == (1, 3, 1)
