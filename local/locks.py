"""Locks between processes, as flock(2) on files.

The kernel drops such a lock when its last descriptor closes, so a killed holder leaves nothing behind. The
descriptors close on exec (PEP 446) and in forked children: a server or a worker never holds its starter's
lock.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

_open_locks: set[FileLock] = set()


class FileLock:
    """An open lock file; every method replaces the hold this object had. Close it to let go."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _open_locks.add(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def share(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def exclude(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def try_exclude(self) -> bool:
        """Whether nobody else holds the file, which is then held exclusively."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def write(self, text: str) -> None:
        """Leave a word for those who find the file held."""
        os.truncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)

    def read(self) -> str:
        return os.pread(self._descriptor, 1024, 0).decode()

    def close(self) -> None:
        if self in _open_locks:
            _open_locks.discard(self)
            os.close(self._descriptor)


@contextmanager
def exclusively(path: Path, *, on_wait: Callable[[], None]) -> Iterator[None]:
    """Be the only one inside; `on_wait` is called when somebody else is."""
    with FileLock(path) as lock:
        if not lock.try_exclude():
            on_wait()
            lock.exclude()
        yield


def _let_go_in_child() -> None:
    for lock in list(_open_locks):
        lock.close()


os.register_at_fork(after_in_child=_let_go_in_child)
