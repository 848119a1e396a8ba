"""HTTP to Graph: one session, one token, one place where refusals become errors.

Every call, batch part and link asks for immutable ids (https://learn.microsoft.com/graph/outlook-immutable-id): the
classic ones change when a message is moved. Nothing sleeps and nothing is asked twice, but after a new token.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

import requests
import urllib3
from requests.auth import AuthBase

from providers.base import LARGEST, Kind, Pace, ProviderError, Recovery
from providers.graph import errors, types
from providers.graph.tokens import TIMEOUT, Tokens
from providers.graph.types import Json

VERSION = "/v1.0"
IMMUTABLE = 'IdType="ImmutableId"'
#: Calls at a time for one mailbox: Graph takes four (PROVIDERS 2.8), and one is left to people who wait.
AT_A_TIME = 3
#: A page of a thousand envelopes is below two megabytes.
LARGEST_REPLY = 64 * 2**20
_CHUNK = 64 * 1024
_CLAIMS = re.compile(r'claims="([A-Za-z0-9+/=_-]{1,4000})"')


@dataclass(frozen=True, slots=True)
class Reply:
    """``headers`` are found in any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """A call within a batch; ``path`` begins after the version."""

    path: str
    method: str = "GET"
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


#: What a part came to.
Outcome = Json | ProviderError


class TooLarge(Exception):
    """A reply is longer than the caller wants to have."""


class Client:
    """One mailbox's Graph, for one thread. Every method raises `ProviderError`."""

    def __init__(self, root: str, tokens: Tokens, pace: Pace) -> None:
        self._root = root.rstrip("/") + VERSION
        self._tokens = tokens
        self._pace = pace
        self._session = requests.Session()

    def get(self, path: str, *, page: int = 0) -> Json:
        """``path`` begins after the version, or is a link out of a reply; ``page`` is how many items are wanted."""
        prefer = f"{IMMUTABLE}, odata.maxpagesize={page}" if page else IMMUTABLE
        return self._json(self._ask("GET", path, headers={"Prefer": prefer}))

    def post(self, path: str, body: Json) -> Json:
        return self._json(self._ask("POST", path, body=body), writes=True)

    def patch(self, path: str, body: Json) -> Json:
        return self._json(self._ask("PATCH", path, body=body), writes=True)

    def delete(self, path: str) -> None:
        self._json(self._ask("DELETE", path), writes=True)

    def content(self, path: str) -> bytes:
        """The bytes of a message. Raises `TooLarge` above `LARGEST`, without having read them all."""
        reply = self._ask("GET", path, most=LARGEST)
        return reply.content if reply.status == 200 else self._refuse(reply)

    def batch(self, parts: Sequence[Part]) -> Iterator[tuple[int, Outcome]]:
        """What became of each part, by its position. After a refusal for lack of room the rest is not asked."""
        for start in range(0, len(parts), AT_A_TIME):
            some = range(start, min(start + AT_A_TIME, len(parts)))
            outcomes = self._batch({str(at): parts[at] for at in some})
            throttled: ProviderError | None = None
            for name, outcome in outcomes.items():
                if isinstance(outcome, ProviderError) and errors.is_throttled(outcome):
                    throttled = outcome
                yield int(name), outcome
            if throttled:
                yield from ((at, throttled) for at in range(some.stop, len(parts)))
                return

    def close(self) -> None:
        self._session.close()
        self._tokens.close()

    def _batch(self, parts: Mapping[str, Part]) -> dict[str, Outcome]:
        """https://learn.microsoft.com/graph/json-batching"""
        outcomes = self._batch_once(parts)
        stale = [name for name, each in outcomes.items() if isinstance(each, ProviderError) and each.status == 401]
        if stale:
            self._tokens.renew()
            outcomes |= self._batch_once({name: parts[name] for name in stale})
        return outcomes

    def _batch_once(self, parts: Mapping[str, Part]) -> dict[str, Outcome]:
        body = {"requests": [_written(name, part) for name, part in parts.items()]}
        reply = self._json(self._ask("POST", "/$batch", body=body, units=len(parts)))
        lost = ProviderError(Kind.API, Recovery.TRANSIENT, "Microsoft left a call unanswered.", code="no-part")
        outcomes: dict[str, Outcome] = dict.fromkeys(parts, lost)
        for each in types.members(reply, "responses"):
            name = types.key(each, "id")
            if name in parts:
                outcomes[name] = _outcome(each, writes=parts[name].method != "GET")
        return outcomes

    def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Json | None = None,
        units: int = 1,
        most: int = LARGEST_REPLY,
    ) -> Reply:
        """The answer, good or bad, after a 401 the one to a new token."""
        url = self._url(path)
        sent = {"Prefer": IMMUTABLE, **(headers or {})}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        reply = self._send(method, url, sent, data, units=units, most=most)
        if reply.status == 401:
            challenge = _CLAIMS.search(reply.headers.get("WWW-Authenticate", ""))
            self._tokens.renew(_claims(challenge[1]) if challenge else "")
            reply = self._send(method, url, sent, data, units=units, most=most)
        return reply

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | None, *, units: int, most: int
    ) -> Reply:
        bearer = _Bearer(self._tokens.bearer())
        self._pace(units)
        try:
            with self._session.request(
                method,
                url,
                headers=headers,
                data=data,
                auth=bearer,
                timeout=TIMEOUT,
                stream=True,
                allow_redirects=False,
            ) as answer:
                return Reply(answer.status_code, answer.headers, _read(answer, most))
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise errors.no_answer(error) from None

    def _url(self, path: str) -> str:
        """A link is followed to our Graph alone: the token goes nowhere else."""
        if path.startswith("/"):
            return self._root + path
        if path.startswith(f"{self._root}/"):
            return path
        detail = "Microsoft's answer led to another host."
        raise ProviderError(Kind.API, Recovery.TRANSIENT, detail, code="strange-link")

    def _json(self, reply: Reply, *, writes: bool = False) -> Json:
        if 200 <= reply.status < 300:
            return types.read_object(reply.content) if reply.content else {}
        return self._refuse(reply, writes=writes)

    @staticmethod
    def _refuse(reply: Reply, *, writes: bool = False) -> NoReturn:
        raise errors.of_graph(reply.status, reply.headers, _object_or_none(reply.content), writes=writes)


class _Bearer(AuthBase):
    """As an auth object, because requests lets a .netrc replace an Authorization header that is only a header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _read(answer: requests.Response, most: int) -> bytes:
    chunks, size = [], 0
    for chunk in answer.iter_content(_CHUNK):
        size += len(chunk)
        if size > most:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def _written(name: str, part: Part) -> dict[str, object]:
    headers = {"Prefer": IMMUTABLE, **part.headers}
    if part.body is None:
        return {"id": name, "method": part.method, "url": part.path, "headers": headers}
    headers["Content-Type"] = "application/json"
    return {"id": name, "method": part.method, "url": part.path, "headers": headers, "body": part.body}


def _outcome(answer: Json, *, writes: bool) -> Outcome:
    status, body = answer.get("status"), answer.get("body")
    content = body if isinstance(body, dict) else None
    if isinstance(status, int) and 200 <= status < 300:
        return content or {}
    given = types.inner(answer, "headers")
    headers = requests.structures.CaseInsensitiveDict({name: types.text(given, name) for name in given})
    return errors.of_graph(status if isinstance(status, int) else 0, headers, content, writes=writes)


def _object_or_none(content: bytes) -> Json | None:
    try:
        return types.read_object(content)
    except ProviderError:
        return None


def _claims(challenge: str) -> str:
    """Base64 of JSON, as msal wants it: the JSON. Empty where it is none."""
    try:
        found = base64.b64decode(challenge + "=" * (-len(challenge) % 4), altchars=b"-_").decode()
        return found if isinstance(json.loads(found), dict) else ""
    except ValueError:
        return ""
