from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("emails", "0004_search_by_section")]

    operations = [
        migrations.AddField(
            model_name="thread",
            name="joins",
            field=models.PositiveIntegerField(db_default=0, editable=False),
        ),
    ]
