"""What PostgreSQL needs to look for emails in the right way: functions that it plans once, and how common words are."""

from __future__ import annotations

from django.db import migrations

from emails.functions import INSTALL, REMOVE

#: Of a word that it has not counted it expects half as many emails as have the rarest it has: with a hundred as usual
#: that is so many that it reads a whole account besides.
COUNTED = "ALTER TABLE emails_email ALTER COLUMN search SET STATISTICS 500"
USUAL = "ALTER TABLE emails_email ALTER COLUMN search SET STATISTICS -1"


class Migration(migrations.Migration):
    dependencies = [("emails", "0006_privacy_addresses")]

    operations = [migrations.RunSQL(INSTALL, REMOVE), migrations.RunSQL(COUNTED, USUAL)]
