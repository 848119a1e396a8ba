"""Bodies, files and originals: each in an answer of its own that can run and reach nothing (S3)."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails import originals
from emails.content import excerpt, safe_name, words
from emails.models import Email, Privacy, Source, Visibility
from tests.conftest import Northwind
from tests.emails.factory import WITH_A_FILE, door_of, make_email, make_message
from tests.emails.with_files import PDF, WITH_FILES
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


class TestLookingAtFiles:
    @pytest.fixture
    def files(self, northwind: Northwind, ines: Contact) -> Email:
        """With a picture, a PDF, a text, an empty file, a drawing, HTML as "PLAN.pdf", and one without a name."""
        return make(northwind, ines, WITH_FILES)

    def test_all_come_in_one_archive_by_names_of_their_own(self, bob: Client, files: Email) -> None:
        answer = bob.get(f"/email/{files.pk}/attachments/")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="Everything for the fair.zip"'
        assert policy(answer)["sandbox"] == ""
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            names = archive.namelist()
            assert names[:6] == ["gate.png", "plan.pdf", "notes.txt", "empty.bin", "x.svg", "PLAN (2).pdf"]
            assert len(names) == 7
            assert archive.read("plan.pdf") == PDF
            assert archive.read("empty.bin") == b""

    def test_where_there_is_none_there_is_no_archive(self, bob: Client, northwind: Northwind, ines: Contact) -> None:
        with tenant_scope(northwind.tenant.pk):
            email = make_email(ines)
        assert bob.get(f"/email/{email.pk}/attachments/").status_code == 404

    def test_a_text_is_shown_as_the_text_that_it_is(self, bob: Client, files: Email) -> None:
        page = bob.get(f"/email/{files.pk}/attachments/2/view/").content.decode()
        assert "&lt;b&gt;not bold&lt;/b&gt;" in page
        assert "<b>not bold" not in page

    def test_a_pdf_goes_to_the_viewer_and_can_be_nothing_else(self, bob: Client, files: Email) -> None:
        answer = bob.get(f"/email/{files.pk}/attachments/1/pdf/")
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert policy(answer)["default-src"] == "'none'"
        assert "script-src" not in policy(answer)

    @pytest.mark.parametrize("position", [5, 6])
    def test_what_only_says_so_is_for_saving(self, bob: Client, files: Email, position: int) -> None:
        answer = bob.get(f"/email/{files.pk}/attachments/{position}/pdf/")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")

    @pytest.mark.parametrize("position", [3, 4, 5])
    def test_what_is_empty_or_could_run_is_not_shown(self, bob: Client, files: Email, position: int) -> None:
        assert bob.get(f"/email/{files.pk}/attachments/{position}/view/").status_code == 404

    def test_text_in_any_letters_is_shown_in_part(self) -> None:
        assert excerpt("Grüße".encode()) == ("Grüße", False)
        assert "Gr" in excerpt("Grüße aus Köln, schöne Übung".encode("latin-1"))[0]
        text, is_cut = excerpt(("ü" * 300_000).encode())
        assert (text[0], text[-1], is_cut) == ("ü", "ü", True)
        assert excerpt(b"a\x00b") == ("ab", False)


class TestPages:
    def test_the_original_is_shown_as_text(self, bob: Client, rich: Email) -> None:
        page = bob.get(f"/email/{rich.pk}/original/").content.decode()
        assert "Message-ID: &lt;rich@atelier-lyon.example&gt;" in page
        assert "&lt;script&gt;document.title" in page
        assert "<script>document.title" not in page
        assert f'href="/email/{rich.pk}/raw/"' in page

    def test_of_a_huge_one_the_beginning(self, bob: Client, northwind: Northwind, ines: Contact) -> None:
        email = make(northwind, ines, b"Subject: Hello\n\n" + b"w" * 3_000_000)
        page = bob.get(f"/email/{email.pk}/original/").content.decode()
        assert "It goes on for very long" in page
        assert len(page) < 300_000

    def test_paper_shows_all_that_can_be_read_of_the_conversation(
        self, bob: Client, northwind: Northwind, rich: Email, ines: Contact
    ) -> None:
        with tenant_scope(northwind.tenant.pk):
            Source.objects.create(email=rich, door=door_of(northwind.bob), key="rich")
            make_email(ines, text="<b>Later.</b>", thread=rich.thread, seen_by=northwind.bob)
            hidden = make_email(ines, text="For Alice.", thread=rich.thread, seen_by=northwind.alice)
            Privacy.objects.create(member=northwind.alice, thread=rich.thread, visibility=Visibility.SUBJECT)
        page = bob.get(f"/email/{rich.pk}/print/").content.decode()
        assert "<b>the 4th works</b>" in page
        assert "Later." not in page
        answer = bob.get(f"/email/{rich.pk}/print/?all")
        assert "&lt;b&gt;Later.&lt;/b&gt;" in answer.content.decode()
        assert "For Alice." not in answer.content.decode()
        assert "allow-scripts" not in policy(answer)["sandbox"]
        assert policy(answer)["default-src"] == "'none'"
        assert bob.get(f"/email/{hidden.pk}/print/").status_code == 403

    def test_a_signature_and_history_are_told_apart(self) -> None:
        text = (
            "The 4th.\n\n-- \nInes\nAtelier Lyon\n\nOn Mon, 2 Mar 2026 at 10:00, Alice <a@b.example> wrote:\n> Which?"
        )
        found = words(text)
        assert (found.said, found.signature) == ("The 4th.", "-- \nInes\nAtelier Lyon")
        assert "Which?" in found.history
        assert words("-- \nInes").said == "-- \nInes"
        assert words("Hi\n-- \n" + "x\n" * 2_000).signature == ""
        assert words("\n-- \n" * 60_000).is_cut
