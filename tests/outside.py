"""The outside world: one emulator for the whole session, on a free loopback port, emptied for each test that asks.

Loaded by ``-p tests.outside``, so that the tests of every part of the product can ask for it. All of it is plain HTTP.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from queue import Queue

import httpx
import pytest

from emulator.app import create_app
from emulator.server import Server
from emulator.world import World

Mail = Callable[..., bytes]
#: Nothing here listens to TLS, and httpx would read all certificates that the machine trusts for each of its clients,
#: which takes longer than most of the tests that make one.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = os.devnull


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    """Where the emulator listens, such as http://127.0.0.1:40123."""
    ready: Queue[str] = Queue()
    server = Server(create_app(World()), host="127.0.0.1", port=0, on_ready=ready.put)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield ready.get(timeout=30)
    server.should_exit = True
    thread.join(timeout=30)


@pytest.fixture
def emulator(emulator_url: str) -> Iterator[httpx.Client]:
    """The control door of an emptied world: paths are relative to /_control/."""
    with httpx.Client(base_url=f"{emulator_url}/_control/", timeout=30) as client:
        client.post("reset").raise_for_status()
        yield client


@pytest.fixture
def mail() -> Mail:
    """Writes a message: `mail(subject="Offer", To="…", References="<…>")`; a header None is left out."""

    def write(body: str = "Hello.", subject: str = "Offer", **headers: str | None) -> bytes:
        lines = {
            "From": "Carla <carla@contoso.example>",
            "To": "alice@northwind.example",
            "Subject": subject,
            **headers,
        }
        named = {name.replace("_", "-"): value for name, value in lines.items()}
        block = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value is not None)
        return f"{block}\r\n{body}\r\n".encode()

    return write
