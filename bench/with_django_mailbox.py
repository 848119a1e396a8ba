"""Stores a folder of messages by django-mailbox, anew for each line that comes in: the process of `bench.rivals`."""

from __future__ import annotations

import logging
import sys
from email import message_from_bytes
from pathlib import Path

import dj_database_url
import django
from django.conf import settings
from django.core.management import call_command


def main(database_url: str, maildir: str) -> None:
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django_mailbox"],
        DATABASES={"default": {**dj_database_url.parse(database_url)}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
        MEDIA_ROOT=f"{maildir}-django-mailbox",
    )
    django.setup()
    call_command("migrate", verbosity=0)
    # It warns of every odd header.
    logging.disable(logging.WARNING)
    messages = [path.read_bytes() for path in sorted(Path(maildir, "cur").iterdir())]
    answer("ready")
    for line in sys.stdin:
        store(messages, line)
        answer("done")


def store(messages: list[bytes], name: str) -> None:
    """As its own `get_new_mail` does with what a transport hands it."""
    from django_mailbox.models import Mailbox

    box = Mailbox.objects.create(name=name.strip())
    for raw in messages:
        box.process_incoming_message(message_from_bytes(raw))


def answer(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
