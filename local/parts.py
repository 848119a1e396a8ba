"""The parts of the house. docker-compose.yml describes the same ones for production."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

#: Celery warns of pickled messages, which root should not read; ours are JSON.
AS_ROOT_TOO = MappingProxyType({"PYTHONWARNINGS": "ignore:You're running the worker with superuser"})


class Port(NamedTuple):
    #: The environment variable that chooses it.
    variable: str
    number: int


@dataclass(frozen=True)
class Part:
    name: str
    command: tuple[str, ...]
    #: Parts that must be ready before this one starts, and that stop after it. Names not in the house are
    #: ignored.
    needs: tuple[str, ...] = ()
    #: Added to the environment of all parts.
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    #: Runs to its end, and is ready when it ended well; if it does not, the house stops.
    once: bool = False
    #: Ready when this address answers 200; without one, as soon as it runs.
    ready_url: str | None = None
    #: Checked before anything starts.
    port: Port | None = None
    #: Seconds to end after SIGTERM, before SIGKILL.
    grace: float = 10


def house(*, data_dir: Path, port: Port, emulator_port: Port, has_demo: bool, root: Path) -> list[Part]:
    """The rows, in the order of their colours on the console."""
    python, manage = sys.executable, (sys.executable, "manage.py")
    celery = (python, "-m", "celery", "--quiet", "-A", "crm")
    worker = (*celery, "worker", "--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=info")
    emulator, address = f"http://127.0.0.1:{emulator_port.number}", f"http://127.0.0.1:{port.number}"
    rows = [
        Part("migrate", (*manage, "migrate", "--verbosity=0"), once=True),
        Part("static", (*manage, "collectstatic", "--noinput", "--verbosity=0"), once=True),
        Part("demo", (*manage, "demo"), needs=("migrate", "emulator"), once=True),
        Part(
            "emulator",
            (
                python,
                "-m",
                "emulator",
                f"--port={emulator_port.number}",
                f"--snapshot={data_dir / 'emulator.snapshot'}",
            ),
            port=emulator_port,
            ready_url=f"{emulator}/_control/health",
        ),
        Part(
            "web",
            (
                python,
                "-m",
                "gunicorn",
                "crm.wsgi",
                f"--bind=127.0.0.1:{port.number}",
                "--workers=2",
                "--threads=4",
                # It would lie in the home folder, one for all that run here.
                "--no-control-socket",
            ),
            needs=("migrate", "static", "demo"),
            port=port,
            ready_url=f"{address}/healthz",
        ),
        # Live mail never waits behind history: each group of queues has a process of its own (E3, E12).
        Part(
            "live",
            (*worker, "--queues=live,send", "--hostname=live@%h"),
            needs=("migrate", "emulator"),
            environment=AS_ROOT_TOO,
        ),
        Part(
            "backfill",
            (*worker, "--queues=backfill,labels,default", "--hostname=backfill@%h"),
            needs=("migrate", "emulator"),
            environment=AS_ROOT_TOO,
        ),
        Part(
            "beat",
            (*celery, "beat", f"--schedule={data_dir / 'beat.schedule'}", "--pidfile="),
            needs=("migrate",),
        ),
    ]
    absent = {"emulator"} if not (root / "emulator" / "__main__.py").exists() else set()
    return [row for row in rows if row.name not in absent | (set() if has_demo else {"demo"})]
