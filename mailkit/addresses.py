"""Email addresses as Postroom compares them (R2): no name, no comment, no case, one way to write the domain."""

from __future__ import annotations

import re
from email.utils import parseaddr
from urllib.parse import unquote

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

#: RFC 5321, section 4.5.3.1.3: a path has 256 octets, and two of them are the angle brackets.
LONGEST = 254
#: More than any address with a name and comments needs; a bound on what the parsers below are given.
LONGEST_WITH_NAME = 1000

#: A dot-atom and a host name in ASCII without Punycode: of these all that `_spelling` does is to make them small.
#: RFC 5322, section 3.2.3; RFC 1035, section 2.3.1; RFC 5890, section 2.3.1 about the two hyphens.
_PLAIN = re.compile(
    r"(?=[^@]{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:(?![a-z0-9]{2}--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?![a-z0-9]{2}--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z])?"
)
_SPECIAL = tuple(f".{name}" for name in SPECIAL_USE_DOMAIN_NAMES)


class InvalidAddress(ValueError):
    """The text is not an address that mail can be sent to; the message says why, for the reader."""


def normalise(text: str) -> str:
    """The one spelling of an address: ``Ines <Ines@BÜCHER.example>`` becomes ``ines@xn--bcher-kva.example``.

    Takes a bare address, one with a name or comment (RFC 5322, section 3.4), or a ``mailto:`` URL.
    The local part is lowered, though RFC 5321 leaves its case to the host: no mail provider in use
    tells it apart, and people write both. The domain becomes ASCII (IDNA 2008, UTS 46).
    What comes out goes in again unchanged. Raises `InvalidAddress`.
    """
    small = text.lower() if text.isascii() else ""
    if len(small) <= LONGEST and _PLAIN.fullmatch(small) and not small.endswith(_SPECIAL):
        return small  # Nearly every address there is, at a fiftieth of the time.
    if len(text) > LONGEST_WITH_NAME:
        raise InvalidAddress(f"{_quoted(text[:40])} is not an email address. It is too long.")
    try:
        return _spelling(_bare(text))
    except (EmailNotValidError, ValueError) as error:
        raise InvalidAddress(f"{_quoted(text.strip()[:80])} is not an email address. {error}") from error


def domain_of(address: str) -> str:
    """The domain of a normalised address."""
    return address.rpartition("@")[2]


def _quoted(text: str) -> str:
    return f"“{''.join(letter if letter.isprintable() else chr(0xFFFD) for letter in text)}”"


def _bare(text: str) -> str:
    text = text.strip()
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0])
    if "<" in text or "(" in text:
        return parseaddr(text)[1] or text
    return text


def _spelling(bare: str) -> str:
    found = validate_email(bare, check_deliverability=False, test_environment=True)
    address = f"{found.local_part.lower()}@{found.ascii_domain}"
    if len(address) > LONGEST:
        raise ValueError(f"It is longer than {LONGEST} characters.")
    return address
