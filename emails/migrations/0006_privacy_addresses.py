"""What was said of a contact remembers its addresses, so that it holds for whoever gets one of them (R37)."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from crm.lib.tenancy import SYSTEM_SETTING, TENANT_SETTING

FILLED = """
    UPDATE emails_privacy AS said
    SET addresses = ARRAY(SELECT email FROM contacts_address address WHERE address.contact_id = said.contact_id)
    WHERE said.contact_id IS NOT NULL
"""


def remember(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Tenant by tenant: forced row-level security binds the owner too."""
    connection = schema_editor.connection
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [SYSTEM_SETTING])
        cursor.execute("SELECT id FROM accounts_tenant ORDER BY id")
        tenants = [pk for (pk,) in cursor.fetchall()]
    for tenant_id in tenants:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, true)", [TENANT_SETTING, str(tenant_id)])
            cursor.execute(FILLED)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0001_initial"), ("emails", "0005_thread_joins")]

    operations = [
        migrations.AddField(
            model_name="privacy",
            name="addresses",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=254), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
