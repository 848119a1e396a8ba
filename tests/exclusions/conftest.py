"""What tests about exclusions share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from exclusions.signals import missed_wanted
from tests.conftest import Northwind
from tests.emails.conftest import (  # noqa: F401  # Fixtures are found by their names.
    _own_storage,
    alice,
    bob,
    email,
    ines,
    paul,
    scope,
    secret,
)


@pytest.fixture
def ada(client_of: Callable[[Membership], Client], northwind: Northwind) -> Client:
    return client_of(northwind.ada)


@pytest.fixture
def scheduled() -> Iterator[list[list[int]]]:
    """The contacts whose missed mail was wanted, act by act."""
    wanted: list[list[int]] = []

    def listen(contact_ids: Sequence[int], **_: Any) -> None:
        wanted.append(list(contact_ids))

    missed_wanted.connect(listen)
    yield wanted
    missed_wanted.disconnect(listen)
