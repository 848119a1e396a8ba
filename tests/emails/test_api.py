"""The API of emails, threads and timelines."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import ApiToken, TokenScope
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails import originals
from emails.models import Email
from tests.conftest import ApiOf, Globex, Northwind
from tests.emails.conftest import Make
from tests.emails.factory import WITH_A_FILE, door_of, make_message
from tests.integrations.conftest import problem


@pytest.fixture
def program(northwind: Northwind, api_of: ApiOf) -> APIClient:
    return api_of(northwind.bob)


@pytest.fixture
def plan(northwind: Northwind, ines: Contact) -> Email:
    """With a file."""
    with tenant_scope(northwind.tenant.pk):
        return make_message(WITH_A_FILE, ines, to=["alice@northwind.example", "paul@atelier-lyon.example"])


def listed(program: APIClient, **query: Any) -> list[str]:
    answer = program.get("/api/v1/emails/", query)
    assert answer.status_code == 200, answer.json()
    return [email["subject"] for email in answer.json()["results"]]


class TestList:
    def test_it_narrows_by_box_contact_member_thread_and_time(
        self, program: APIClient, email: Make, ines: Contact, paul: Contact, northwind: Northwind
    ) -> None:
        one = email(ines, subject="One", seen_by=northwind.alice)
        email(paul, subject="Two", direction=Email.Direction.OUTGOING, seen_by=northwind.bob)
        email(ines, paul, subject="Three", thread=one.thread)
        for query, subjects in (
            ({}, ["Three", "Two", "One"]),
            ({"box": "sent"}, ["Two"]),
            ({"box": "drafts"}, []),
            ({"folded": True}, ["Three", "Two"]),
            ({"folded": True, "contact": ines.pk, "until": "2099-01-01T00:00:00Z"}, ["Three"]),
            ({"contact": ines.pk}, ["Three", "One"]),
            ({"contact": paul.pk, "box": "incoming"}, ["Three"]),
            ({"member": northwind.alice.pk}, ["One"]),
            ({"member": northwind.alice.pk, "contact": paul.pk}, []),
            ({"thread": one.thread_id}, ["Three", "One"]),
            ({"until": one.sent_at.isoformat()}, []),
            ({"since": one.sent_at.isoformat(), "contact": ines.pk}, ["Three", "One"]),
        ):
            assert listed(program, **query) == subjects, query

    def test_pages_follow_each_other(self, program: APIClient, email: Make, ines: Contact) -> None:
        for number in range(5):
            email(ines, subject=str(number))
        for query in ("?limit=2", f"?limit=2&contact={ines.pk}"):
            page = program.get(f"/api/v1/emails/{query}").json()
            second = program.get(page["next"]).json()
            assert [one["subject"] for one in second["results"]] == ["2", "1"]
            assert program.get(second["previous"]).json()["results"] == page["results"]

    @pytest.mark.parametrize(
        "query", ["?box=x", "?contact=x", "?contact=0", "?since=yesterday", "?limit=0", "?cursor=x"]
    )
    def test_what_makes_no_sense_is_refused(self, program: APIClient, query: str) -> None:
        assert program.get(f"/api/v1/emails/{query}").status_code == 400

    def test_it_costs_the_same_with_many(self, program: APIClient, email: Make, ines: Contact, paul: Contact) -> None:
        email(ines)
        program.get("/api/v1/emails/")
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                program.get("/api/v1/emails/")
            counts.append(len(queries))
            for _ in range(9):
                email(ines, paul)
        assert counts[0] == counts[1]


class TestOne:
    def test_it_has_all_that_hangs_on_it(
        self, program: APIClient, plan: Email, ines: Contact, paul: Contact, northwind: Northwind
    ) -> None:
        with tenant_scope(northwind.tenant.pk):
            door = door_of(northwind.alice)
            plan.sources.create(door=door, key="18c0", email=plan)
        body = program.get(f"/api/v1/emails/{plan.pk}/").json()
        assert body["from"] == {"name": "Ines Moreau", "address": "ines@atelier-lyon.example"}
        assert body["text"].strip() == "Here is the plan."
        assert [(one["role"], one["member"]) for one in body["parties"]] == [
            ("from", None),
            ("to", northwind.alice.pk),
            ("to", None),
        ]
        states = [{one["name"]: one["state"] for one in party["contacts"]} for party in body["parties"]]
        assert states == [{"Ines Moreau": "stored"}, {}, {"Paul Girard": "not_stored"}]
        assert [link["contact"]["id"] for link in body["links"]] == [ines.pk]
        assert body["sources"][0]["member_name"] == "Alice Lindqvist"
        assert [file["name"] for file in body["attachments"]] == ["gate-plan.pdf"]

    def test_its_original_and_its_files_come_as_they_are(self, program: APIClient, plan: Email) -> None:
        url = f"/api/v1/emails/{plan.pk}/"
        raw = program.get(f"{url}raw/", headers={"Accept": "message/rfc822"})
        assert (raw.content, raw.headers["Content-Type"]) == (WITH_A_FILE, "application/octet-stream")
        file = program.get(f"{url}attachments/0/")
        assert file.content == b"%PDF-1.4\n"
        assert file.headers["Content-Disposition"] == 'attachment; filename="gate-plan.pdf"'
        problem(program.get(f"{url}attachments/1/"), 404, "not-found")

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("path", ["raw/", "attachments/0/"])
    def test_no_transaction_is_open_while_the_storage_is_read(
        self, program: APIClient, plan: Email, path: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """E1."""
        is_open: list[bool] = []
        read = originals.read

        def noted(digest: str, *, tenant_id: int | None = None) -> bytes:
            is_open.append(connection.in_atomic_block)
            return read(digest, tenant_id=tenant_id)

        monkeypatch.setattr(originals, "read", noted)
        assert program.get(f"/api/v1/emails/{plan.pk}/{path}").status_code == 200
        assert is_open == [False]

    @pytest.mark.parametrize("path", ["raw/", "attachments/0/"])
    def test_what_is_only_read_takes_no_other_method_and_notes_the_use_of_the_token(
        self, program: APIClient, plan: Email, northwind: Northwind, path: str
    ) -> None:
        url = f"/api/v1/emails/{plan.pk}/{path}"
        problem(program.post(url, {}, headers={"Idempotency-Key": "once"}), 405, "method-not-allowed")
        problem(program.put(url, {}), 405, "method-not-allowed")
        problem(APIClient().get(url), 401, "token-missing")
        with tenant_scope(northwind.tenant.pk):
            ApiToken.objects.update(last_used_at=None)
        assert program.get(url).status_code == 200
        with tenant_scope(northwind.tenant.pk):
            assert ApiToken.objects.get().last_used_at is not None

    def test_one_without_an_original_has_none_to_read(self, program: APIClient, email: Make, ines: Contact) -> None:
        problem(program.get(f"/api/v1/emails/{email(ines).pk}/raw/"), 404, "not-found")

    def test_it_is_deleted_for_all(self, program: APIClient, plan: Email) -> None:
        url = f"/api/v1/emails/{plan.pk}/"
        assert program.delete(url).status_code == 204
        problem(program.get(url), 404, "not-found")
        problem(program.delete(url), 404, "not-found")


class TestForWhom:
    def test_it_is_stored_moved_and_removed(
        self, program: APIClient, email: Make, ines: Contact, paul: Contact
    ) -> None:
        url = f"/api/v1/emails/{email(ines).pk}/"
        stored = program.post(f"{url}store/", {"contact": paul.pk}).json()
        assert [(one["contact"]["name"], one["by"]) for one in stored["links"]] == [
            ("Paul Girard", "user"),
            ("Ines Moreau", "auto"),
        ]
        assert program.post(f"{url}unstore/", {"contact": paul.pk}).status_code == 204
        moved = program.post(f"{url}move/", {"from": ines.pk, "to": paul.pk}).json()
        assert [one["contact"]["id"] for one in moved["links"]] == [paul.pk]
        assert program.post(f"{url}unstore/", {"contact": paul.pk}).status_code == 204
        problem(program.get(url), 404, "not-found")

    def test_where_another_was_quicker_it_says_who(
        self, program: APIClient, email: Make, ines: Contact, paul: Contact, northwind: Northwind, api_of: ApiOf
    ) -> None:
        url = f"/api/v1/emails/{email(ines).pk}/"
        api_of(northwind.alice).post(f"{url}move/", {"from": ines.pk, "to": paul.pk})
        for deed, body in (("unstore", {"contact": ines.pk}), ("move", {"from": ines.pk, "to": paul.pk})):
            answer = problem(program.post(f"{url}{deed}/", body), 412, "changed-meanwhile")
            assert "Alice Lindqvist has removed or moved it" in answer["detail"]

    @pytest.mark.parametrize("deed", ["store", "unstore", "move"])
    def test_contacts_that_one_cannot_see_are_not_there(
        self,
        program: APIClient,
        email: Make,
        ines: Contact,
        northwind: Northwind,
        api_of: ApiOf,
        secret: Contact,
        deed: str,
    ) -> None:
        body = {"from": ines.pk, "to": secret.pk} if deed == "move" else {"contact": secret.pk}
        answer = api_of(northwind.alice).post(f"/api/v1/emails/{email(ines).pk}/{deed}/", body)
        problem(answer, 404, "not-found")

    def test_a_token_for_reading_changes_nothing(
        self, northwind: Northwind, api_of: ApiOf, email: Make, ines: Contact
    ) -> None:
        url = f"/api/v1/emails/{email(ines).pk}/"
        reader = api_of(northwind.bob, TokenScope.READ)
        problem(reader.post(f"{url}unstore/", {"contact": ines.pk}), 403, "read-only-token")
        problem(reader.delete(url), 403, "read-only-token")


def test_a_conversation_comes_oldest_first_and_only_as_far_as_one_sees_it(
    program: APIClient, northwind: Northwind, api_of: ApiOf, email: Make, ines: Contact, secret: Contact
) -> None:
    first = email(ines, subject="First")
    email(secret, subject="Secret", thread=first.thread)
    email(ines, subject="Last", thread=first.thread)
    url = f"/api/v1/threads/{first.thread_id}/"
    assert [one["subject"] for one in program.get(url).json()["emails"]] == ["First", "Secret", "Last"]
    other = api_of(northwind.alice)
    assert [one["subject"] for one in other.get(url).json()["emails"]] == ["First", "Last"]
    hidden = email(secret)
    problem(other.get(f"/api/v1/threads/{hidden.thread_id}/"), 404, "not-found")


def test_a_timeline_has_emails_and_notes(program: APIClient, email: Make, ines: Contact) -> None:
    email(ines)
    program.post("/api/v1/notes/", {"contact": ines.pk, "text": "Call back."})
    url = f"/api/v1/contacts/{ines.pk}/timeline/"
    both = program.get(url).json()["results"]
    assert [(one["kind"], one["email"] is None, one["note"] is None) for one in both] == [
        ("note", True, False),
        ("email", False, True),
    ]
    assert both[0]["note"]["text"] == "Call back."
    assert both[1]["email"]["subject"] == "Offer"
    assert [one["kind"] for one in program.get(f"{url}?kind=notes").json()["results"]] == ["note"]
    page = program.get(f"{url}?limit=1").json()
    assert program.get(page["next"]).json()["results"] == both[1:]
    assert program.get(f"{url}?kind=drafts").status_code == 400


def test_another_account_finds_nothing(globex: Globex, api_of: ApiOf, plan: Email, ines: Contact) -> None:
    stranger = api_of(globex.charlie)
    assert stranger.get("/api/v1/emails/").json()["results"] == []
    assert stranger.get(f"/api/v1/emails/?contact={ines.pk}").json()["results"] == []
    for path in ("", "raw/", "attachments/0/"):
        problem(stranger.get(f"/api/v1/emails/{plan.pk}/{path}"), 404, "not-found")
