from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client

from accounts.models import AuditEntry, Membership
from contacts.data import ContactData
from contacts.files.source import Source
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.contacts.conftest import INES, TOMASZ, Make

DANGER = ContactData(first_name="=1+1", last_name="@SUM(A1)", company="-Minus", phones=("+33 4 72",), tags=("a", "b"))


@pytest.fixture
def bob(client_of: Callable[[Membership], Client], northwind: Northwind) -> Client:
    return client_of(northwind.bob)


def download(client: Client, url: str, data: dict[str, object] | None = None) -> str:
    response = client.post(url, data) if data else client.get(url)
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    return b"".join(response).decode()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_all_that_match_come_out(bob: Client, make: Make) -> None:
    make(INES), make(TOMASZ)
    [row] = rows(download(bob, "/contacts/export/csv/?q=lyon"))
    assert (row["First name"], row["Email 2"], row["Tags"]) == ("Ines", "i.moreau@mail.example", "france; key account")


def test_the_ticked_ones_come_out(bob: Client, make: Make) -> None:
    make(INES)
    tomasz = make(TOMASZ)
    [row] = rows(download(bob, "/contacts/export/csv/", {"ids": [tomasz.pk]}))
    assert row["Company"] == "Łódź Metal"


def test_no_cell_is_a_formula(bob: Client, make: Make) -> None:
    make(DANGER)
    [row] = rows(download(bob, "/contacts/export/csv/"))
    assert (row["First name"], row["Last name"], row["Company"]) == ("'=1+1", "'@SUM(A1)", "'-Minus")
    assert row["Phone 1"] == "'+33 4 72"


@pytest.mark.parametrize("kind", ["csv", "vcard"])
def test_what_comes_out_goes_in_again(bob: Client, make: Make, kind: str) -> None:
    many = ContactData(
        first_name="Ana; María",
        last_name='O"Brien, Jr.',
        company="Łódź, Metal\\Co",
        emails=tuple(f"a{number}@x.example" for number in range(6)),
        phones=("+33 4", "112", "(0)800-1", "+1 222")[1:],
        tags=("one", "two words"),
    )
    for data in (INES, many, DANGER):
        make(data)
    source = Source.open(download(bob, f"/contacts/export/{kind}/").encode())
    found = [draft.data for draft in source.drafts(source.guess())]
    kept = [ContactData(**{**vars(data), "tags": tuple(sorted(data.tags or ()))}) for data in (INES, many, DANGER)]
    assert found == kept


def test_private_contacts_of_others_stay_in(bob: Client, make: Make, northwind: Northwind) -> None:
    make(ContactData(last_name="Secret", owner_id=northwind.alice.pk, is_private=True))
    assert rows(download(bob, "/contacts/export/csv/")) == []


def test_the_audit_log_knows(bob: Client, make: Make, northwind: Northwind) -> None:
    make(INES)
    download(bob, "/contacts/export/csv/")
    with tenant_scope(northwind.tenant.pk):
        assert AuditEntry.objects.get(action="contact.exported").summary == "exported 1 contact as CSV"


def test_another_format_is_not_there(bob: Client) -> None:
    assert bob.get("/contacts/export/xml/").status_code == 404


def depth_at_each_chunk(chunks: Iterator[bytes]) -> list[int]:
    """How many transactions are open while the reader has the chunk."""
    return [len(connection.savepoint_ids) for _ in chunks]


def test_no_transaction_waits_for_a_slow_reader(bob: Client, make: Make) -> None:
    make(INES)
    before = len(connection.savepoint_ids)
    response = bob.get("/contacts/export/csv/")
    assert set(depth_at_each_chunk(iter(response))) == {before}
