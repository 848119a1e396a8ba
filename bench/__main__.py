"""Leases servers of its own, migrates, measures, prints."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench import outside
from local import roles
from local.servers import Servers, lease

if TYPE_CHECKING:
    from bench.figures import Figure


RIVALS = "rivals"


def main() -> int:
    """Exit status 1 when a budget is missed."""
    with tempfile.TemporaryDirectory(prefix="postroom-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        with lease(Path(home)) as servers, outside.running() as world:
            set_environment(home, servers, world)
            for command in ("migrate", "collectstatic"):
                subprocess.run([sys.executable, "manage.py", command, "--verbosity=0", "--noinput"], check=True)
            return measured()


def set_environment(home: str, servers: Servers, world: str) -> None:
    """For this process and those that it starts."""
    roles.prepare(servers.admin_database_url, RIVALS)
    os.environ |= {
        "DATA_DIR": home,
        "DATABASE_URL": servers.database_url,
        "DATABASE_OWNER_URL": servers.owner_database_url,
        "REDIS_URL": servers.redis_url,
        "OUTSIDE_WORLD_URL": world,
        "BENCH_RIVALS_URL": servers.owner_database_url.removesuffix(roles.DATABASE) + RIVALS,
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "LOG_LEVEL": "warning",
        "ALLOWED_HOSTS": "testserver",
        "API_RATE": "100000/min",
    }


def measured() -> int:
    """Django's apps can only be imported now that settings can be read."""
    import django

    django.setup()
    from bench.figures import report

    return report(all_figures())


def all_figures() -> Iterator[Figure]:
    """Every module of figures, in the order of the product; or those that are named on the command line."""
    from bench import mail, pages, sync, world

    modules = {"pages": pages, "mail": mail, "sync": sync, "world": world}
    for name in sys.argv[1:] or modules:
        yield from modules[name].figures()


if __name__ == "__main__":
    sys.exit(main())
