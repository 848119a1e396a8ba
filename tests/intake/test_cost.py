"""A page costs the same number of statements however long it is, and however long the lists are."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.lib.tenancy import tenant_scope
from emails.words import vector
from exclusions.models import Exclusion
from intake import knowledge, rows
from intake.page import Content
from mailkit.message import Envelope
from tests.intake.conftest import Box, Office, headers_of, message


def page(first: int, count: int) -> Box:
    """Half are of Carla's and half of strangers, each with its own conversation."""
    box = Box()
    for number in range(first, first + count):
        sender = "carla@contoso.example" if number % 2 else f"sam{number}@stranger.example"
        box.add(str(number), message(number, sender=sender, Cc=f"dan{number}@contoso.example"))
    return box


def statements(office: Office, box: Box) -> int:
    with CaptureQueriesContext(connection) as found:
        office.take(box)
    return len(found)


def test_a_page_of_fifty_costs_as_many_statements_as_one_of_two(office: Office) -> None:
    office.contact("Carla", "carla@contoso.example")
    small = statements(office, page(0, 2))
    assert statements(office, page(100, 50)) == small
    assert small <= 55


def test_a_page_that_is_known_costs_hardly_any(office: Office) -> None:
    office.contact("Carla", "carla@contoso.example")
    box = page(0, 20)
    office.take(box)
    assert statements(office, box) <= 20


def test_ten_thousand_exclusions_are_asked_for_by_the_page_s_own_addresses(office: Office) -> None:
    """R7: the question names the values that would cover them, and PostgreSQL finds those by the unique index."""
    with tenant_scope(office.northwind.tenant.pk):
        Exclusion.objects.bulk_create(
            Exclusion(kind="domain", value=f"private{number}.example", created_by=office.northwind.bob)
            for number in range(10_000)
        )
        with CaptureQueriesContext(connection) as found:
            covered = knowledge.excluded_among(["a@mail.private77.example", "b@contoso.example"])
        [query] = found.captured_queries
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE exclusions_exclusion")
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
    assert covered == {"a@mail.private77.example"}
    assert "Index" in plan
    assert "Seq Scan" not in plan


def test_nothing_that_a_message_says_is_too_much_for_the_search(db: None) -> None:
    """PostgreSQL refuses more than a megabyte of words: the worst that comes to mind stays below."""
    hostile = [
        " ".join(f"{number:x}" for number in range(60_000)),
        "-".join(f"a{number:x}" for number in range(60_000)),
        " ".join(f"h{number:x}.example/a{number:x}/b" for number in range(20_000)),
        " ".join(chr(0x4E00 + number % 20_000) + chr(0x4E00 + number // 7) for number in range(100_000)),
        "é" * 300_000,
        " ".join(f"<{number}@x.example>" for number in range(20_000)),
    ]
    for said in hostile:
        text = rows.searched(Envelope("", (), subject="Ünïcode"), Content(1, said=said))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT length({vector('said')}) FROM (SELECT %s AS said) AS given", [text])


def test_headers_that_are_there_spare_a_question(office: Office) -> None:
    office.contact("Carla", "carla@contoso.example")
    box = Box()
    box.add("a", message(1), headers=headers_of(message(1)))
    given = statements(office, box)
    asked = Box()
    asked.add("b", message(2))
    assert given < statements(office, asked)
