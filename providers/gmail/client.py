"""HTTP to the Gmail API by Google's own client: pacing, errors, batches. What the answers mean is not known here.

Google's client never waits and repeats here (`num_retries=0`): it would not obey Retry-After, and pacing is ours (E6).
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import google_auth_httplib2  # type: ignore[import-untyped]  # The library has no types.
import googleapiclient
import httplib2
from google.auth.exceptions import TransportError
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError

from providers.base import Pace, ProviderError, Save
from providers.gmail import batches, errors
from providers.gmail.app import TIMEOUT, App
from providers.gmail.batches import Answer, Call
from providers.gmail.costs import PRICES, Method
from providers.gmail.grants import FreshCredentials, Grant, Unsaved

#: More than 50 parts are discouraged, since they run side by side and are refused as too many at a time. Half of that
#: is far from it, and still five seconds' worth of a new project's quota.
#: https://developers.google.com/workspace/gmail/api/guides/batch
LARGEST_BATCH = 25
#: Seconds after which a server may have closed a connection that nobody used.
_IDLE = 4.0
_ME: dict[str, Any] = {"userId": "me"}
#: Without a mask every form comes with a snippet, which is the beginning of the body.
_FIELDS = {
    "metadata": "id,threadId,labelIds,internalDate,sizeEstimate,payload/headers",
    "raw": "id,threadId,labelIds,internalDate,sizeEstimate,raw",
}


class Client:
    """One mailbox, for one thread. Each method is one call, and asks ``pace`` for its price first.

    Each may raise ProviderError. Answers are Google's JSON as it came; see `types`.
    """

    def __init__(self, app: App, grant: Grant, *, save: Save, pace: Pace) -> None:
        self._prices = PRICES[app.price_list]
        self._pace = pace
        self._api = _api(app.api_root)
        self._transport = _Transport(timeout=TIMEOUT)
        self._credentials = FreshCredentials(app, grant, save=save, transport=self._transport)
        self._http = google_auth_httplib2.AuthorizedHttp(
            self._credentials, http=self._transport, max_refresh_attempts=1
        )

    def close(self) -> None:
        self._transport.close()

    def profile(self) -> Any:
        return self._call(Method.PROFILE, self._api.users.getProfile(**_ME))

    def aliases(self) -> Any:
        return self._call(Method.ALIASES, self._api.send_as.list(**_ME))

    def list(self, *, most: int, q: str = "", page: str = "", label: str = "") -> Any:
        """Newest first; without ``q`` the search index is not asked, and so nothing is missing yet."""
        given = {name: value for name, value in (("q", q), ("pageToken", page), ("labelIds", label)) if value}
        return self._call(Method.LIST, self._api.messages.list(**_ME, maxResults=most, **given))

    def history(self, *, start: str, page: str, types: Sequence[str], most: int) -> Any:
        given = {"pageToken": page} if page else {}
        request = self._api.history.list(
            **_ME, startHistoryId=start, historyTypes=list(types), maxResults=most, **given
        )
        return self._call(Method.HISTORY, request)

    def get(self, ids: Sequence[str], *, form: str, headers: Sequence[str] = ()) -> Mapping[str, Any]:
        """One batch of at most `LARGEST_BATCH`: each id's message, or the ProviderError of its own."""
        asked: dict[str, Any] = {"alt": "json", "format": form, "fields": _FIELDS[form]}
        if headers:
            asked["metadataHeaders"] = list(headers)
        query = urlencode(asked, doseq=True)
        return self._batch(Method.GET, {each: Call(f"{self._api.path_of(each)}?{query}") for each in ids})

    def labels(self) -> Any:
        return self._call(Method.LABELS, self._api.labels.list(**_ME))

    def make_label(self, name: str) -> Any:
        body = {"name": name, "labelListVisibility": "labelShow", "messageListVisibility": "show"}
        return self._call(Method.NEW_LABEL, self._api.labels.create(**_ME, body=body), writes=True)

    def label(self, ids: Sequence[str], label_id: str) -> Mapping[str, Any]:
        """A few messages, one by one in a batch: as `get`."""
        body = {"addLabelIds": [label_id]}
        calls = {each: Call(f"{self._api.path_of(each)}/modify?alt=json", "POST", body) for each in ids}
        return self._batch(Method.MODIFY, calls, writes=True)

    def label_many(self, ids: Sequence[str], label_id: str) -> None:
        """At most 1,000 messages; those that are not there are passed over in silence."""
        body = {"ids": list(ids), "addLabelIds": [label_id]}
        self._act(Method.MODIFY_MANY, self._api.messages.batchModify(**_ME, body=body), writes=True)

    def watch(self, topic: str) -> Any:
        return self._call(Method.WATCH, self._api.users.watch(**_ME, body={"topicName": topic}))

    def stop(self) -> None:
        self._act(Method.STOP, self._api.users.stop(**_ME))

    def fetch(self, url: str) -> Any:
        """JSON from another of Google's addresses, with the same token. It costs nothing."""
        with self._answering(writes=False):
            response, content = self._http.request(url)
            if response.status >= 300:
                raise HttpError(response, content, uri=url)
            return _object(json.loads(content))

    def _call(self, method: Method, request: Any, *, writes: bool = False) -> Any:
        return _object(self._act(method, request, writes=writes))

    def _act(self, method: Method, request: Any, *, writes: bool = False) -> Any:
        """A call that may answer nothing at all."""
        self._pace(self._prices[method])
        with self._answering(writes=writes):
            return request.execute(http=self._http, num_retries=0)

    def _batch(self, method: Method, calls: Mapping[str, Call], *, writes: bool = False) -> Mapping[str, Any]:
        self._pace(self._prices[method] * len(calls))
        with self._answering(writes=writes):
            answers = self._asked(calls)
            if ended := {name: calls[name] for name, answer in answers.items() if answer.status == 401}:
                # The token ended on the way.
                self._credentials.refresh(None)
                answers |= self._asked(ended)
            return {name: _said(answer, writes=writes) for name, answer in answers.items()}

    def _asked(self, calls: Mapping[str, Call]) -> dict[str, Answer]:
        content_type, body = batches.written(list(calls.values()))
        headers = {"content-type": content_type}
        response, content = self._http.request(self._api.batch_url, method="POST", body=body, headers=headers)
        if response.status >= 300:
            raise HttpError(response, content, uri=self._api.batch_url)
        return dict(zip(calls, batches.read(response["content-type"], content, len(calls)), strict=True))

    @contextmanager
    def _answering(self, *, writes: bool) -> Iterator[None]:
        """Everything that may go wrong, as a ProviderError without a cause: those have tokens and addresses in them."""
        try:
            yield
        except Unsaved as error:
            raise error.cause from None
        except HttpError as error:
            raise _refusal(error, writes=writes) from None
        except (OSError, http.client.HTTPException, httplib2.HttpLib2Error, TransportError):
            self._transport.close()  # A connection with half an answer in it is of no more use.
            raise errors.unreachable() from None
        except (ValueError, LookupError, TypeError, AttributeError):
            # JSON, or a multipart answer, that is none: Google's client falls over it in all these ways.
            self._transport.close()
            raise errors.garbled() from None


class _Transport(httplib2.Http):  # type: ignore[misc]  # httplib2 has no types.
    """Connections are made anew after a pause: httplib2 fails where the server has closed one."""

    _used_at = 0.0

    def request(self, *args: Any, **named: Any) -> tuple[httplib2.Response, bytes]:
        if time.monotonic() - self._used_at > _IDLE:
            self.close()
        try:
            response, content = super().request(*args, **named)
        finally:
            self._used_at = time.monotonic()
        return response, content


def _object(answer: Any) -> Any:
    """Google's client hands on as text what is no JSON. Raises ProviderError for all but an object."""
    if not isinstance(answer, dict):
        raise errors.garbled()
    return answer


def _refusal(error: HttpError, *, writes: bool) -> ProviderError:
    return errors.refusal(int(error.resp.status), error.content, error.resp, writes=writes)


def _said(answer: Answer, *, writes: bool) -> Any:
    """What a part of a batch has, or the ProviderError of its own."""
    if answer.status >= 300:
        return errors.refusal(answer.status, answer.content, answer.headers, writes=writes)
    return _object(json.loads(answer.content))


@dataclass(frozen=True, slots=True)
class _Api:
    """Google's client for a root, and of its resources those that we call.

    Asking a resource for another makes that anew, method by method, which takes as long as a call.
    """

    root: str
    batch_url: str
    users: Any
    messages: Any
    history: Any
    labels: Any
    send_as: Any

    def path_of(self, message_id: str) -> str:
        """Of one of the mailbox's messages, for a part of a batch."""
        return f"{urlsplit(self.root).path}gmail/v1/users/me/messages/{quote(message_id, safe='')}"


@lru_cache(maxsize=8)
def _api(api_root: str) -> _Api:
    """For a root; methods, batches and uploads follow the document, while ``api_endpoint`` would only turn the methods.

    It is slow to make and has no state, for each call is given its own transport.
    """
    path = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents" / "gmail.v1.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    root = f"{api_root.rstrip('/')}/"
    users = build_from_document({**document, "rootUrl": root, "baseUrl": root}, http=httplib2.Http()).users()
    batch_url = f"{root}{document['batchPath']}"
    return _Api(root, batch_url, users, users.messages(), users.history(), users.labels(), users.settings().sendAs())
