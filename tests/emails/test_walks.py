"""Lists walk along their index, whatever belts lie around the tables: they never sort what they do not show."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Model, QuerySet

from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails import queries
from tests.conftest import Globex, Northwind
from tests.emails.factory import make_email

MANY = 4_000
COPY = """
INSERT INTO emails_email (tenant_id, fingerprint, message_id, thread_id, direction, from_address, from_name, subject,
    sent_at, snippet, text, size, has_html, has_attachments, original, problem, search, stored_at)
SELECT tenant_id, lpad(number::text, 32, 'c'), '', thread_id, CASE number %% 4 WHEN 0 THEN 'out' ELSE 'in' END,
    '', '', subject, sent_at - number * interval '3 minutes', '', '', 1, false, false, '', '', '', stored_at
FROM emails_email, generate_series(1, %s) number WHERE tenant_id = %s
"""
LINK = """
INSERT INTO emails_link (tenant_id, email_id, contact_id, by, stored_at, sent_at)
SELECT tenant_id, id, (%s::bigint[])[1 + id %% %s], 'auto', stored_at, sent_at
FROM emails_email email WHERE tenant_id = %s AND NOT EXISTS (SELECT FROM emails_link WHERE email_id = email.id)
"""


@pytest.fixture
def contact(transactional_db: None, northwind: Northwind, globex: Globex) -> Iterator[Contact]:
    """One of a hundred contacts, in an account of thousands of emails beside another."""
    for owner in (globex.charlie, northwind.alice):
        with tenant_scope(owner.tenant_id), connection.cursor() as cursor:
            contacts = [
                Contact.objects.create(
                    last_name=f"C{number}", sort_name=f"c{number}", owner=owner, is_private=not number
                )
                for number in range(100)
            ]
            make_email(contacts[1])
            ids = [one.pk for one in contacts]
            cursor.execute(COPY, [MANY, owner.tenant_id])
            cursor.execute(LINK, [ids, len(ids), owner.tenant_id])
    analyse()
    with tenant_scope(northwind.tenant.pk):
        yield contacts[7]


def analyse() -> None:
    """As autovacuum would a minute later; only the tables' owner may."""
    owner = settings.DATABASES["owner"]
    found = psycopg2.connect(
        dbname=connection.settings_dict["NAME"],
        user=owner["USER"],
        password=owner["PASSWORD"] or None,
        host=owner["HOST"],
        port=owner["PORT"] or None,
    )
    found.autocommit = True
    with found.cursor() as cursor:
        cursor.execute("ANALYZE emails_email, emails_link, contacts_contact")
    found.close()


def plan(rows: QuerySet[Model]) -> str:
    text, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {text}", parameters)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_lists_and_timelines_walk_their_index(contact: Contact, northwind: Northwind) -> None:
    for member in (northwind.alice, northwind.bob):
        newest = queries.visible_emails(member).order_by("-sent_at", "-id")
        stored = queries.visible_links(member).filter(contact=contact, email__deleted_at=None)
        for rows, index in (
            (newest[:51], "email_newest"),
            (newest.filter(direction="out")[:51], "email_newest"),
            (stored.order_by("-sent_at", "-email_id").select_related("email")[:21], "link_timeline"),
        ):
            assert f"using {index}" in plan(rows)
            assert "Sort" not in plan(rows)
