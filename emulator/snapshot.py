"""The world in a file, to go on where the emulator stopped.

Pickle keeps the shared objects (tokens of one grant, a message in many indexes) as they are. Reading admits
only data: plain values and the emulator's own classes, so a foreign file cannot run code.
"""

from __future__ import annotations

import gzip
import importlib
import io
import os
import pickle
from enum import Enum
from pathlib import Path
from typing import Any

from emulator.world import World

FORMAT = "postroom-emulator-1"
_PLAIN = {("datetime", name) for name in ("datetime", "timedelta", "timezone")}


class BadSnapshotError(Exception):
    """The file is no snapshot of this version."""


def save(world: World, path: Path) -> None:
    """Write beside the file and replace it, so that a crash leaves the old one whole."""
    beside = path.with_name(f"{path.name}.new")
    with gzip.open(beside, "wb", compresslevel=1) as file:
        _Writer(file, protocol=5).dump((FORMAT, world.state()))
    os.replace(beside, path)


def load_if_there(world: World, path: Path) -> bool:
    """As `load`; False where there is no file yet."""
    if not path.exists():
        return False
    load(world, path)
    return True


def load(world: World, path: Path) -> None:
    """Raises BadSnapshotError, and OSError where the file cannot be read."""
    with gzip.open(path, "rb") as file:
        try:
            content = _Reader(file).load()
        except (
            pickle.UnpicklingError,
            EOFError,
            AttributeError,
            ImportError,
            IndexError,
            gzip.BadGzipFile,
        ) as error:
            raise BadSnapshotError(f"{path}: {error}") from error
    if not (isinstance(content, tuple) and len(content) == 2 and content[0] == FORMAT):
        raise BadSnapshotError(f"{path} was written by another version")
    world.restore(content[1])


class _Writer(pickle.Pickler):
    """Writes members of enumerations by their values: the first releases of Python 3.11 do so by a call of `getattr`,
    which no file may ask for.
    """

    def reducer_override(self, obj: object) -> Any:
        return (type(obj), (obj.value,)) if isinstance(obj, Enum) else NotImplemented


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BufferedIOBase | gzip.GzipFile) -> None:
        super().__init__(file)

    def find_class(self, module: str, name: str) -> object:
        if (module, name) in _PLAIN:
            return getattr(importlib.import_module(module), name)
        if module.split(".", maxsplit=1)[0] == "emulator":
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a snapshot")
