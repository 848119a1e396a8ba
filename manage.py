#!/usr/bin/env python
"""Postroom's commands. They use the embedded servers of DATA_DIR, starting them if need be, unless
DATABASE_URL and REDIS_URL name real ones."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Commands that never open a connection.
WITHOUT_SERVERS = {"help", "version", "--help", "--version", "check", "collectstatic", "makemigrations", "spectacular"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    real = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    if command not in WITHOUT_SERVERS and not real:
        from local.errors import ServerError
        from local.servers import acquire

        try:
            acquire(Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parent / ".data").absolute())
        except ServerError as error:
            sys.exit(str(error))

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
