"""What an entry of the exclusion list is, and which addresses it covers (R7). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mailkit.addresses import InvalidAddress, domain_of, normalise

#: What a domain's own name is judged by: any local part does.
_ANYBODY = "anybody"


class InvalidRule(ValueError):
    """The text is neither an address nor a domain; the message says what would be, for the reader."""


class Kind(StrEnum):
    ADDRESS = "address"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Rule:
    """An address, or a domain with all its subdomains; ``value`` is in the one spelling of `mailkit.addresses`."""

    kind: Kind
    value: str

    def covers(self, address: str) -> bool:
        """Whether mail of a normalised address is meant."""
        return self.value in values_covering(address)


def read(text: str) -> Rule:
    """What somebody wrote: ``Ines <ines@lyon.example>``, ``lyon.example``, ``@lyon.example`` or ``*.lyon.example``.

    A domain always means its subdomains too. Raises `InvalidRule`.
    """
    text = text.strip()
    if not text:
        raise InvalidRule("Write an address or a domain, such as ines@lyon.example or lyon.example.")
    bare = text.removeprefix("*").removeprefix("@").removeprefix(".").removesuffix(".")
    try:
        if "@" in bare:
            return Rule(Kind.ADDRESS, normalise(text))
        return Rule(Kind.DOMAIN, domain_of(normalise(f"{_ANYBODY}@{bare}")))
    except InvalidAddress as error:
        shown = "".join(letter if letter.isprintable() else chr(0xFFFD) for letter in text[:80])
        raise InvalidRule(
            f"“{shown}” is neither an address nor a domain: write one such as ines@lyon.example or lyon.example."
        ) from error


def values_covering(address: str) -> tuple[str, ...]:
    """The values of all rules there could be for a normalised address: itself, its domain, and each domain above.

    So that a page asks the database for its own few values, however long the list is.
    """
    domain = domain_of(address)
    labels = domain.split(".")
    return (address, *(".".join(labels[start:]) for start in range(len(labels))))
