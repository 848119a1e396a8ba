"""Settings from environment variables, with an error that names the variable and the remedy.

Every reader also looks at ``NAME_FILE``, a path whose content is the value: the way
Docker and Kubernetes hand secrets to a process without putting them into its environment.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


class BadSetting(ImproperlyConfigured):
    """A variable has a value that cannot be meant."""


def text(name: str, default: str = "") -> str:
    """The value of ``name`` without surrounding white space; an empty value counts as unset.

    Raises `BadSetting` when ``name_FILE`` names a file that cannot be read, or both are set.
    """
    value = os.environ.get(name, "").strip()
    path = os.environ.get(f"{name}_FILE", "").strip()
    if value and path:
        raise BadSetting(f"{name} and {name}_FILE are both set: keep one of them.")
    if path:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    return value or default


def boolean(name: str, *, default: bool) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off; anything else raises `BadSetting`."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise BadSetting(f"{name} is {value!r}: write one of {', '.join(sorted(TRUE | FALSE))}.")


def integer(name: str, default: int, *, minimum: int = 0, maximum: int = 2**31) -> int:
    """A whole number between ``minimum`` and ``maximum``, both allowed."""
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError as error:
        raise BadSetting(f"{name} is {value!r}: write a whole number.") from error
    if not minimum <= number <= maximum:
        raise BadSetting(f"{name} is {number}: write a number from {minimum} to {maximum}.")
    return number


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """A list whose items are parted by commas or spaces."""
    return text(name).replace(",", " ").split() or list(default)


def choice(name: str, default: str, *, allowed: Sequence[str]) -> str:
    """One of ``allowed``, compared without regard to case."""
    value = text(name, default).lower()
    if value not in allowed:
        raise BadSetting(f"{name} is {value!r}: write one of {', '.join(allowed)}.")
    return value
