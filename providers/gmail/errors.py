"""What Google's refusals mean (E7): one table by status and reason, and one by OAuth's words.

Bodies: https://developers.google.com/workspace/gmail/api/guides/handle-errors and RFC 6749, section 5.2. The texts that
Google writes into them are never passed on: they name addresses, labels and ids.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from providers.base import Kind, ProviderError, Recovery

#: Reasons of 403 that 429 would be another word for.
RATES = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"})
#: Reasons of 403 for a token that lacks a scope.
_SCOPES = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
TOO_LARGE = "too-large"
#: The mailbox is watched for another topic of ours; Gmail's reason is as for any wrong value.
ONE_TOPIC = "one-topic"
#: Daily quotas begin anew at midnight Pacific time; in winter's, it is never too early.
_PACIFIC = timezone(timedelta(hours=-8))
_RETRY_AFTER = re.compile(r"[Rr]etry after (\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))")
_LONGEST_WAIT = 86_400.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error is to us, and what to tell a person."""

    kind: Kind
    recovery: Recovery
    detail: str


_T, _P = Recovery.TRANSIENT, Recovery.PERMANENT
_BUSY = Meaning(Kind.API, _T, "Gmail asks us to slow down.")
_DOWN = Meaning(Kind.API, _T, "Gmail is out of order at the moment.")
_WRONG = Meaning(Kind.CODE, _P, "Gmail did not understand our request.")
_CLIENT = Meaning(Kind.CODE, _P, "Google does not accept Postroom's OAuth client.")
_GRANT = Meaning(Kind.ACCOUNT, _P, "Google no longer accepts our permission. Please connect the mailbox again.")
_UNREADABLE = Meaning(Kind.ACCOUNT, _P, "The permission to read mail is missing. Please connect the mailbox again.")
_UNWRITABLE = Meaning(Kind.DISABLED, _P, "The permission to change or send mail is missing.")

#: By (status, reason); a reason of "" holds for all others with that status.
_MEANINGS: Mapping[tuple[int, str], Meaning] = {
    (400, ""): _WRONG,
    (400, "failedPrecondition"): Meaning(Kind.API, _T, "Gmail could not do it just now."),
    (401, ""): _GRANT,
    (403, "accessNotConfigured"): Meaning(Kind.CODE, _P, "The Gmail API is not switched on for Postroom's project."),
    (403, "dailyLimitExceeded"): Meaning(Kind.API, _T, "Gmail's quota for today is used up."),
    (403, "domainPolicy"): Meaning(Kind.ACCOUNT, _P, "The administrator of the domain does not allow it."),
    (403, "delegationDenied"): _GRANT,
    (403, "forbidden"): _GRANT,
    **{(403, reason): _UNREADABLE for reason in _SCOPES},
    **{(403, reason): _BUSY for reason in RATES},
    (404, ""): _WRONG,
    (405, ""): _WRONG,
    (408, ""): _DOWN,
    (409, ""): _WRONG,
    (413, ""): _WRONG,
    (429, ""): _BUSY,
}
_NO_MAIL = Meaning(Kind.INBOX, _P, "The account has no Gmail mailbox.")
_UNKNOWN = Meaning(Kind.UNKNOWN, _T, "Gmail answered in a way that we do not know.")

#: By the ``error`` of a token endpoint.
_OAUTH: Mapping[str, Meaning] = {
    "invalid_grant": _GRANT,
    "invalid_scope": _GRANT,
    "access_denied": _GRANT,
    "admin_policy_enforced": Meaning(Kind.ACCOUNT, _P, "The administrator of the domain does not allow it."),
    "org_internal": Meaning(Kind.ACCOUNT, _P, "Postroom's OAuth client serves another organisation only."),
    "invalid_client": _CLIENT,
    "deleted_client": _CLIENT,
    "unauthorized_client": _CLIENT,
    "redirect_uri_mismatch": _CLIENT,
    "unsupported_grant_type": _CLIENT,
    "invalid_request": _CLIENT,
}


def refusal(
    status: int, body: bytes, headers: Mapping[str, str], *, writes: bool, now: datetime | None = None
) -> ProviderError:
    """The error for an answer of the API. ``headers`` by lower-case names; ``writes`` says that the call would change
    something or send: without the permission for that, reading goes on.
    """
    error = _error(body)
    message = str(error.get("message", ""))
    reason = ONE_TOPIC if "Only one user push" in message else next(iter(_reasons(error)), "")
    return ProviderError(
        *_sentence(_meaning(status, reason, message, writes=writes), status, reason),
        status=status,
        code=reason,
        retry_after=_retry_after(reason, message, headers, now or datetime.now(UTC)),
    )


def oauth_refusal(error: str, *, status: int = 400) -> ProviderError:
    """The error for OAuth's word for it; unknown words are worth another try."""
    meaning = _OAUTH.get(error, Meaning(Kind.UNKNOWN, _T, "Google did not renew our permission."))
    return ProviderError(*_sentence(meaning, status, error), status=status, code=_word(error))


def unreachable() -> ProviderError:
    """No answer, or none to its end."""
    return ProviderError(Kind.API, _T, "Gmail did not answer.", code="network")


def garbled() -> ProviderError:
    """An answer that is not what was asked for."""
    return ProviderError(Kind.API, _T, "Gmail's answer could not be read.", code="garbled")


def too_large(size: int) -> ProviderError:
    """Of a message above `base.LARGEST`."""
    detail = f"The message has {size / 2**20:.0f} MB, which is more than is fetched."
    return ProviderError(Kind.CODE, _P, detail, code=TOO_LARGE)


def is_throttled(error: ProviderError) -> bool:
    """More calls now would only be refused as well."""
    return error.status == 429 or error.code in RATES


def concerns_one(error: ProviderError) -> bool:
    """Whether an error of one message among many leaves the others alone; otherwise the mailbox has it."""
    if error.code == "dailyLimitExceeded":
        return False
    return error.kind in {Kind.API, Kind.UNKNOWN} or (error.kind is Kind.CODE and error.status == 400)


def _meaning(status: int, reason: str, message: str, *, writes: bool) -> Meaning:
    if status == 400 and "not enabled" in message:
        return _NO_MAIL
    if writes and reason in _SCOPES:
        return _UNWRITABLE
    fallback = _DOWN if 500 <= status < 600 else _UNKNOWN
    known = _MEANINGS.get((status, reason)) or _OAUTH.get(reason)
    return known or _MEANINGS.get((status, ""), fallback)


def _sentence(meaning: Meaning, status: int, reason: str) -> tuple[Kind, Recovery, str]:
    told = " ".join(filter(None, (str(status), _word(reason))))
    return meaning.kind, meaning.recovery, f"{meaning.detail} ({told})"


def _error(body: bytes) -> Mapping[str, Any]:
    """The ``error`` object of a body; empty where that is something else, such as a proxy's page. Userinfo answers in
    the words of OAuth.
    """
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    error = read.get("error") if isinstance(read, dict) else None
    if isinstance(error, str):
        return {"errors": [{"reason": error}]}
    return error if isinstance(error, dict) else {}


def _reasons(error: Mapping[str, Any]) -> Iterator[str]:
    """Words for programs, the best first: those of ``errors``, then those of ``details``."""
    for key in ("errors", "details"):
        entries = error.get(key)
        for entry in entries if isinstance(entries, list) else ():
            reason = entry.get("reason") if isinstance(entry, dict) else None
            if isinstance(reason, str) and (word := _word(reason)):
                yield word


def _word(reason: str) -> str:
    """A reason that is one word; anything else could be text."""
    return reason if re.fullmatch(r"[A-Za-z_-]{1,60}", reason) else ""


def _retry_after(reason: str, message: str, headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds, from the header (RFC 9110, section 10.2.3), the text, or the day's end."""
    if found := headers.get("retry-after", "").strip():
        return _seconds(found, now)
    if moment := _RETRY_AFTER.search(message):
        return _moment(datetime.fromisoformat, moment[1], now)
    if reason == "dailyLimitExceeded":
        tomorrow = now.astimezone(_PACIFIC) + timedelta(days=1)
        return _until(tomorrow.replace(hour=0, minute=0, second=0, microsecond=0), now)
    return None


def _seconds(text: str, now: datetime) -> float | None:
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT)
    return _moment(parsedate_to_datetime, text, now)


def _moment(read: Callable[[str], datetime], text: str, now: datetime) -> float | None:
    try:
        return _until(read(text), now)
    except (ValueError, OverflowError):
        return None


def _until(moment: datetime, now: datetime) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (aware - now).total_seconds()), _LONGEST_WAIT)
