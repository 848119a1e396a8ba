from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import queries
from accounts.models import Membership
from intake.files import UnreadableFile
from intake.operations import Imported, import_mail

LABELS = {
    "stored": "stored",
    "duplicate": "stored already",
    "known": "decided before",
    "skipped": "not stored",
    "failed": "failed",
    "tombstone": "deleted by a user",
}


class Command(BaseCommand):
    help = (
        "Files the messages of .eml and .mbox files, Maildirs, or folders of them, as a mailbox's would be: those that "
        "concern a contact the member may see. Can be broken off and begun again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--user", required=True, metavar="EMAIL", help="the address the member logs in with")
        parser.add_argument("--tenant", metavar="NAME", help="which account, where the person is in several")

    def handle(self, *args: Any, **options: Any) -> None:
        paths: list[Path] = options["paths"]
        missing = [path for path in paths if not path.exists()]
        if missing:
            raise CommandError(f"{missing[0]} is not there.")
        member = _member(options["user"], options["tenant"])
        try:
            done = import_mail(member, paths, on_page=self._tell)
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        self._sum_up(done)

    def _tell(self, done: Imported) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done.messages:,} messages, {done.outcomes['stored']:,} stored", ending="")

    def _sum_up(self, done: Imported) -> None:
        if self.stderr.isatty():
            self.stderr.write("")
        self.stdout.write(f"{done.messages:,} messages")
        for outcome, label in LABELS.items():
            if number := done.outcomes[outcome]:
                self.stdout.write(f"{number:>9,} {label}")
        for reason, number in sorted(done.reasons.items(), key=lambda pair: (-pair[1], pair[0])):
            self.stdout.write(f"{number:>19,} {reason}")


def _member(email: str, tenant: str | None) -> Membership:
    user_id = queries.user_id_of(email)
    found = [member for member in queries.memberships_of(user_id) if member.user.is_active] if user_id else []
    chosen = [member for member in found if tenant is None or member.tenant.name.casefold() == tenant.casefold()]
    names = ", ".join(str(member.tenant) for member in found)
    if not found:
        raise CommandError(f"No active member logs in with {email}.")
    if not chosen:
        raise CommandError(f"{email} is in no account named {tenant!r}, but in: {names}.")
    if len(chosen) > 1:
        raise CommandError(f"{email} is in several accounts: choose one with --tenant. They are: {names}.")
    return chosen[0]
