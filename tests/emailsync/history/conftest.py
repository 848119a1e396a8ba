"""What the histories share."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.emailsync.history.chance import chance

__all__ = ["chance"]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """A line for each request to the outside world would be most of the test's time."""
    loggers = [logging.getLogger(name) for name in ("httpx", "emailsync")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.ERROR)
    yield
    for each, level in zip(loggers, levels, strict=True):
        each.setLevel(level)
