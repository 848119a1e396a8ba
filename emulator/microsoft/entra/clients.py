"""Registered applications: their secrets and reply addresses."""

from __future__ import annotations

from hmac import compare_digest
from urllib.parse import urlsplit

from emulator.microsoft.entra.aadsts import AadstsError, raise_ordered
from emulator.world import World

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_RESERVED = (".example", ".test", ".localhost")


def require_client(world: World, client: str, tenant: str) -> None:
    """Raises AadstsError 700016."""
    if client not in world.knobs.entra_clients:
        raise AadstsError(700016, client=client, detail=tenant)


def require_secret(world: World, client: str, secret: str) -> None:
    """Raises AadstsError: missing, wrong, or (knob `aadsts`) expired."""
    raise_ordered(world, client, client=client)
    if not secret:
        raise AadstsError(7000218, client=client)
    if not compare_digest(world.knobs.entra_clients[client].encode(), secret.encode()):
        raise AadstsError(7000215, client=client)


def require_redirect(world: World, client: str, uri: str) -> None:
    """A registered reply address matches exactly, but for the port of this machine's own
    (https://learn.microsoft.com/entra/identity-platform/reply-url). Raises AadstsError 50011.
    """
    registered = world.knobs.entra_redirect_uris.get(client)
    fits = _harmless(uri) if registered is None else any(_same(uri, each) for each in registered)
    if not fits:
        raise AadstsError(50011, client=client, detail=uri)


def _harmless(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and (host in _LOOPBACK or host.endswith(_RESERVED)) and not parts.fragment


def _same(uri: str, registered: str) -> bool:
    try:
        one, other = urlsplit(uri), urlsplit(registered)
        if one.hostname in _LOOPBACK and other.hostname in _LOOPBACK:
            return (one.scheme, one.hostname, one.path, one.query) == (
                other.scheme,
                other.hostname,
                other.path,
                other.query,
            )
    except ValueError:
        return False
    return uri == registered
