"""OAuth scopes, and the rights that they are. https://developers.google.com/workspace/gmail/api/auth/scopes"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from providers.base import Right

_AUTH = "https://www.googleapis.com/auth"
READONLY = f"{_AUTH}/gmail.readonly"
SEND = f"{_AUTH}/gmail.send"
MODIFY = f"{_AUTH}/gmail.modify"
#: Who has logged in; nobody can untick these.
IDENTITY = ("openid", "email", "profile")

_RIGHTS: Mapping[str, frozenset[Right]] = {
    READONLY: frozenset({Right.READ}),
    SEND: frozenset({Right.SEND}),
    MODIFY: frozenset(Right),
    f"{_AUTH}/gmail.compose": frozenset({Right.SEND}),
    "https://mail.google.com/": frozenset(Right),
}


def asked(rights: frozenset[Right]) -> list[str]:
    """The scopes to ask for: the fewest that have the rights, since people read each line of the consent page."""
    if Right.LABEL in rights:
        return [*IDENTITY, MODIFY]
    narrow = {Right.READ: READONLY, Right.SEND: SEND}
    return [*IDENTITY, *(scope for right, scope in narrow.items() if right in rights)]


def rights(granted: Iterable[str]) -> frozenset[Right]:
    """What the scopes that were granted allow."""
    return frozenset().union(*(_RIGHTS.get(scope, frozenset()) for scope in granted))
