"""What a client asks the authorize page for, checked as Google checks it before it shows anything.

https://developers.google.com/identity/protocols/oauth2/web-server#creatingclient
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from emulator.google import scopes
from emulator.google.state import Client, Google
from emulator.world import World

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_RESERVED = (".localhost", ".test", ".example")
_PROMPTS = frozenset({"none", "consent", "select_account"})
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class RefusedError(Exception):
    """The page says no instead of asking: `error` is Google's code, shown with `status`."""

    def __init__(self, error: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.error = error
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Asking:
    """`scopes` are in Google's own spelling; `offline` asks for a refresh token; `domain` is the hd parameter."""

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    offline: bool
    prompt: frozenset[str]
    include_granted: bool
    login_hint: str
    domain: str
    challenge: str
    challenge_method: str
    nonce: str


def read(world: World, given: Mapping[str, str]) -> Asking:
    """Raises RefusedError. Nothing of this goes back to the client, since its address may be wrong."""
    client = world.section(Google).clients.get(_needed(given, "client_id"))
    if client is None:
        raise RefusedError("invalid_client", "The OAuth client was not found.", 401)
    redirect_uri = _needed(given, "redirect_uri")
    if not accepts(client, redirect_uri):
        message = f"The redirect URI in the request, {redirect_uri}, does not match the ones authorized for the client."
        raise RefusedError("redirect_uri_mismatch", message)
    if _needed(given, "response_type") != "code":
        raise RefusedError("unsupported_response_type", f"Invalid response_type: {given['response_type']}")
    wanted = scopes.canonical(_needed(given, "scope"))
    if wrong := scopes.unknown(wanted):
        message = f"Some requested scopes were invalid. {{valid=[], invalid=[{', '.join(wrong)}]}}"
        raise RefusedError("invalid_scope", message)
    return Asking(
        client=client,
        redirect_uri=redirect_uri,
        scopes=tuple(wanted),
        state=given.get("state", ""),
        offline=_choice(given, "access_type", "online", {"online", "offline"}) == "offline",
        prompt=_prompts(given),
        include_granted=given.get("include_granted_scopes", "").lower() == "true",
        login_hint=given.get("login_hint", "").strip().lower(),
        domain=given.get("hd", "").strip().lower().lstrip("*"),
        challenge=_challenge(given),
        challenge_method=_choice(given, "code_challenge_method", "", {"", "S256", "plain"}),
        nonce=given.get("nonce", ""),
    )


def accepts(client: Client, redirect_uri: str) -> bool:
    """Registered URIs match sign by sign; a client without has any of this machine or of a reserved name (RFC 2606)."""
    if client.redirect_uris is not None:
        return redirect_uri in client.redirect_uris
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        return False
    host = parts.hostname or ""
    near = host in _LOOPBACK or host.endswith(_RESERVED)
    return near and parts.scheme in {"http", "https"} and not parts.fragment


def _needed(given: Mapping[str, str], name: str) -> str:
    value = given.get(name, "").strip()
    if not value:
        raise RefusedError("invalid_request", f"Required parameter is missing: {name}")
    return value


def _choice(given: Mapping[str, str], name: str, default: str, known: set[str]) -> str:
    value = given.get(name) or default
    if value not in known:
        raise RefusedError("invalid_request", f"Invalid parameter value for {name}: {value}")
    return value


def _prompts(given: Mapping[str, str]) -> frozenset[str]:
    prompts = frozenset(given.get("prompt", "").split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise RefusedError("invalid_request", f"Invalid parameter value for prompt: {given['prompt']}")
    return prompts


def _challenge(given: Mapping[str, str]) -> str:
    challenge = given.get("code_challenge", "")
    if challenge and not _CHALLENGE.fullmatch(challenge):
        raise RefusedError("invalid_request", "Invalid parameter value for code_challenge: wrong length or signs")
    if given.get("code_challenge_method") and not challenge:
        raise RefusedError("invalid_request", "Required parameter is missing: code_challenge")
    return challenge
