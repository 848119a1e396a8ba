"""Bob's Microsoft 365 mailbox, asked over real HTTP: by hand, by Microsoft's own SDK, and by msal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import pytest
from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.request_information import RequestInformation
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory

from tests.emulator.microsoft.person import Person

BOB = "bob@northwind.example"
ALICE = "alice@northwind.example"
CARLA = "carla@contoso.example"
SCOPES = "User.Read Mail.ReadWrite Mail.Send MailboxSettings.ReadWrite"
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
Json = dict[str, Any]
T = TypeVar("T")
Put = Callable[..., Json]


@dataclass
class Graph:
    """A signed-in person: paths are relative to /graph/v1.0."""

    http: httpx.Client
    token: str

    def ask(self, method: str, path: str, **asked: Any) -> httpx.Response:
        """The answer as it comes; nextLinks and deltaLinks are asked for as they stand."""
        url = path if path.startswith("http") else f"/graph/v1.0{path}"
        return self.http.request(method, url, **asked)

    def get(self, path: str, **asked: Any) -> Json:
        return self._good(self.ask("GET", path, **asked))

    def post(self, path: str, json: object = None, **asked: Any) -> Json:
        return self._good(self.ask("POST", path, json=json, **asked))

    def patch(self, path: str, json: object, **asked: Any) -> Json:
        return self._good(self.ask("PATCH", path, json=json, **asked))

    def refusal(self, method: str, path: str, **asked: Any) -> tuple[int, str]:
        """Status and code of what is refused, in Graph's one shape."""
        answer = self.ask(method, path, **asked)
        error = answer.json()["error"]
        assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
        assert error["innerError"]["request-id"] == answer.headers["request-id"]
        return answer.status_code, error["code"]

    @staticmethod
    def _good(answer: httpx.Response) -> Json:
        assert answer.is_success, answer.text
        return answer.json() if answer.content else {}


class Bearer(AuthenticationProvider):
    """One token for every request, over plain http too, which the SDK's own providers refuse."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def authenticate_request(
        self, request: RequestInformation, additional_authentication_context: dict[str, Any] | None = None
    ) -> None:
        request.headers.add("Authorization", f"Bearer {self._token}")


SignIn = Callable[..., Graph]


@pytest.fixture
def person() -> Person:
    """Bob at the log-in page."""
    return Person(BOB)


@pytest.fixture
def sign_in(emulator: httpx.Client, emulator_url: str) -> Iterator[SignIn]:
    """`sign_in(address, scopes)`: everything may be done without naming scopes."""
    clients: list[httpx.Client] = []

    def sign(address: str = BOB, scopes: str = SCOPES) -> Graph:
        asked = {"address": address, "provider": "microsoft", "scopes": scopes}
        token = emulator.post("tokens", json=asked).raise_for_status().json()["access_token"]
        clients.append(httpx.Client(base_url=emulator_url, headers={"Authorization": f"Bearer {token}"}, timeout=30))
        return Graph(clients[-1], token)

    yield sign
    for client in clients:
        client.close()


@pytest.fixture
def graph(sign_in: SignIn) -> Graph:
    """Bob, who may do everything."""
    return sign_in()


@pytest.fixture
def put(emulator: httpx.Client, mail: Callable[..., bytes]) -> Put:
    """`put("Subject", folder=…, read=…, date=…, raw=…, To=…)` lays a message into Bob's mailbox; answers its ids."""

    def write(subject: str = "Offer", *, raw: bytes | None = None, address: str = BOB, **given: Any) -> Json:
        query: dict[str, str] = {name: str(given.pop(name)) for name in ("folder", "read", "date") if name in given}
        content = raw or mail(subject=subject, **{"To": BOB, **given})
        answer = emulator.post(f"mailboxes/{address}/messages", content=content, params=query)
        ids: Json = answer.raise_for_status().json()
        return ids

    return write


@pytest.fixture
def knobs(emulator: httpx.Client) -> Callable[..., None]:
    def turn(**values: object) -> None:
        emulator.post("knobs", json=values).raise_for_status()

    return turn


@pytest.fixture
def sdk(graph: Graph, emulator_url: str) -> Callable[[Callable[[GraphServiceClient], Awaitable[T]]], T]:
    """Runs one call of Microsoft's SDK as Bob: `sdk(lambda client: client.me.get())`."""

    def run(call: Callable[[GraphServiceClient], Awaitable[T]]) -> T:
        async def ask() -> T:
            # The SDK's own client never closes its connections: this transport does.
            async with httpx.AsyncHTTPTransport() as transport:
                plain = httpx.AsyncClient(transport=transport, timeout=30)
                client = GraphClientFactory.create_with_default_middleware(client=plain, options=options)
                adapter = GraphRequestAdapter(Bearer(graph.token), client)
                adapter.base_url = f"{emulator_url}/graph/v1.0"
                return await call(GraphServiceClient(request_adapter=adapter))

        return asyncio.run(ask())

    return run


def subjects(answer: Json) -> list[str]:
    return [item["subject"] for item in answer["value"]]
