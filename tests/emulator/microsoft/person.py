"""Somebody at the log-in page, as a browser without scripts shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx


@dataclass
class Form:
    """The one form of a page: its fields as they stand, and its radio buttons' values."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    choices: list[str] = field(default_factory=list)
    chosen: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form = Form()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form.action = values.get("action", "")
        elif tag == "input" and values.get("type") == "radio":
            self.form.choices.append(values["value"])
            self.form.chosen = values["value"] if "checked" in values else self.form.chosen
        elif tag == "input":
            self.form.fields[values["name"]] = values.get("value", "")


def read_form(page: str) -> Form:
    reader = _Reader()
    reader.feed(page)
    return reader.form


@dataclass
class Person:
    """Chooses `address` and decides."""

    address: str

    def decide(self, auth_uri: str, *, accept: bool = True) -> dict[str, str]:
        """What comes back to the application, by query or form."""
        return came_back(self.submit(auth_uri, accept=accept))

    def submit(self, auth_uri: str, *, accept: bool = True) -> httpx.Response:
        page = httpx.get(auth_uri)
        assert page.status_code == 200, page.text
        form = read_form(page.text)
        listed = self.address in form.choices
        fields = {
            "account": self.address if listed else "other",
            "other": "" if listed else self.address,
            "decision": "accept" if accept else "cancel",
        }
        return httpx.post(urljoin(auth_uri, form.action), data=fields)


def came_back(answer: httpx.Response) -> dict[str, str]:
    """The parameters at the reply address."""
    if answer.status_code == 302:
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert answer.status_code == 200, answer.text
    return read_form(answer.text).fields
