"""The pages that a person sees while logging in. They work without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from emulator.microsoft.entra.aadsts import AadstsError
from emulator.world import World

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=select_autoescape(default=True)
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


def render(template: str, status: int = 200, *, policy: str = _POLICY, **values: object) -> Response:
    text = _templates.get_template(template).render(**values)
    return HTMLResponse(text, status, headers={"content-security-policy": policy, "cache-control": "no-store"})


def failed(world: World, request: Request, error: AadstsError) -> Response:
    """A refusal that must not go to the reply address, because that or the client is what is wrong."""
    return render("failed.html", 400, code=f"AADSTS{error.code}", text=error.text, stamp=world.clock.now().isoformat())


def send_back(redirect_uri: str, values: Mapping[str, str], mode: str) -> Response:
    """To the reply address: in the query, or as a form that posts itself or has a button."""
    if mode == "form_post":
        # The script's hash would change with a blank; 'unsafe-inline' reaches nothing else of this page.
        policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'"
        return render("form_post.html", policy=policy, action=redirect_uri, values=values)
    mark = "&" if "?" in redirect_uri else "?"
    return RedirectResponse(f"{redirect_uri}{mark}{urlencode(values)}", 302)
