"""Leases servers of its own, migrates, measures, prints."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
    options = arguments()
    with kept(options.dir) if options.dir else made() as home, lease(Path(home)) as servers, outside.running() as world:
        set_environment(home, servers, world, options.emails)
        for command in ("migrate", "collectstatic"):
            subprocess.run([sys.executable, "manage.py", command, "--verbosity=0", "--noinput"], check=True)
        return measured(options.figures)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "figures", nargs="*", help="pages, emails, exclusions, mail, sync, world; without any: all of them"
    )
    parser.add_argument("--emails", type=int, default=200_000, help="how many the pages of emails are measured with")
    parser.add_argument("--dir", type=Path, help="where the servers' data is and stays; those emails are made once")
    return parser.parse_args()


@contextmanager
def made() -> Iterator[str]:
    """A folder for the time of the run."""
    with tempfile.TemporaryDirectory(prefix="postroom-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        yield home


@contextmanager
def kept(home: Path) -> Iterator[str]:
    """A folder that stays."""
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    yield str(home.resolve())


def set_environment(home: str, servers: Servers, world: str, emails: int) -> None:
    """For this process and those that it starts."""
    roles.prepare(servers.admin_database_url, RIVALS)
    os.environ |= {
        "DATA_DIR": home,
        "DATABASE_URL": servers.database_url,
        "DATABASE_OWNER_URL": servers.owner_database_url,
        "REDIS_URL": servers.redis_url,
        "OUTSIDE_WORLD_URL": world,
        "BENCH_ADMIN_URL": servers.admin_database_url,
        "BENCH_EMAILS": str(emails),
        "BENCH_RIVALS_URL": servers.owner_database_url.removesuffix(roles.DATABASE) + RIVALS,
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "LOG_LEVEL": "warning",
        "ALLOWED_HOSTS": "testserver",
        "API_RATE": "100000/min",
    }


def measured(names: Sequence[str]) -> int:
    """Django's apps can only be imported now that settings can be read."""
    import django

    django.setup()
    from bench.figures import report
    from crm.lib import collector

    # As the web does.
    collector.settle()
    return report(all_figures(names))


def all_figures(names: Sequence[str]) -> Iterator[Figure]:
    """Every module of figures, in the order of the product; or those that are named on the command line."""
    from bench import emails, exclusions, mail, pages, sync, world

    modules = {
        "pages": pages,
        "emails": emails,
        "exclusions": exclusions,
        "mail": mail,
        "sync": sync,
        "world": world,
    }
    for name in names or modules:
        yield from modules[name].figures()


if __name__ == "__main__":
    sys.exit(main())
