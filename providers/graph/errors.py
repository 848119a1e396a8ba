"""What Graph and Entra refuse, as Postroom's six kinds: two tables, and the rules where both are silent (E7).

Programs branch on codes, never on texts: https://learn.microsoft.com/graph/errors and
https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from providers.base import Kind, ProviderError, Recovery
from providers.graph import types
from providers.graph.types import Json


@dataclass(frozen=True, slots=True)
class Cause:
    kind: Kind
    recovery: Recovery
    detail: str


_T, _P = Recovery.TRANSIENT, Recovery.PERMANENT
_BUSY = Cause(Kind.API, _T, "Microsoft asks us to wait before the next call.")
_DOWN = Cause(Kind.API, _T, "Microsoft could not answer for the moment.")
_OURS = Cause(Kind.CODE, _P, "Microsoft did not accept the form of our call.")
_NO_MAILBOX = Cause(Kind.INBOX, _P, "Microsoft knows the account but keeps no mailbox for it.")
_AWAY = Cause(Kind.INBOX, _T, "The mailbox is out of reach, as while Microsoft moves it.")
_NO_RIGHT = Cause(Kind.ACCOUNT, _P, "The mailbox's owner no longer allows us to read it.")
_NO_WRITING = Cause(Kind.DISABLED, _P, "The mailbox's owner does not allow us to change or send mail.")
_LOG_IN = Cause(Kind.ACCOUNT, _P, "Microsoft wants the mailbox's owner to log in again.")
_NO_ACCOUNT = Cause(Kind.ACCOUNT, _P, "Microsoft no longer lets this account in.")
_SET_UP = Cause(Kind.CODE, _P, "Microsoft does not accept this installation's app or its secret.")
_CHANGED = Cause(Kind.API, _T, "The message was changed by somebody else in the same moment.")
_FORGOTTEN = Cause(Kind.API, _T, "Microsoft has forgotten where we stood in a folder.")
_NOT_THERE = Cause(Kind.UNKNOWN, _T, "Microsoft no longer finds what we asked for.")

#: By the code in a reply of Graph, lower case.
GRAPH: Final[Mapping[str, Cause]] = {
    "invalidauthenticationtoken": _LOG_IN,
    "erroraccessdenied": _NO_RIGHT,
    "authorization_requestdenied": _NO_RIGHT,
    "errorsendasdenied": _NO_WRITING,
    "mailboxnotenabledforrestapi": _NO_MAILBOX,
    "resourcenotfound": _NO_MAILBOX,
    "errorfoldernotfound": Cause(Kind.INBOX, _P, "A folder that every mailbox has is missing."),
    "errormailboxmoveinprogress": _AWAY,
    "errormailboxstoreunavailable": _AWAY,
    "errorquotaexceeded": Cause(Kind.API, _T, "The mailbox is full, and Microsoft tells nothing new of a full one."),
    "erroritemnotfound": _NOT_THERE,
    "syncstatenotfound": _FORGOTTEN,
    "syncstateinvalid": _FORGOTTEN,
    "invalidsyncstatedata": _FORGOTTEN,
    "resyncrequired": _FORGOTTEN,
}
#: By status, where the code is not in the table.
STATUSES: Final[Mapping[int, Cause]] = {
    400: _OURS,
    401: _LOG_IN,
    403: _NO_RIGHT,
    404: _NOT_THERE,
    405: _OURS,
    410: _FORGOTTEN,
    411: _OURS,
    412: _CHANGED,
    413: _OURS,
    415: _OURS,
    423: _CHANGED,
    424: _DOWN,
    429: _BUSY,
    500: _DOWN,
    502: _DOWN,
    503: _DOWN,
    504: _DOWN,
    509: _BUSY,
}
#: By AADSTS code.
AADSTS: Final[Mapping[int, Cause]] = {
    **dict.fromkeys((50173, 700082, 700084, 70043, 70000, 70008, 54005), _LOG_IN),
    **dict.fromkeys((50076, 50079, 50158, 53000, 53001, 53002, 53003, 65001), _LOG_IN),
    **dict.fromkeys((50034, 50057, 50020, 90002), _NO_ACCOUNT),
    **dict.fromkeys((700016, 7000215, 7000218, 7000222, 50011), _SET_UP),
    50196: Cause(Kind.API, _T, "Microsoft thinks that we ask for tokens in a loop, and wants us to wait."),
    90033: _DOWN,
}
#: By OAuth's own word, where the AADSTS code is not in the table.
OAUTH: Final[Mapping[str, Cause]] = {
    **dict.fromkeys(("invalid_grant", "interaction_required", "login_required", "consent_required"), _LOG_IN),
    **dict.fromkeys(("invalid_client", "unauthorized_client", "invalid_request", "invalid_scope"), _SET_UP),
    **dict.fromkeys(("temporarily_unavailable", "server_error"), _DOWN),
}
#: Refresh tokens refused so may be good all the same (70000 is seen in outages): one more try tells.
WORTH_ANOTHER_TRY: Final = frozenset({70000, 70008})
#: A refused write leaves reading as it was.
_WRITE_REFUSED: Final = frozenset({"erroraccessdenied", "authorization_requestdenied"})


def of_graph(status: int, headers: Mapping[str, str], content: Json | None, *, writes: bool = False) -> ProviderError:
    """A refusal of Graph; ``content`` is its JSON, None where it has none that can be read."""
    error = types.inner(content or {}, "error")
    code = types.text(error, "code")[:100]
    details = types.inner(error, "innerError") or types.inner(error, "innererror")
    cause = _cause(status, code.lower(), is_empty=content is None, writes=writes)
    return ProviderError(
        cause.kind,
        cause.recovery,
        cause.detail,
        status=status,
        code=code,
        retry_after=seconds(headers.get("Retry-After", ""), now=datetime.now(UTC)),
        request_id=types.text(details, "request-id")[:100] or headers.get("request-id", "")[:100],
    )


def of_entra(answer: Json, *, status: int = 0, retry_after: str = "") -> ProviderError:
    """A refusal of the log-in, as msal hands it on."""
    numbers = answer.get("error_codes")
    numbers = [each for each in numbers if isinstance(each, int)] if isinstance(numbers, list) else []
    word = types.text(answer, "error")[:100]
    unknown = STATUSES.get(status) if status == 429 or status >= 500 else None
    unknown = unknown or Cause(Kind.UNKNOWN, _T, "Microsoft's log-in refused us for a reason that we do not know.")
    found = next((AADSTS[each] for each in numbers if each in AADSTS), None) or OAUTH.get(word, unknown)
    return ProviderError(
        found.kind,
        found.recovery,
        found.detail,
        status=status,
        code=f"AADSTS{numbers[0]}" if numbers else word,
        retry_after=seconds(retry_after, now=datetime.now(UTC)),
        request_id=types.text(answer, "trace_id")[:100],
    )


def no_answer(error: Exception) -> ProviderError:
    """Nothing, or half of something, came back. Says of the failure no more than its class: texts may hold URLs."""
    detail = "Microsoft did not answer, or the connection broke."
    return ProviderError(Kind.API, _T, detail, code=type(error).__name__)


def is_forgotten(error: ProviderError) -> bool:
    """Whether a delta link is no longer known: 410, or 40x under one of several names (PROVIDERS 2.4)."""
    return error.status == 410 or GRAPH.get(error.code.lower()) is _FORGOTTEN


def is_missing(error: ProviderError) -> bool:
    """Whether a message or folder is gone, rather than the whole mailbox."""
    return error.status == 404 and GRAPH.get(error.code.lower()) is not _NO_MAILBOX


def is_throttled(error: ProviderError) -> bool:
    """Whether the next call would meet the same refusal: such calls count, so it is better not made (2.8)."""
    return error.status in {429, 509}


def concerns_all(error: ProviderError) -> bool:
    """Whether what one message met, every other message of the mailbox will meet."""
    return error.kind in {Kind.ACCOUNT, Kind.INBOX, Kind.DISABLED} and not is_missing(error)


def seconds(retry_after: str, *, now: datetime) -> float | None:
    """The Retry-After header (RFC 9110 section 10.2.3): seconds, or a date; at most an hour is believed."""
    value = retry_after.strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value):
        return min(float(value), 3600)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0), 3600)


def _cause(status: int, code: str, *, is_empty: bool, writes: bool) -> Cause:
    if writes and status == 403 and (code in _WRITE_REFUSED or code not in GRAPH):
        return _NO_WRITING
    if code in GRAPH:
        return GRAPH[code]
    if status == 400 and is_empty:
        # Seen in outages: the gateway answers 400 without a body.
        return _DOWN
    other = _DOWN if status >= 500 else Cause(Kind.UNKNOWN, _T, "Microsoft refused for a reason that we do not know.")
    return STATUSES.get(status, other)
