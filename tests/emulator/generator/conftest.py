"""One year of mail for all these tests: the demo's own amount, ending at a fixed moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from emulator.generator import Copy, stream

END = datetime(2026, 11, 4, 11, 30, tzinfo=UTC)
Parse = Callable[[Copy], EmailMessage]


@pytest.fixture(scope="session")
def year() -> list[Copy]:
    """1,600 messages for Alice and Bob, oldest first."""
    return list(stream(1, 1600, end=END))


@pytest.fixture(scope="session")
def parse() -> Parse:
    """By the standard library's modern parser, which notes every defect."""

    def parsed(copy: Copy) -> EmailMessage:
        return message_from_bytes(copy.raw, _class=EmailMessage, policy=policy.default)

    return parsed


@pytest.fixture(scope="session")
def mails(year: list[Copy], parse: Parse) -> list[EmailMessage]:
    """The same, parsed, without those that are odd on purpose."""
    return [parse(copy) for copy in year if not copy.odd]
