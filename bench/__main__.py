"""Leases servers of its own, migrates, measures, prints."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from local.servers import lease

if TYPE_CHECKING:
    from bench.figures import Figure


def main() -> int:
    """Exit status 1 when a budget is missed."""
    with tempfile.TemporaryDirectory(prefix="postroom-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        with lease(Path(home)) as servers:
            os.environ |= {
                "DATA_DIR": home,
                "DATABASE_URL": servers.database_url,
                "DATABASE_OWNER_URL": servers.owner_database_url,
                "REDIS_URL": servers.redis_url,
                "DJANGO_SETTINGS_MODULE": "crm.settings",
                "LOG_LEVEL": "warning",
                "ALLOWED_HOSTS": "testserver",
                "API_RATE": "100000/min",
            }
            for command in ("migrate", "collectstatic"):
                subprocess.run([sys.executable, "manage.py", command, "--verbosity=0", "--noinput"], check=True)
            return measured()


def measured() -> int:
    """Django's apps can only be imported now that settings can be read."""
    import django

    django.setup()
    from bench.figures import report

    return report(all_figures())


def all_figures() -> Iterator[Figure]:
    """Every module of figures, in the order of the product."""
    from bench import pages, world

    yield from pages.figures()
    yield from world.figures()


if __name__ == "__main__":
    sys.exit(main())
