"""Doing a POST once, however often it is sent: the ``Idempotency-Key`` of draft-ietf-httpapi-idempotency-key-header.

The key is taken in the transaction of the request itself (`accounts.middleware`). So the deed and its answer are
kept together or not at all (S7), a request that fails leaves its key free for another try, and a twin sent at the
same moment waits in PostgreSQL for the first to end, and then gets its answer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from rest_framework.exceptions import Throttled

from accounts.models import ApiToken
from integrations import operations
from integrations.models import IdempotentAnswer
from integrations.problems import Refused, problem_of, response_to
from integrations.throttling import count_outside

#: Printable ASCII, as a client makes it: a UUID, or an id of its own.
KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_HEADERS: Final = ("Content-Type", "Location", "ETag")
REPLAYED: Final = "Idempotent-Replayed"


class IdempotencyMiddleware:
    """Serves every POST that comes with a token and an ``Idempotency-Key``; all else passes through.

    The answer is kept for `queries.ANSWERS_LAST`. Sent again, it carries ``Idempotent-Replayed: true``.
    The same key with another request is refused with 422.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token: ApiToken | None = getattr(request, "api_token", None)
        key = request.headers.get("Idempotency-Key")
        if token is None or key is None or request.method != "POST":
            return self.get_response(request)
        try:
            return self._once(request, token, key)
        except (Refused, Throttled, RequestDataTooBig, UnreadablePostError) as exc:
            return response_to(request, problem_of(exc))

    def _once(self, request: HttpRequest, token: ApiToken, key: str) -> HttpResponse:
        if not KEY.fullmatch(key):
            raise Refused("bad-idempotency-key", "Write 1 to 255 printable ASCII characters, such as a UUID.")
        fingerprint = _fingerprint(request)
        answer = operations.take_key(token=token, key=key, fingerprint=fingerprint)
        if answer.status:
            count_outside(request, token)
            return _again(answer, fingerprint)
        response = self.get_response(request)
        if response.status_code < 400:
            operations.keep_answer(
                answer=answer,
                status=response.status_code,
                headers={name: response[name] for name in KEPT_HEADERS if name in response},
                body=response.content.decode(),
            )
        return response


def _fingerprint(request: HttpRequest) -> str:
    return hashlib.sha256(b"\0".join([request.get_full_path().encode(), request.body])).hexdigest()


def _again(answer: IdempotentAnswer, fingerprint: str) -> HttpResponse:
    if answer.fingerprint != fingerprint:
        raise Refused("idempotency-mismatch", "Repeat the same request, or make a new key for this one.")
    return HttpResponse(answer.body, status=answer.status, headers={**answer.headers, REPLAYED: "true"})
