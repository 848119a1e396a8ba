"""Writers of integrations."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import ApiToken
from integrations import queries
from integrations.models import IdempotentAnswer


def take_key(*, token: ApiToken, key: str, fingerprint: str) -> IdempotentAnswer:
    """The row of this token's key: a new one of status 0, or the one that an earlier request has made.

    Waits for a request that has the same key in hand: PostgreSQL lets the second of two equal rows in
    only after the first one's transaction has ended, and then refuses it.
    """
    queries.expired_answers(token).delete()
    answer, _ = IdempotentAnswer.objects.get_or_create(token=token, key=key, defaults={"fingerprint": fingerprint})
    return answer


def keep_answer(*, answer: IdempotentAnswer, status: int, headers: Mapping[str, str], body: str) -> None:
    """Notes what the request was answered."""
    answer.status, answer.headers, answer.body = status, dict(headers), body
    answer.save(update_fields=["status", "headers", "body"])


def forget_answers() -> None:
    """Deletes the answers in scope whose time is over: they may hold what was since erased (S9)."""
    queries.expired_answers().delete()
