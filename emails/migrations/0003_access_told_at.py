from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("emails", "0002_seeing")]

    operations = [
        migrations.AddField(
            model_name="access",
            name="told_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="access",
            index=models.Index(
                models.F("tenant"),
                models.F("asker"),
                condition=Q(("is_granted__isnull", False), ("told_at", None)),
                name="access_answered",
            ),
        ),
    ]
