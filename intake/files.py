"""Files of mail as a source: single messages (``.eml``), mboxes (RFC 4155 and its relatives), Maildirs and folders.

A message's id is the SHA-256 of its bytes: the same file, copied or renamed, is the same message, and an import that
was broken off goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Iterable, Iterator, Sequence
from email.parser import BytesHeaderParser
from email.policy import compat32
from pathlib import Path
from typing import BinaryIO, Final

from providers.base import LARGEST, Headers, Kind, Missing, ProviderError, Raw, Recovery, Seen, Unfetched

#: What a message file may be called within a folder; a file that is named itself may have any name.
SUFFIXES: Final = frozenset({".eml", ".mbox"})
#: The folders of a Maildir, whose files have no suffix.
MAILDIR: Final = frozenset({"cur", "new"})
#: A line that begins a message: mbox writers agree on a time of day, and nothing else (RFC 4155, appendix A).
_FROM: Final = re.compile(rb"From .*\d{1,2}:\d{2}")
#: Where the next one begins, after the end of a line and an empty one that belongs to the mbox.
_NEXT: Final = re.compile(rb"\n\r?\nFrom [^\n]*\d{1,2}:\d{2}[^\n]*\n")
#: Longer than any line that begins an mbox.
_LINE: Final = 1000
#: Written before lines of a body that begin so; mboxrd also before those that have it already.
_QUOTED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
#: Of a message too large to be read: where its headers must have ended.
_HEAD: Final = 2**20


class UnreadableFile(OSError):
    """A file or folder cannot be read; the text says which and why, for the reader."""


def messages(paths: Iterable[Path]) -> Iterator[bytes]:
    """Every message of these files and folders, one at a time, in the order of the paths and names.

    One above `providers.base.LARGEST` is cut there: enough to see that it is too large. Raises `UnreadableFile`.
    """
    for path in paths:
        try:
            for file in _files(path):
                yield from _messages_of(file)
        except OSError as error:
            raise UnreadableFile(f"{error.filename or path} cannot be read: {error.strerror or error}.") from error


class Batch:
    """Some messages as a source (`intake.run.Source`)."""

    def __init__(self, contents: Iterable[bytes]) -> None:
        self._contents = {hashlib.sha256(content).hexdigest(): content for content in contents}

    def seen(self) -> list[Seen]:
        """What there is. Reading files costs nothing, so headers are not asked for first."""
        return [Seen(key, size=len(content), concerns=True) for key, content in self._contents.items()]

    def headers(self, ids: Sequence[str]) -> Iterator[Seen | Missing | Unfetched]:
        for key in ids:
            content = self._contents[key]
            yield Seen(key, size=len(content), headers=_headers(content))

    def raw(self, ids: Sequence[str]) -> Iterator[Raw | Missing | Unfetched]:
        for key in ids:
            content = self._contents[key]
            if len(content) > LARGEST:
                detail = f"The message is larger than {LARGEST // 2**20} MB."
                yield Unfetched(key, ProviderError(Kind.API, Recovery.PERMANENT, detail, code="too-large"))
            else:
                yield Raw(Seen(key, size=len(content)), content)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for entry in sorted(path.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            # A link may lead back up.
            if not entry.is_symlink():
                yield from _files(entry)
        elif entry.suffix.lower() in SUFFIXES or entry.parent.name in MAILDIR:
            yield entry


def _messages_of(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        if _FROM.match(stream.readline(_LINE)):
            yield from _mbox(stream)
        else:
            stream.seek(0)
            yield stream.read(LARGEST + 1)


def _mbox(stream: BinaryIO) -> Iterator[bytes]:
    """The messages of an mbox; looked at where it lies, for it may be larger than the memory."""
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        begins = content.find(b"\n") + 1
        for line in _NEXT.finditer(content):
            yield _unquoted(content[begins : min(line.start() + 1, begins + LARGEST + 1)])
            begins = line.end()
        # The last empty line belongs to the mbox.
        ends = len(content) - 1 if content[-2:] == b"\n\n" else len(content)
        yield _unquoted(content[begins : min(ends, begins + LARGEST + 1)])


def _unquoted(content: bytes) -> bytes:
    return _QUOTED.sub(rb"\1", content)


def _headers(content: bytes) -> Headers:
    head = BytesHeaderParser(policy=compat32).parsebytes(content[:_HEAD])
    return tuple((name, str(value)) for name, value in head.raw_items())
