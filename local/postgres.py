"""The embedded PostgreSQL: one cluster, one socket, no TCP port."""

from __future__ import annotations

import locale
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from local import files, processes
from local.account import Account, current_account
from local.errors import ServerError

#: How long a start may take; recovery after a crash replays at most `max_wal_size`.
START_SECONDS = 120
STOP_SECONDS = 60

# Parallel plans are off: they need /dev/shm (64 MB in a container), and the workers have better use for few
# cores.
_SETTINGS = """\
# Written by Postroom at each start: changes here are lost.
listen_addresses = ''
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
effective_cache_size = 512MB
work_mem = 8MB
maintenance_work_mem = 64MB
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
jit = off
random_page_cost = 1.1
wal_level = minimal
max_wal_senders = 0
max_wal_size = 512MB
min_wal_size = 80MB
checkpoint_timeout = 15min
fsync = {durable}
full_page_writes = {durable}
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
lc_messages = 'C'
"""


def initialise(programs: Path, folder: Path, account: Account, *, durable: bool) -> None:
    """Make a cluster in an empty folder of `account`. Raises `ServerError` when initdb fails.

    UTF-8 with the built-in C.UTF-8 locale: one order and one set of case rules on every machine, unlike
    libc's.
    """
    done = account.run(
        [
            programs / "initdb",
            f"--pgdata={folder}",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            f"--lc-ctype={_letters()}",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--text-search-config=simple",
            "--data-checksums",
            "--auth-local=peer",
            "--auth-host=reject",
            "--no-instructions",
            *([] if durable else ["--no-sync"]),
        ]
    )
    if done.returncode:
        raise ServerError(f"PostgreSQL's initdb failed:\n{done.stdout.decode(errors='replace').strip()}")


@dataclass(frozen=True)
class Postgres:
    account: Account
    programs: Path
    cluster: Path
    socket: Path
    log: Path
    #: A connection string of the superuser.
    admin_url: str

    @property
    def is_up(self) -> bool:
        return processes.listens(self.socket)

    def start(self, *, durable: bool) -> None:
        """Start the server and wait until it answers.

        Without `durable` a crash of the machine may destroy the cluster: that is for tests.
        Raises `ServerError`, with the end of the log, if it does not answer.
        """
        self._clear_the_way()
        self._configure(durable=durable)
        files.make_room(self.log)
        with self.log.open("ab") as log:
            self._control("start", "-t", str(START_SECONDS), output=log.fileno())
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Raises `ServerError` if it does not answer, or recovers for longer than `START_SECONDS`."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg2.connect(self.admin_url).close()
            except psycopg2.OperationalError as error:
                if "starting up" in str(error) and time.monotonic() < deadline:
                    time.sleep(0.1)
                    continue
                raise ServerError(
                    f"PostgreSQL does not answer: {error}The end of {self.log}:\n{files.tail(self.log)}"
                ) from error
            else:
                return

    def stop(self) -> None:
        """Stop the server; transactions under way are rolled back."""
        if self._processes():
            self._control("stop", "-t", str(STOP_SECONDS), "-m", "fast")
            processes.end(self._processes(), patience=10)

    def _control(self, verb: str, *options: str, output: int = -1) -> None:
        command: list[str | Path] = [self.programs / "pg_ctl", verb, "-w", "-D", self.cluster, *options]
        self.account.run(command, output=output, timeout=START_SECONDS + 30)

    def _clear_the_way(self) -> None:
        """After a kill -9 of the postmaster: see its orphans off, then drop its pid files.

        PostgreSQL refuses to start while orphans use the shared memory, and also when the number in a pid file
        belongs to a process of the same user: the dead one that nobody has reaped yet or, as is common when a
        container starts anew, any other program.
        """
        processes.end(self._processes(), patience=10)
        for stale in (self.cluster / "postmaster.pid", self.socket.with_name(f"{self.socket.name}.lock")):
            stale.unlink(missing_ok=True)

    def _processes(self) -> list[psutil.Process]:
        return processes.working_in(self.cluster, "postgres")

    def _configure(self, *, durable: bool) -> None:
        sockets = "'" + str(self.socket.parent).replace("'", "''") + "'"
        settings = _SETTINGS.format(sockets=sockets, durable="on" if durable else "off")
        # The kernel says who is at the other end of the socket: the present user and the server's own may
        # be any role, nobody else gets in.
        users = sorted({current_account().name, self.account.name})
        ident = "".join(f'postroom "{user}" all\n' for user in users)
        files.write_for(self.account, self.cluster / "postgresql.conf", settings)
        files.write_for(self.account, self.cluster / "pg_hba.conf", "local all all peer map=postroom\n")
        files.write_for(self.account, self.cluster / "pg_ident.conf", ident)


def _letters() -> str:
    """The LC_CTYPE of a new cluster: full-text search and pg_trgm still ask libc what a letter is."""
    before = locale.setlocale(locale.LC_CTYPE)
    for name in ("C.UTF-8", "en_US.UTF-8"):
        try:
            locale.setlocale(locale.LC_CTYPE, name)
        except locale.Error:
            continue
        locale.setlocale(locale.LC_CTYPE, before)
        return name
    return "C"
