"""The authorize page: a person chooses an account, ticks what is allowed, or cancels. No password is asked."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from jinja2 import Environment, PackageLoader
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from emulator.google.oauth.asking import Asking, RefusedError, read
from emulator.google.oauth.identity import display_name
from emulator.google.scopes import DESCRIPTIONS, IDENTITY
from emulator.mailbox import Mailbox
from emulator.tokens import new_grant
from emulator.world import World, WrongProviderError

MAX_ACCOUNTS = 20
_PAGES = Environment(loader=PackageLoader("emulator.google"), autoescape=True, trim_blocks=True, lstrip_blocks=True)


async def show(world: World, request: Request) -> Response:
    """GET: the page, or at once an answer where prompt=none forbids to ask."""
    try:
        asking = read(world, request.query_params)
    except RefusedError as error:
        return _refusal(error)
    if world.knobs.google_login_error:
        return _back(asking, {"error": world.knobs.google_login_error})
    if "none" in asking.prompt:
        return _silent(world, asking)
    return _page(world, asking)


async def decide(world: World, request: Request) -> Response:
    """POST from the page: `account` (or "other" and `address`), `scope` for each tick, `decision`."""
    try:
        asking = read(world, request.query_params)
    except RefusedError as error:
        return _refusal(error)
    form = await request.form(max_files=0)
    if form.get("decision") != "allow":
        return _back(asking, {"error": "access_denied"})
    chosen = _chosen(form, asking.login_hint)
    try:
        box = world.open(chosen, "google")
    except (ValueError, WrongProviderError):
        return _page(world, asking, problem=f"Couldn’t find a Google Account “{chosen[:100]}”.")
    ticked = {str(each) for each in form.getlist("scope")}
    allowed = [each for each in asking.scopes if each in ticked or each in IDENTITY]
    if not allowed:
        return _back(asking, {"error": "access_denied"})
    return _grant(world, asking, box, frozenset(allowed))


def _chosen(form: FormData, hint: str) -> str:
    """The account that is ticked; an address that somebody typed is meant even if the tick stayed elsewhere."""
    account = str(form.get("account") or "other")
    address = str(form.get("address") or "").strip()
    typed = bool(address) and address.lower() != hint
    return address if account == "other" or typed else account


def _grant(world: World, asking: Asking, box: Mailbox, allowed: frozenset[str]) -> Response:
    """The code. A refresh token comes with the first consent only, or with prompt=consent."""
    held = world.tokens.held("google", asking.client.client_id, box.address)
    if asking.include_granted:
        allowed |= frozenset().union(*(token.grant.scopes for token in held))
    first = not any(token.kind == "refresh" for token in held)
    code = world.tokens.authorize(
        new_grant("google", asking.client.client_id, box.address, allowed),
        redirect_uri=asking.redirect_uri,
        challenge=asking.challenge,
        challenge_method=asking.challenge_method,
        nonce=asking.nonce,
        offline=asking.offline and (first or "consent" in asking.prompt),
    )
    answer = {
        "code": code.value,
        "scope": " ".join(sorted(allowed)),
        "authuser": "0",
        "prompt": "consent" if first or "consent" in asking.prompt else "none",
    }
    return _back(asking, answer)


def _silent(world: World, asking: Asking) -> Response:
    """prompt=none: a code where the person has allowed all of it before, else an error."""
    held = world.tokens.held("google", asking.client.client_id, asking.login_hint)
    allowed = frozenset().union(*(token.grant.scopes for token in held))
    if not held or not set(asking.scopes) <= allowed:
        return _back(asking, {"error": "interaction_required"})
    return _grant(world, asking, world.open(asking.login_hint, "google"), frozenset(asking.scopes))


def _back(asking: Asking, answer: Mapping[str, str]) -> Response:
    """To the client's redirect URI, whose own query stays."""
    parts = urlsplit(asking.redirect_uri)
    state = [("state", asking.state)] if asking.state else []
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *state, *answer.items()])
    return RedirectResponse(urlunsplit(parts._replace(query=query)), 303)


def _page(world: World, asking: Asking, problem: str = "") -> Response:
    accounts = _accounts(world, asking)
    hinted = asking.login_hint if asking.login_hint in dict(accounts) else ""
    page = _PAGES.get_template("consent.html").render(
        client=asking.client,
        accounts=accounts,
        chosen=hinted or (accounts[0][0] if accounts and not asking.login_hint else "other"),
        address="" if hinted else asking.login_hint,
        scopes=[(each, DESCRIPTIONS[each]) for each in asking.scopes if each not in IDENTITY],
        identity=[DESCRIPTIONS[each] for each in asking.scopes if each in IDENTITY],
        problem=problem,
    )
    return HTMLResponse(page, 400 if problem else 200)


def _accounts(world: World, asking: Asking) -> list[tuple[str, str]]:
    """Addresses with names: the hinted one first, then by the alphabet."""
    boxes = [box for box in world.mailboxes.values() if box.provider == "google"]
    fitting = [box for box in boxes if box.address.endswith(asking.domain)]
    fitting.sort(key=lambda box: (box.address != asking.login_hint, box.address))
    return [(box.address, display_name(box)) for box in fitting[:MAX_ACCOUNTS]]


def _refusal(error: RefusedError) -> Response:
    page = _PAGES.get_template("refused.html").render(error=error.error, message=error.message, status=error.status)
    return HTMLResponse(page, error.status)
