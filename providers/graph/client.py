"""HTTP to Graph: one session, one token, one place where refusals become errors.

Every call, batch part and link asks for immutable ids (https://learn.microsoft.com/graph/outlook-immutable-id): the
classic ones change when a message is moved. Nothing sleeps and nothing is asked twice, but after a new token.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

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
    """A call within a batch. ``path`` and ``page`` are as `Client.get` has them, ``etag`` is for If-Match."""

    path: str
    method: str = "GET"
    body: Json | None = None
    page: int = 0
    etag: str = ""


#: What a part came to.
Outcome = Json | ProviderError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Client:
    """One mailbox's Graph, for one thread. Every method raises `ProviderError`."""

    def __init__(self, root: str, tokens: Tokens, pace: Pace) -> None:
        self._root = root.rstrip("/") + VERSION
        self._tokens = tokens
        self._pace = pace
        self._session = _session(self._root)
        self._pool: ThreadPoolExecutor | None = None

    def get(self, path: str, *, page: int = 0) -> Json:
        """``path`` begins after the version, or is a link out of a reply; ``page`` is how many items are wanted."""
        return self._json(self._ask("GET", path, headers=_prefer(page)))

    def post(self, path: str, body: Json) -> Json:
        return self._json(self._ask("POST", path, body=body), writes=True)

    def patch(self, path: str, body: Json) -> Json:
        return self._json(self._ask("PATCH", path, body=body), writes=True)

    def delete(self, path: str) -> None:
        self._json(self._ask("DELETE", path), writes=True)

    def batch(self, parts: Sequence[Part]) -> Iterator[tuple[int, Outcome]]:
        """What became of each part, by its position."""
        return self._in_turns(parts, self._batch)

    def contents(self, paths: Sequence[str]) -> Iterator[tuple[int, bytes | ProviderError]]:
        """The bytes at each path, by its position; above `LARGEST` they are not read to their end."""
        return self._in_turns(paths, self._contents)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        self._session.close()
        self._tokens.close()

    def _in_turns(
        self, asked: Sequence[Asked], ask: Callable[[Sequence[Asked]], list[Answer | ProviderError]]
    ) -> Iterator[tuple[int, Answer | ProviderError]]:
        """So many as Graph takes at once, and again. Nothing more is asked where there is no room for it, or nobody."""
        for start in range(0, len(asked), AT_A_TIME):
            some = asked[start : start + AT_A_TIME]
            outcomes = ask(some)
            stale = [at for at, each in enumerate(outcomes) if isinstance(each, ProviderError) and each.status == 401]
            if stale:
                self._tokens.renew()
                for at, outcome in zip(stale, ask([some[at] for at in stale]), strict=True):
                    outcomes[at] = outcome
            yield from enumerate(outcomes, start)
            if end := _end(outcomes):
                yield from ((at, end) for at in range(start + len(some), len(asked)))
                return

    def _batch(self, parts: Sequence[Part]) -> list[Outcome]:
        """https://learn.microsoft.com/graph/json-batching"""
        body = {"requests": [_written(f"{at}", part, self._path(part.path)) for at, part in enumerate(parts)]}
        reply = self._json(self._ask("POST", "/$batch", body=body, units=len(parts)))
        found = {types.key(each, "id"): each for each in types.members(reply, "responses")}
        lost = ProviderError(Kind.API, Recovery.TRANSIENT, "Microsoft left a call unanswered.", code="no-part")
        return [
            _outcome(found[f"{at}"], writes=part.method != "GET") if f"{at}" in found else lost
            for at, part in enumerate(parts)
        ]

    def _contents(self, paths: Sequence[str]) -> list[bytes | ProviderError]:
        """Side by side, because each takes Microsoft a while; pace and token are this thread's affair."""
        bearer = self._tokens.bearer()
        self._pace(len(paths))
        if self._pool is None:
            self._pool = ThreadPoolExecutor(AT_A_TIME)
        return list(self._pool.map(partial(self._fetched, bearer), paths))

    def _fetched(self, bearer: str, path: str) -> bytes | ProviderError:
        try:
            reply = self._exchange(
                "GET", self._root + self._path(path), {"Prefer": IMMUTABLE}, None, bearer=bearer, most=LARGEST
            )
            return reply.content if reply.status == 200 else _refusal(reply)
        except ProviderError as error:
            return error

    def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Json | None = None,
        units: int = 1,
    ) -> Reply:
        """The answer, good or bad, after a 401 the one to a new token."""
        url = self._root + self._path(path)
        sent = {"Prefer": IMMUTABLE, **(headers or {})}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        reply = self._send(method, url, sent, data, units=units)
        if reply.status == 401:
            challenge = _CLAIMS.search(reply.headers.get("WWW-Authenticate", ""))
            self._tokens.renew(_claims(challenge[1]) if challenge else "")
            reply = self._send(method, url, sent, data, units=units)
        return reply

    def _send(self, method: str, url: str, headers: Mapping[str, str], data: bytes | None, *, units: int) -> Reply:
        bearer = self._tokens.bearer()
        self._pace(units)
        return self._exchange(method, url, headers, data, bearer=bearer, most=LARGEST_REPLY)

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | None, *, bearer: str, most: int
    ) -> Reply:
        try:
            with self._session.request(
                method,
                url,
                headers=headers,
                data=data,
                auth=_Bearer(bearer),
                timeout=TIMEOUT,
                stream=True,
                # A token is not for wherever an answer points to.
                allow_redirects=False,
            ) as answer:
                return Reply(answer.status_code, answer.headers, _read(answer, most))
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise errors.no_answer(error) from None

    def _path(self, path: str) -> str:
        """What comes after the version. A link is followed to our Graph alone: the token goes nowhere else."""
        if path.startswith(f"{self._root}/"):
            return path[len(self._root) :]
        if path.startswith("/"):
            return path
        detail = "Microsoft's answer led to another host."
        raise ProviderError(Kind.API, Recovery.TRANSIENT, detail, code="strange-link")

    def _json(self, reply: Reply, *, writes: bool = False) -> Json:
        if 200 <= reply.status < 300:
            return types.read_object(reply.content) if reply.content else {}
        raise _refusal(reply, writes=writes)


def _session(root: str) -> requests.Session:
    """What the environment says of proxies and certificates is read once: requests would ask it at every call."""
    session = requests.Session()
    settings = session.merge_environment_settings(root, {}, None, None, None)
    session.proxies, session.verify = settings["proxies"], settings["verify"]
    session.trust_env = False
    return session


class _Bearer(AuthBase):
    """As an auth object, because requests lets a .netrc replace an Authorization header that is only a header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _refusal(reply: Reply, *, writes: bool = False) -> ProviderError:
    return errors.of_graph(reply.status, reply.headers, _object_or_none(reply.content), writes=writes)


def _end(outcomes: Sequence[object]) -> ProviderError | None:
    """The refusal after which the next call would meet the same: such calls count, and a dead line takes its time."""
    refusals = [each for each in outcomes if isinstance(each, ProviderError)]
    throttled = next((each for each in refusals if errors.is_throttled(each)), None)
    is_dead = len(refusals) == len(outcomes) > 1 and not any(each.status for each in refusals)
    return throttled or (refusals[0] if is_dead else None)


def _read(answer: requests.Response, most: int) -> bytes:
    chunks, size = [], 0
    for chunk in answer.iter_content(_CHUNK):
        size += len(chunk)
        if size > most:
            detail = f"The answer is larger than {most // 2**20} MB."
            raise ProviderError(Kind.CODE, Recovery.PERMANENT, detail, status=413, code="too-large")
        chunks.append(chunk)
    return b"".join(chunks)


def _prefer(page: int) -> dict[str, str]:
    return {"Prefer": f"{IMMUTABLE}, odata.maxpagesize={page}" if page else IMMUTABLE}


def _written(name: str, part: Part, path: str) -> Json:
    headers = _prefer(part.page) | ({"If-Match": part.etag} if part.etag else {})
    if part.body is None:
        return {"id": name, "method": part.method, "url": path, "headers": headers}
    headers["Content-Type"] = "application/json"
    return {"id": name, "method": part.method, "url": path, "headers": headers, "body": part.body}


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
