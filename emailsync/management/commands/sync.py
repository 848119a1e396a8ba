from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import queries as accounts
from crm.lib.tenancy import tenant_scope
from emailsync import engine, queries


class Command(BaseCommand):
    help = "Brings a member's mailboxes up to date now, in this process, and says what came of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the log-in address of the member, or a connected mailbox's address")

    def handle(self, *args: Any, **options: Any) -> None:
        found = queries.mailboxes_named(options["email"], accounts.user_id_of(options["email"]))
        if not found:
            raise CommandError(f"No mailbox is connected for {options['email']}.")
        for due in found:
            engine.bring_up_to_date(tenant_id=due.tenant_id, mailbox_id=due.id)
            with tenant_scope(due.tenant_id):
                self.stdout.write(queries.state_sentence(due.id))
