from __future__ import annotations

import django.db.models.deletion
from django.db import migrations

import crm.lib.tenancy
from crm.lib.tenant_migrations import TenantLink


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0001_initial"),
        ("exclusions", "0003_removals"),
    ]

    operations = [
        migrations.AddField(
            model_name="removal",
            name="contact",
            field=crm.lib.tenancy.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contacts.contact"
            ),
        ),
        TenantLink("Removal", "contact"),
    ]
