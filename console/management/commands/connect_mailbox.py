from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import queries
from console.demo import outside
from emailsync import engine
from emailsync.operations import Choices, UnableToConnect
from providers.base import ProviderError


class Command(BaseCommand):
    help = "Connects a mailbox of the emulated outside world, without a browser, and starts to sync it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, help="the log-in address of the member whose mailbox it is")
        parser.add_argument("--provider", required=True, choices=["gmail", "graph"])
        parser.add_argument("--address", required=True, help="the mailbox's own address")
        parser.add_argument("--mode", default="full", choices=["full", "manual"])
        parser.add_argument("--history", default="90", help="days of history: 0, 30, 90, 365 or all")
        parser.add_argument("--label", action="store_true", help="give synced messages the label Postroom")
        parser.add_argument("--wait", action="store_true", help="read all of it before the command ends")

    def handle(self, *args: Any, **options: Any) -> None:
        memberships = queries.memberships_of(queries.user_id_of(options["user"]) or 0)
        if not memberships:
            raise CommandError(f"Nobody in an account logs in as {options['user']}.")
        choices = Choices(mode=options["mode"], history_days=_days(options["history"]), wants_label=options["label"])
        try:
            mailbox = outside.connect(memberships[0], options["provider"], options["address"], choices)
        except (UnableToConnect, ProviderError, PermissionDenied) as error:
            raise CommandError(str(error)) from error
        if options["wait"]:
            engine.bring_up_to_date(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)
        self.stdout.write(f"Connected {mailbox.address} ({mailbox.get_mode_display().lower()}) for {memberships[0]}.")


def _days(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        raise CommandError(f"--history is {text!r}: write a number of days, or all.")
    return int(text)
