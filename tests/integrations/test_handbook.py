"""`docs/api.md` says what the API does."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from contacts.filters import SORTS
from contacts.serializers import ContactQuery
from integrations.middleware import ROOT
from integrations.parsers import BODY_MAXIMUM
from integrations.problems import KINDS
from integrations.urls import v1
from tests.conftest import ApiOf, Northwind

HANDBOOK = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
CALLS = re.findall(r"^curl .*?(?=^```)", HANDBOOK, re.MULTILINE | re.DOTALL)


def send(program: APIClient, call: str) -> Any:
    """What an example with curl would be answered."""
    words = shlex.split(call.replace("\\\n", " ").replace("$POSTROOM", f"{ROOT}v1"))
    address = next(word for word in words if word.startswith(ROOT))
    options = list(pairwise(words))
    values = [value for option, value in options if option == "-d"]
    if "-G" in words:
        return program.get(f"{address}?{'&'.join(values)}")
    headers = dict(value.split(": ") for option, value in options if option == "-H")
    key = {"Idempotency-Key": headers.get("Idempotency-Key", "x")}
    return (
        program.post(address, values[0], content_type="application/json", headers=key)
        if values
        else program.get(address)
    )


def test_it_explains_every_problem_there_is() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", HANDBOOK, re.MULTILINE)
    assert rows == [(kind.code, str(kind.status)) for kind in KINDS.values()]


def test_it_names_every_address() -> None:
    paths = {re.sub(r"<int:\w+>", "{id}", str(route.pattern)) for route in v1} - {""}
    assert [path for path in sorted(paths) if f"`{path}" not in HANDBOOK] == []


def test_it_names_every_criterion_and_order_of_contacts() -> None:
    names = {*ContactQuery().fields, *(sort.removeprefix("-") for sort in SORTS)} - {"cursor"}
    assert [name for name in sorted(names) if f"`{name}`" not in HANDBOOK] == []


def test_it_tells_the_limits_that_hold() -> None:
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
    assert rates == {"token": "600/min", "stranger": "30/min"}
    assert BODY_MAXIMUM == 2**20
    for limit in ("600 a minute", "30 a minute", "1 MiB"):
        assert f"| {limit}" in HANDBOOK


@pytest.mark.parametrize("call", CALLS)
def test_its_examples_work(northwind: Northwind, api_of: ApiOf, call: str) -> None:
    assert send(api_of(northwind.alice), call).status_code in {200, 201}


def test_its_examples_are_found() -> None:
    assert len(CALLS) == 4
