"""What `make run` does."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from local import config, parts, servers, upkeep
from local.config import Config
from local.console import Console
from local.errors import UsageError
from local.layout import Layout
from local.locks import FileLock
from local.parts import Part
from local.stopping import Signals
from local.supervisor import PATIENCE, Patience, Supervisor
from local.undertaker import Undertaker

_LOG_INS = (
    ("alice@northwind.example", "owner of Northwind"),
    ("ada@northwind.example", "admin"),
    ("bob@northwind.example", "member"),
    ("charlie@globex.example", "owner of Globex, another account"),
)
_PASSWORD = "postroom-demo"  # noqa: S105  the demo's, which everybody may know


def postroom(environment: Mapping[str, str]) -> int:
    """Run all of Postroom until it is told to stop. Answers the exit code."""
    settings = config.read(environment)
    house = parts.house(
        root=config.ROOT,
        data_dir=settings.data_dir,
        port=settings.port,
        emulator_port=settings.emulator_port,
        has_demo=settings.has_demo,
    )
    return run(house, settings, environment=environment)


def run(
    house: Sequence[Part], settings: Config, *, environment: Mapping[str, str], patience: Patience = PATIENCE
) -> int:
    """Run the parts of a house on the embedded servers that the settings ask for, until a signal says stop.

    Answers the exit code. Raises `UsageError` when the house cannot be opened here, `ServerError` when a server
    cannot be had.
    """
    signals = Signals()
    console = Console(sys.stdout, [part.name for part in house])
    upkeep.refuse_if_running(Layout.of(settings.data_dir))
    config.check_ports(house)
    greeting = "\n".join(_greeting(settings, has_emulator=any(part.name == "emulator" for part in house)))
    try:
        with (
            # The undertaker of the parts stops the servers as well, after them.
            servers.lease(settings.data_dir, wanted=settings.embedded, guarded=False, on_progress=console.say),
            FileLock(Layout.of(settings.data_dir).supervisor_lock) as lock,
        ):
            if not lock.try_exclude():
                raise UsageError(
                    f"Postroom is just being started in {settings.data_dir} by somebody else. "
                    "Use that one, or choose another folder with DATA_DIR."
                )
            lock.write(str(os.getpid()))
            _leave_address(settings)
            undertaker = Undertaker(settings.data_dir)
            supervisor = Supervisor(
                house,
                console=console,
                folder=config.ROOT,
                environment={**environment, **settings.environment},
                stop=signals.stop,
                undertaker=undertaker,
                heal=lambda: servers.heal(settings.data_dir, wanted=settings.embedded),
                patience=patience,
            )
            done = asyncio.run(_supervise(supervisor, signals, on_ready=lambda: console.say(greeting)))
            console.say("All parts have ended. Stopping the servers.")
            undertaker.dismiss()
    except KeyboardInterrupt:
        return 0
    return 0 if done else 1


def _leave_address(settings: Config) -> None:
    """Commands that are given beside us mean the same outside world (`crm.settings`)."""
    note = settings.data_dir / "outside-world"
    address = settings.environment.get("OUTSIDE_WORLD_URL")
    if address:
        note.write_text(address, encoding="utf-8")
    else:
        note.unlink(missing_ok=True)


async def _supervise(supervisor: Supervisor, signals: Signals, *, on_ready: Callable[[], None]) -> bool:
    signals.reach(asyncio.get_running_loop())
    greeting = asyncio.create_task(_greet(supervisor, on_ready))
    try:
        return await supervisor.run()
    finally:
        greeting.cancel()


async def _greet(supervisor: Supervisor, on_ready: Callable[[], None]) -> None:
    if await supervisor.all_answer():
        on_ready()


def _greeting(settings: Config, *, has_emulator: bool) -> Iterator[str]:
    yield ""
    yield f"Postroom       http://127.0.0.1:{settings.port.number}"
    if settings.has_demo:
        yield from (f"  log in as    {address:<24}  {role}" for address, role in _LOG_INS)
        yield f"  password     {_PASSWORD}, for all of them"
    if has_emulator:
        yield f"Outside world  http://127.0.0.1:{settings.emulator_port.number}  (emulated Gmail and Microsoft 365)"
    yield f"Data           {settings.data_dir}"
    yield "Stop           Ctrl-C"
    yield ""
