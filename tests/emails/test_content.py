"""Bodies, files and originals: each in an answer of its own that can run and reach nothing (S3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails import originals
from emails.content import safe_name
from emails.models import Email
from tests.conftest import Northwind
from tests.emails.factory import WITH_A_FILE, make_email, make_message
from tests.functional.email_pages import RICH


def make(northwind: Northwind, contact: Contact, raw: bytes) -> Email:
    with tenant_scope(northwind.tenant.pk):
        return make_message(raw, contact)


@pytest.fixture
def rich(northwind: Northwind, ines: Contact) -> Email:
    """In HTML, with a picture of its own, a remote one, quoted history and two files."""
    return make(northwind, ines, RICH)


def policy(answer: Any) -> dict[str, str]:
    """The content policy, by directive."""
    parts = (part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    return {name: "".join(rest) for name, *rest in parts}


class TestBody:
    def test_it_is_shown_without_what_is_hostile_or_remote(self, bob: Client, rich: Email) -> None:
        page = bob.get(f"/email/{rich.pk}/body/").content.decode()
        assert "<b>the 4th works</b>" in page
        assert "<script" not in page
        assert "tracker.example" not in page
        assert "Pictures from elsewhere are not loaded" in page
        assert f'src="/email/{rich.pk}/attachments/0/"' in page
        assert "Show quoted text" in page

    def test_its_policy_lets_nothing_run_and_nothing_remote_load(self, bob: Client, rich: Email) -> None:
        answer = bob.get(f"/email/{rich.pk}/body/")
        found = policy(answer)
        assert found["default-src"] == "'none'"
        assert "script-src" not in found
        assert "allow-scripts" not in found["sandbox"]
        assert found["img-src"] == "'self' data:"
        assert found["frame-ancestors"] == "'self'"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["Referrer-Policy"] == "no-referrer"

    def test_remote_pictures_come_where_they_are_asked_for(self, bob: Client, rich: Email) -> None:
        answer = bob.get(f"/email/{rich.pk}/body/remote/")
        assert 'src="https://tracker.example/open.gif?id=1"' in answer.content.decode()
        assert policy(answer)["img-src"] == "'self' data: https: http:"
        assert "script-src" not in policy(answer)

    def test_one_whose_original_is_lost_shows_its_text(self, bob: Client, northwind: Northwind, ines: Contact) -> None:
        with tenant_scope(northwind.tenant.pk):
            email = make_email(ines, text="What it says.")
        assert "What it says." in bob.get(f"/email/{email.pk}/body/").content.decode()

    def test_a_forwarded_message_is_not_folded_away(self, bob: Client, northwind: Northwind, ines: Contact) -> None:
        raw = b"Content-Type: text/html\n\n<div class=gmail_quote>---------- Forwarded message<br>The offer.</div>"
        page = bob.get(f"/email/{make(northwind, ines, raw).pk}/body/").content.decode()
        assert "The offer." in page
        assert "Show quoted text" not in page


class TestFiles:
    def test_a_file_is_for_saving(self, bob: Client, northwind: Northwind, ines: Contact) -> None:
        email = make(northwind, ines, WITH_A_FILE)
        assert "gate-plan.pdf" in bob.get(f"/email/{email.pk}/").content.decode()
        answer = bob.get(f"/email/{email.pk}/attachments/0/")
        assert answer.content == b"%PDF-1.4\n"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="gate-plan.pdf"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert policy(answer)["sandbox"] == ""
        assert bob.get(f"/email/{email.pk}/attachments/1/").status_code == 404

    def test_a_picture_of_the_body_is_shown_there(self, bob: Client, rich: Email) -> None:
        answer = bob.get(f"/email/{rich.pk}/attachments/0/")
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Content-Disposition"].startswith("inline")

    def test_what_could_run_is_never_shown(self, bob: Client, northwind: Northwind, ines: Contact) -> None:
        raw = RICH.replace(b"image/png", b"image/svg+xml").replace(b"plan.png", b"plan.html")
        answer = bob.get(f"/email/{make(northwind, ines, raw).pk}/attachments/0/")
        assert answer.headers["Content-Disposition"].startswith("attachment")

    @pytest.mark.parametrize(
        ("name", "safe"),
        [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a\r\nSet-Cookie: x=1.pdf", "a__Set-Cookie_ x=1.pdf"),
            ('quo"te\\.pdf', "quo_te_.pdf"),
            ("\u202efdp.exe", "_fdp.exe"),
            ("...", "attachment"),
            ("Förderung 2026.pdf", "Förderung 2026.pdf"),
        ],
    )
    def test_names_are_no_paths_and_no_headers(self, name: str, safe: str) -> None:
        assert safe_name(name) == safe


class TestOriginal:
    def test_it_comes_as_it_came(self, bob: Client, rich: Email) -> None:
        answer = bob.get(f"/email/{rich.pk}/raw/")
        assert answer.content == RICH
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment")

    def test_one_that_is_not_kept_or_lost_is_not_there(
        self, bob: Client, rich: Email, northwind: Northwind, ines: Contact
    ) -> None:
        with tenant_scope(northwind.tenant.pk):
            without = make_email(ines)
            originals.forget(rich.original)
        assert bob.get(f"/email/{without.pk}/raw/").status_code == 404
        assert bob.get(f"/email/{rich.pk}/raw/").status_code == 404

    def test_what_one_cannot_see_has_no_content(self, alice: Client, northwind: Northwind, secret: Contact) -> None:
        email = make(northwind, secret, RICH)
        for path in ("body/", "body/remote/", "raw/", "attachments/0/"):
            assert alice.get(f"/email/{email.pk}/{path}").status_code == 404
