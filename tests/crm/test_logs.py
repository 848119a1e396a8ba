"""Log lines tell what failed, and keep to themselves what it failed with (S2)."""

from __future__ import annotations

import io
import logging
import logging.config

import pytest

from crm import logs

SECRET = "prm_this-key-is-nobodys-business"


@pytest.fixture(params=["json", "text"])
def written(request: pytest.FixtureRequest) -> io.StringIO:
    """What a logger of its own writes in the format."""
    stream = io.StringIO()
    formatter = logs.configuration(request.param, "info")["formatters"]["main"]
    factory = formatter.pop("()")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(factory(**formatter))
    log = logging.getLogger("tests.logs")
    log.handlers, log.propagate = [handler], False
    try:
        _fail(SECRET)
    except ZeroDivisionError:
        log.exception("It failed")
    return stream


def _fail(key: str) -> float:
    return len(key) / 0


def test_an_error_names_where_it_happened(written: io.StringIO) -> None:
    for words in ("It failed", "ZeroDivisionError", "_fail"):
        assert words in written.getvalue()


def test_an_error_shows_no_values(written: io.StringIO) -> None:
    assert SECRET not in written.getvalue()
