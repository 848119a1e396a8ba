"""Words get weights, so that subject, sender, recipients and text can be searched apart (R37, R38)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from crm.lib.tenancy import SYSTEM_SETTING, TENANT_SETTING
from emails.words import Texts, sections, vector
from mailkit.quoted import said

BATCH = 500
#: As `intake.rows` cuts what it searches.
LONGEST, MOST = 200_000, 200
EMAILS = """
    SELECT id, subject, from_name, from_address, left(text, %(longest)s) FROM emails_email
    WHERE id > %(after)s ORDER BY id LIMIT %(batch)s
"""
PARTIES = """
    SELECT email_id, role, name || ' ' || address FROM emails_party
    WHERE email_id = ANY(%(ids)s) AND role IN ('to', 'cc') ORDER BY email_id, position
"""
FILES = "SELECT email_id, name FROM emails_attachment WHERE email_id = ANY(%(ids)s) AND name <> '' ORDER BY position"
UPDATE = f"""
    UPDATE emails_email AS email SET search = {vector("given.words")}
    FROM unnest(%(ids)s::bigint[], %(words)s::text[]) AS given (id, words) WHERE email.id = given.id
"""


def search_again(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Each batch is a transaction of its own, within its tenant: forced row-level security binds the owner too."""
    alias = schema_editor.connection.alias
    for tenant_id in _tenants(schema_editor):
        after = 0
        while True:
            with transaction.atomic(using=alias), schema_editor.connection.cursor() as cursor:
                cursor.execute("SELECT set_config(%s, %s, true)", [TENANT_SETTING, str(tenant_id)])
                ids = _batch(cursor, after)
            if not ids:
                break
            after = ids[-1]


def _tenants(schema_editor: BaseDatabaseSchemaEditor) -> list[int]:
    connection = schema_editor.connection
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [SYSTEM_SETTING])
        cursor.execute("SELECT id FROM accounts_tenant ORDER BY id")
        return [pk for (pk,) in cursor.fetchall()]


def _batch(cursor: Any, after: int) -> list[int]:
    emails = _rows(cursor, EMAILS, {"after": after, "batch": BATCH, "longest": LONGEST})
    ids = [pk for pk, *_ in emails]
    parties: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for pk, role, text in _rows(cursor, PARTIES, {"ids": ids}):
        parties[pk].append((role, text))
    files: dict[int, list[str]] = defaultdict(list)
    for pk, name in _rows(cursor, FILES, {"ids": ids}):
        files[pk].append(name)
    words = [
        sections(
            Texts(
                subject=subject,
                sender=[f"{name} {address}"],
                recipients=[text for _, text in parties[pk][:MOST]],
                copied=[text for role, text in parties[pk][:MOST] if role == "cc"],
                said=said(text),
                files=files[pk][:MOST],
            ),
            LONGEST,
        )
        for pk, subject, name, address, text in emails
    ]
    cursor.execute(UPDATE, {"ids": ids, "words": words})
    return ids


def _rows(cursor: Any, statement: str, parameters: dict[str, Any]) -> list[Any]:
    cursor.execute(statement, parameters)
    found: list[Any] = cursor.fetchall()
    return found


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("emails", "0003_access_told_at")]

    operations = [migrations.RunPython(search_again, migrations.RunPython.noop)]
