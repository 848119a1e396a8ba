"""The parts of the house. docker-compose.yml describes the same ones for production."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple


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
    #: As in a Makefile: one that runs once and makes this file from those files and folders need not run while
    #: none of them is newer.
    makes: Path | None = None
    made_from: tuple[Path, ...] = ()
    #: Ready when this address answers 200; without one, as soon as it runs.
    ready_url: str | None = None
    #: Checked before anything starts.
    port: Port | None = None
    #: Seconds to end after SIGTERM, before SIGKILL.
    grace: float = 10

    @property
    def is_made(self) -> bool:
        if self.makes is None or not self.makes.exists():
            return False
        sources = (path for source in self.made_from for path in (source, *source.rglob("*")))
        return max(path.stat().st_mtime for path in sources) < self.makes.stat().st_mtime


def house(*, root: Path, data_dir: Path, port: Port, emulator_port: Port, has_demo: bool) -> list[Part]:
    """The rows, in the order of their colours on the console. `root` is the folder of manage.py."""
    return [
        *(row for row in _preparations(root, data_dir) if has_demo or row.name != "demo"),
        _emulator(emulator_port, data_dir / "emulator.snapshot", push_to=port),
        _web(port),
        *_workers(),
        Part("beat", (*_CELERY, "beat", f"--schedule={data_dir / 'beat.schedule'}", "--pidfile="), needs=("web",)),
    ]


_CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "crm")
#: Celery warns of pickled messages, which root should not read; ours are JSON.
_AS_ROOT_TOO = MappingProxyType({"PYTHONWARNINGS": "ignore:You're running the worker with superuser"})


def _preparations(root: Path, data_dir: Path) -> list[Part]:
    manage = (sys.executable, "manage.py")
    return [
        Part("migrate", (*manage, "migrate", "--verbosity=0"), once=True),
        Part(
            "static",
            (*manage, "collectstatic", "--noinput", "--verbosity=0"),
            once=True,
            makes=data_dir / "static" / "staticfiles.json",
            # The packages bring files as well.
            made_from=(root / "static", root / "requirements.txt", root / "crm" / "settings.py"),
        ),
        Part(
            "demo",
            (*manage, "demo"),
            needs=("migrate", "emulator"),
            once=True,
            makes=data_dir / "demo.loaded",
            made_from=(root / "console" / "demo",),
        ),
    ]


def _emulator(port: Port, snapshot: Path, *, push_to: Port) -> Part:
    options = (
        "--demo",
        f"--port={port.number}",
        f"--snapshot={snapshot}",
        f"--push-url=http://127.0.0.1:{push_to.number}/push/gmail/",
    )
    return Part(
        "emulator",
        (sys.executable, "-m", "emulator", *options),
        port=port,
        ready_url=f"http://127.0.0.1:{port.number}/_control/health",
    )


def _web(port: Port) -> Part:
    options = (
        f"--bind=127.0.0.1:{port.number}",
        "--workers=2",
        "--threads=4",
        "--preload",
        # It would lie in the home folder, one for all that run here.
        "--no-control-socket",
    )
    return Part(
        "web",
        (sys.executable, "-m", "gunicorn", "crm.wsgi", *options),
        needs=("migrate", "static", "demo"),
        port=port,
        ready_url=f"http://127.0.0.1:{port.number}/healthz",
    )


def _workers() -> list[Part]:
    """A process for each group of queues, so that live mail never waits behind history (E3, E12).

    They start when the pages answer: people wait for those, and on few cores all at once is late for everybody.
    """
    options = ("--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=info")
    groups = {"live": "live,send", "backfill": "backfill,labels,default"}
    return [
        Part(
            name,
            (*_CELERY, "worker", *options, f"--queues={queues}", f"--hostname={name}@%h"),
            needs=("web", "emulator"),
            environment=_AS_ROOT_TOO,
        )
        for name, queues in groups.items()
    ]
