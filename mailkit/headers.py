"""Headers as they come, encoded, folded and damaged, to text, addresses, ids and dates. Nothing here raises."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from functools import lru_cache

from mailkit import mailboxes
from mailkit.charsets import decode as decode_bytes
from mailkit.text import one_line

#: RFC 5322, section 2.1.1: the longest line; more of a header that is text nobody reads.
LONGEST_TEXT = 998
#: RFC 5322 sets no bound; more than this is no name of anybody.
LONGEST_NAME = 200
#: Bounds the work on one header, in characters; `mailboxes` has its own for lists of addresses.
LONGEST_ENCODED = 16_000
LONGEST_IDS = 200_000
#: In characters; such lists of addresses are remembered.
SHORT_LIST = 100

# RFC 2047, section 2, taken loosely: blanks inside, and a language after the charset (RFC 2231, section 5).
_ENCODED = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^\r\n]{0,2000}?)\?=")
# From where the blanks begin, and nothing is given back: a header of blanks would be read from each of them.
_FOLD = re.compile(r"(?<!\s)[^\S\r\n]*+[\r\n]\s*+")
_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_RAW = re.compile("[\udc80-\udcff]|\x1b\\$")
_ID = re.compile(r"<([^<>]{1,2000})>")
#: Nothing but ids, as nearly all such headers are: printable ASCII between brackets.
_ONLY_IDS = re.compile(r"\s*(?:<[!-;=?-~]{1,900}>\s*)+")
_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


def decode(value: str | bytes) -> str:
    """A header as text on one line (RFC 2047), at most 998 characters.

    ``value`` may have raw 8-bit bytes, as such or as the surrogates that Python's ``surrogateescape`` makes of them.
    """
    return one_line(_decoded(_as_text(value)), LONGEST_TEXT)


def address_list(value: str | bytes) -> tuple[tuple[str, str], ...]:
    """The (name, address) pairs of a header such as To, in their order, at most 10,000.

    The address is normalised (R2), and empty where the text has none that mail can be sent to: then the name is
    the text as it stands. The name is empty where there is none, or it only says the address again.
    """
    text = _as_text(value)
    return _short_list(text) if len(text) <= SHORT_LIST else _address_list(text)


def _address_list(text: str) -> tuple[tuple[str, str], ...]:
    if "\n" in text or "\r" in text:
        text = _FOLD.sub(" ", text)
    pairs = ((_name(written, address), address) for written, address in mailboxes.split(text))
    return tuple(pair for pair in pairs if any(pair))


#: The same few people write to each other all the time.
_short_list = lru_cache(maxsize=4_000)(_address_list)


def message_ids(value: str | bytes) -> tuple[str, ...]:
    """The Message-IDs of a header, without brackets and white space, in their order and without doubles."""
    text = _as_text(value)[:LONGEST_IDS]
    if _ONLY_IDS.fullmatch(text):
        return tuple(dict.fromkeys(_ID.findall(text)))
    found = ["".join(each.split()) for each in _ID.findall(text)]
    if not found:
        found = [word.strip("<>,;\"'") for word in text.split() if "@" in word] or text.split()[:1]
    elif len(found) > 1 and _is_sentence(text):
        # RFC 822, section 4.6.2, let In-Reply-To be one, with addresses in it: "<id> from Bob <bob@mail.example>".
        found = found[:1] if text.lstrip().startswith("<") else found[-1:]
    return tuple(filter(None, dict.fromkeys(one_line(each, LONGEST_TEXT).strip("<>") for each in found)))


def date(value: str | bytes) -> datetime | None:
    """The moment that a Date header names, in UTC; without a zone it is taken as UTC. None where it names none.

    Offsets of any size are reckoned with as long as they are below a day. The year is what is written, from 1 to 9999.
    """
    text = _as_text(value)[:200].strip()
    if match := _RFC5322_DATE.match(text):
        return _moment(_from_match(match))
    return _moment(_liberal(text))


# --- Encoded words ------------------------------------------------------------------------------


def _as_text(value: str | bytes) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "surrogateescape")
    return value


def _name(written: str, address: str) -> str:
    name = one_line(_decoded(written), LONGEST_NAME).strip("\"' ") if written else ""
    if name.endswith(">") and "<" not in name:
        name = name.rstrip("> ")
    return "" if address and name.lower() == address else name


def _decoded(text: str) -> str:
    """``text`` without encoded words and raw bytes; encoded words inside of encoded words are seen through, thrice."""
    text = text[:LONGEST_ENCODED]
    for _ in range(3):
        if "=?" not in text:
            break
        text = "".join(_pieces(_FOLD.sub(" ", text)))
    return _without_raw(text)


def _pieces(text: str) -> Iterator[str]:
    """What lies between encoded words as it is, and the words decoded.

    White space between two of them is none (RFC 2047, section 6.2), and a letter may be cut in two by them,
    which is forbidden and happens: so those of one charset are joined as bytes first.
    """
    end, charset, data = 0, "", b""
    for match in _ENCODED.finditer(text):
        between = text[end : match.start()]
        name = match[1].partition("*")[0].lower()
        if data and (between.strip() or name != charset):
            yield decode_bytes(data, charset, guess=False)[0]
            data = b""
        if between.strip() or not end:
            yield _without_raw(between)
        charset, end = name, match.end()
        data += _word(match[2], match[3])
    if data:
        yield decode_bytes(data, charset, guess=False)[0]
    yield _without_raw(text[end:])


def _word(encoding: str, content: str) -> bytes:
    if encoding in "qQ":
        data = content.replace("_", " ").encode("utf-8", "replace")
        return _Q_ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), data)
    letters = _NO_BASE64.sub("", content)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))


def _without_raw(text: str) -> str:
    """``text`` with the bytes decoded that nobody declared a charset for."""
    if text.isascii() and "\x1b$" not in text:
        return text
    text = _LONE.sub("\ufffd", text)
    if not _RAW.search(text):
        return text
    return decode_bytes(text.encode("utf-8", "surrogateescape"))[0]


# --- Ids ----------------------------------------------------------------------------------------


def _is_sentence(text: str) -> bool:
    """Whether there are words around the ids, besides comments and quoted strings."""
    rest = re.sub(r'<[^<>]{1,2000}>|\([^()]{0,2000}\)|"[^"]{0,2000}"', " ", text)
    return any(map(str.isalpha, rest.split()))


# --- Dates --------------------------------------------------------------------------------------

_MONTH_NAMES = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTHS = {_MONTH_NAMES[3 * number - 3 : 3 * number]: number for number in range(1, 13)}
_RFC5322_DATE = re.compile(
    r"(?:[A-Za-z]{3}, ?)?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))? (?:([+-])(\d\d)(\d\d)|GMT|UT)\b"
)
_NUMERIC_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})[ ,T]+(\d{1,2}):(\d\d)(?::(\d\d))?")

_Parts = tuple[int, int, int, int, int, int, int]


def _from_match(match: re.Match[str]) -> _Parts | None:
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    number = _MONTHS.get(month.lower())
    if number is None:
        return None
    offset = (int(hours) * 3600 + int(minutes) * 60) * (-1 if sign == "-" else 1) if sign else 0
    return int(year), number, int(day), int(hour), int(minute), int(second or 0), offset


def _liberal(text: str) -> _Parts | None:
    """Whatever else mail programs wrote: RFC 822 and its cousins, ISO 8601, and day-month-year in numbers."""
    if match := _NUMERIC_DATE.match(text):
        day, month, year, hour, minute, second = (int(group or 0) for group in match.groups())
        if month > 12:
            day, month = month, day
        return year, month, day, hour, minute, second, 0
    try:
        moment = datetime.fromisoformat(text)
        offset = int((moment.utcoffset() or timedelta()).total_seconds())
        return moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, offset
    except ValueError:
        pass
    try:
        found = parsedate_tz(text)
    except (ValueError, IndexError, TypeError, OverflowError):  # What it raises for some texts is not documented.
        return None
    return (*found[:6], int(found[9] or 0)) if found else None


def _moment(parts: _Parts | None) -> datetime | None:
    if parts is None:
        return None
    year, month, day, hour, minute, second, offset = parts
    shift = timedelta(seconds=offset if abs(offset) < 86_400 else 0)
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC) - shift  # A leap second has 60.
    except (ValueError, OverflowError):
        return None
