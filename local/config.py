"""What `python -m local` reads from its environment."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from local import servers
from local.errors import UsageError
from local.parts import Part, Port

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Config:
    data_dir: Path
    port: Port
    emulator_port: Port
    smtp_port: Port
    #: The embedded servers that are wanted: those that no URL names.
    embedded: tuple[servers.Name, ...]

    @property
    def environment(self) -> dict[str, str]:
        """What every part is told, so that all of them see the same house."""
        ports = (self.port, self.emulator_port, self.smtp_port)
        outside = {"OUTSIDE_WORLD_URL": f"http://127.0.0.1:{self.emulator_port.number}"} if self.has_demo else {}
        return {"DATA_DIR": str(self.data_dir)} | outside | {port.variable: str(port.number) for port in ports}

    @property
    def has_demo(self) -> bool:
        """The demo's log-ins have a password that everybody knows: they never go into a real database."""
        return "PostgreSQL" in self.embedded


def read(environment: Mapping[str, str]) -> Config:
    """Raises `UsageError` for a value that cannot be meant."""
    return Config(
        data_dir=data_dir(environment),
        port=_port(environment, "PORT", 8000),
        emulator_port=_port(environment, "EMULATOR_PORT", 8025),
        smtp_port=_port(environment, "SMTP_PORT", 8026),
        embedded=tuple(
            name
            for variable, name in _REAL.items()
            if not environment.get(variable) and not environment.get(f"{variable}_FILE")
        ),
    )


def data_dir(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("DATA_DIR") or ROOT / ".data").absolute()


def check_ports(parts: Iterable[Part]) -> None:
    """Raises `UsageError` for a port that two parts want, or that another program has."""
    seen: dict[int, Port] = {}
    for port in [part.port for part in parts if part.port]:
        if other := seen.get(port.number):
            raise UsageError(f"{other.variable} and {port.variable} are both {port.number}: each needs its own.")
        seen[port.number] = port
        if _is_taken(port.number):
            raise UsageError(
                f"Port {port.number} ({port.variable}) is taken by another program. "
                f"Stop that one, or choose another port: make run {port.variable}={port.number + 1}"
            )


_REAL: dict[str, servers.Name] = {"DATABASE_URL": "PostgreSQL", "REDIS_URL": "Redis"}


def _port(environment: Mapping[str, str], variable: str, default: int) -> Port:
    text = environment.get(variable) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise UsageError(f"{variable} is {text!r}: write a port, a number from 1 to 65535.")
    return Port(variable, int(text))


def _is_taken(number: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        # As the servers themselves do: a port whose last connections only linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except PermissionError as error:
            raise UsageError(f"Port {number} is not for ordinary users ({error}): choose one above 1023.") from error
        except OSError:
            return True
    return False
