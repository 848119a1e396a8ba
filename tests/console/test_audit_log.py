"""The audit log: filtered by its URL, read page by page, taken away as CSV."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEntry
from console import audit_csv
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.console.conftest import newest_entry

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def _three(northwind: Northwind) -> None:
    """Three deeds of two people on three days."""
    with tenant_scope(northwind.tenant.pk):
        audit.record(northwind.ada, "contact.deleted", "deleted Ines Moreau", at=NOON)
        audit.record(northwind.bob, "contact.merged", "merged two contacts", at=NOON + timedelta(days=1))
        audit.record(northwind.bob, "tag.renamed", "renamed a tag", at=NOON + timedelta(days=2))


def shown(browser: Client, **filters: str | int) -> list[str]:
    """The summaries on the page, newest first, without the account's own beginning."""
    entries: list[AuditEntry] = browser.get(reverse("audit_log"), filters).context["page"].items
    return [entry.summary for entry in entries if entry.action != "account.created"]


@pytest.mark.usefixtures("_three")
class TestFilters:
    def test_none_shows_all_the_newest_first(self, ada: Client) -> None:
        assert shown(ada) == ["renamed a tag", "merged two contacts", "deleted Ines Moreau"]

    def test_by_person(self, ada: Client, northwind: Northwind) -> None:
        assert shown(ada, actor=northwind.ada.pk) == ["deleted Ines Moreau"]

    def test_by_area(self, ada: Client) -> None:
        assert shown(ada, action="contact") == ["merged two contacts", "deleted Ines Moreau"]

    def test_by_one_action(self, ada: Client) -> None:
        assert shown(ada, action="contact.merged") == ["merged two contacts"]

    def test_an_area_is_a_whole_word(self, ada: Client) -> None:
        assert shown(ada, action="contac") == []

    def test_by_days_both_included(self, ada: Client) -> None:
        assert shown(ada, since="2026-03-02", until="2026-03-03") == ["merged two contacts", "deleted Ines Moreau"]

    def test_days_are_the_readers(self, ada: Client, northwind: Northwind) -> None:
        northwind.ada.user.timezone = "Pacific/Auckland"
        northwind.ada.user.save()
        assert shown(ada, since="2026-03-03", until="2026-03-03") == ["deleted Ines Moreau"]

    def test_together(self, ada: Client, northwind: Northwind) -> None:
        assert shown(ada, actor=northwind.bob.pk, action="tag") == ["renamed a tag"]

    def test_that_find_nothing_say_so(self, ada: Client) -> None:
        page = ada.get(reverse("audit_log"), {"action": "import"}).content.decode()
        assert "Nothing like that happened" in page

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("actor", "999999"),
            ("actor", "x"),
            ("action", "a'; DROP TABLE"),
            ("since", "yesterday"),
            ("until", "2026-13-1"),
        ],
    )
    def test_that_make_no_sense_are_named(self, ada: Client, field: str, value: str) -> None:
        answer = ada.get(reverse("audit_log"), {field: value})
        assert answer.status_code == 422
        assert field in answer.context["form"].errors

    def test_that_end_before_they_begin_are_named(self, ada: Client) -> None:
        answer = ada.get(reverse("audit_log"), {"since": "2026-03-05", "until": "2026-03-01"})
        assert "until" in answer.context["form"].errors


class TestPages:
    @pytest.fixture(autouse=True)
    def _many(self, northwind: Northwind) -> None:
        with tenant_scope(northwind.tenant.pk):
            for number in range(60):
                audit.record(northwind.bob, "test.done", f"deed {number}", at=NOON)

    def test_lead_to_older_entries_with_the_filters_kept(self, ada: Client) -> None:
        first = ada.get(reverse("audit_log"), {"action": "test"})
        url = first.content.decode().partition("data-more")[2].partition('href="')[2].partition('"')[0]
        second = ada.get(reverse("audit_log") + url.replace("&amp;", "&"))
        seen = [entry.summary for page in (first, second) for entry in page.context["page"].items]
        assert sorted(seen) == sorted(f"deed {number}" for number in range(60))

    def test_answer_htmx_with_the_rows_alone(self, ada: Client) -> None:
        answer = ada.get(reverse("audit_log"), {"action": "test"}, headers={"hx-request": "true"})
        assert answer.content.decode().count("list-row") == 50
        assert "<html" not in answer.content.decode()

    @pytest.mark.parametrize("cursor", ["x", "eyJ4IjoxfQ:forged", "\0"])
    def test_a_forged_cursor_leads_to_the_first(self, ada: Client, cursor: str) -> None:
        answer = ada.get(reverse("audit_log"), {"cursor": cursor})
        assert answer.headers["Location"] == reverse("audit_log")


class TestTheExport:
    def export(self, browser: Client, **filters: str | int) -> list[list[str]]:
        body = browser.get(reverse("audit_export"), filters).getvalue().decode("utf-8-sig")
        return list(csv.reader(StringIO(body)))

    @pytest.mark.usefixtures("_three")
    def test_has_the_entries_of_the_filter(self, ada: Client, northwind: Northwind) -> None:
        head, *rows = self.export(ada, action="contact", actor=northwind.ada.pk)
        assert head[:4] == ["When (UTC)", "Who", "Action", "What"]
        assert [row[:4] for row in rows] == [
            ["2026-03-02T12:00:00+00:00", "Ada Okafor", "contact.deleted", "deleted Ines Moreau"]
        ]

    def test_has_all_of_them_however_many(
        self, ada: Client, northwind: Northwind, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(audit_csv, "BATCH", 7)
        with tenant_scope(northwind.tenant.pk):
            for number in range(30):
                audit.record(northwind.bob, "test.done", f"deed {number}", at=NOON)
        assert len(self.export(ada, action="test")) == 31

    @pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t"])
    def test_calculates_nothing_in_a_spreadsheet(self, ada: Client, northwind: Northwind, begin: str) -> None:
        with tenant_scope(northwind.tenant.pk):
            audit.record(northwind.bob, "test.done", f"{begin}HYPERLINK(1)")
        assert self.export(ada, action="test")[1][3] == f"'{begin}HYPERLINK(1)"

    def test_is_itself_in_the_log(self, ada: Client, northwind: Northwind) -> None:
        self.export(ada)
        assert newest_entry(northwind.alice).action == "audit.exported"
