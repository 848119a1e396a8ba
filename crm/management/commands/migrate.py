from __future__ import annotations

from django.core.management.base import CommandParser
from django.core.management.commands import migrate


class Command(migrate.Command):
    help = f"{migrate.Command.help} Connects as the role that owns the tables."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        # The web's role may not change tables; only this one may, and it serves no request.
        parser.set_defaults(database="owner")
