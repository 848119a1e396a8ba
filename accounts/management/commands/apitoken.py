from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import operations, queries
from accounts.models import Membership, TokenScope
from crm.lib.tenancy import tenant_scope

NAME_LENGTH = 60


class Command(BaseCommand):
    help = "Makes an API token that acts as a member, and prints it: this once, since only its digest is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address the member logs in with")
        parser.add_argument("--name", default="Command line", help="what will use it (%(default)s)")
        parser.add_argument("--scope", choices=TokenScope.values, default=TokenScope.WRITE, help="(%(default)s)")
        parser.add_argument("--days", type=int, metavar="N", help="how long it works; for ever without")
        parser.add_argument("--tenant", metavar="NAME", help="which account, where the person is in several")

    def handle(self, *args: Any, **options: Any) -> None:
        expires_at = _end(options["days"])
        name = options["name"].strip()
        if not 0 < len(name) <= NAME_LENGTH:
            raise CommandError(f"--name needs 1 to {NAME_LENGTH} characters.")
        member = _member(options["email"], options["tenant"])
        with tenant_scope(member.tenant_id):
            _, key = operations.create_token(member=member, name=name, scope=options["scope"], expires_at=expires_at)
        self.stdout.write(key)


def _end(days: int | None) -> datetime | None:
    if days is None:
        return None
    if not 1 <= days <= 3650:
        raise CommandError(f"--days is {days}: write a number from 1 to 3650.")
    return timezone.now() + timedelta(days=days)


def _member(email: str, tenant: str | None) -> Membership:
    user_id = queries.user_id_of(email)
    found = [member for member in queries.memberships_of(user_id) if member.user.is_active] if user_id else []
    if not found:
        raise CommandError(f"No active member logs in with {email}.")
    chosen = [member for member in found if tenant is None or member.tenant.name.casefold() == tenant.casefold()]
    names = ", ".join(str(member.tenant) for member in found)
    if not chosen:
        raise CommandError(f"{email} is in no account named {tenant!r}, but in: {names}.")
    if len(chosen) > 1:
        raise CommandError(f"{email} is in several accounts: choose one with --tenant. They are: {names}.")
    return chosen[0]
