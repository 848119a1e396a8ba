from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AuditEntry, Membership
from contacts import operations, queries
from contacts.data import ContactData
from contacts.filters import Criteria
from contacts.models import Contact, Import, Note
from contacts.operations import imports
from contacts.tasks import run_import
from crm.celery import app
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind
from tests.contacts.conftest import INES, Make, names_seen_by

PEOPLE = "First name,Last name,Email,Notes,Tags\nTomasz,Kowal,tomasz@metal.example,Met in Łódź,trial\nYuki,Tanaka,,,\n"


class ImportPage:
    """A member who imports files through the pages."""

    def __init__(self, client: Client, member: Membership) -> None:
        self.client = client
        self.member = member

    def upload(self, content: str | bytes, name: str = "people.csv") -> str:
        """Chooses a file; answers the address of its preview, or the page with the errors."""
        data = content.encode() if isinstance(content, str) else content
        response = self.client.post("/contacts/import/", {"file": SimpleUploadedFile(name, data)})
        return response["Location"] if response.status_code == 302 else response.content.decode()

    def start(self, url: str, **options: str) -> None:
        """Presses Import, with the mapping as the page proposes it."""
        upload = self.find(url)
        columns = {f"column-{number}": field for number, field in enumerate(upload.mapping)}
        data = {"existing": "update", "tags": "", "owner": "", **columns, **options, "start": "yes"}
        assert self.client.post(url, data).status_code == 302

    def work(self, url: str) -> Import:
        """Lets the worker do what is waiting for it."""
        kwargs = {"tenant_id": self.member.tenant_id, "import_id": self.find(url).pk}
        run_import.apply(kwargs=kwargs, throw=True)
        return self.find(url)

    def bring_in(self, content: str | bytes, name: str = "people.csv", **options: str) -> Import:
        url = self.upload(content, name)
        self.start(url, **options)
        return self.work(url)

    def find(self, url: str) -> Import:
        with tenant_scope(self.member.tenant_id):
            return queries.get_import(self.member, int(url.strip("/").split("/")[-1]))

    def page(self, url: str) -> str:
        return self.client.get(url).content.decode()


@pytest.fixture
def bob(client_of: Callable[[Membership], Client], northwind: Northwind) -> ImportPage:
    return ImportPage(client_of(northwind.bob), northwind.bob)


@pytest.fixture
def names(northwind: Northwind) -> Callable[[], list[str]]:
    """The names on Bob's list."""

    def read() -> list[str]:
        with tenant_scope(northwind.tenant.pk):
            return names_seen_by(northwind.bob)

    return read


Names = Callable[[], list[str]]


class TestThePreview:
    def test_it_shows_what_would_become_of_the_file_and_saves_nothing(self, bob: ImportPage, names: Names) -> None:
        page = bob.page(bob.upload(PEOPLE + "Ines,Moreau,nonsense,,\n"))
        assert "Tomasz Kowal" in page
        assert "Write it like name@company.example." in page
        assert "New<b>2</b>" in page
        assert "With mistakes<b>1</b>" in page
        assert names() == []

    def test_contacts_that_are_here_are_counted_also_within_the_file(self, bob: ImportPage, make: Make) -> None:
        make(INES)
        page = bob.page(bob.upload("Email\nINES@atelier-lyon.example\na@x.example\nA@x.example\n"))
        assert "New<b>1</b>" in page
        assert "Here already<b>2</b>" in page

    def test_another_mapping_shows_another_preview(self, bob: ImportPage) -> None:
        url = bob.upload("Who,Where\nIna Rossi,Acme\n")
        assert "No row can be read like this" in bob.page(url)
        bob.client.post(url, {"existing": "skip", "column-0": "name", "column-1": "company"})
        page = bob.page(url)
        assert "Ina Rossi" in page
        assert "New<b>1</b>" in page

    @pytest.mark.parametrize(
        ("content", "reason"),
        [(b"", "empty"), (b"\x00\x01\x02\xff" * 99, "This is not a text file"), (b"Name\n", "no rows below")],
    )
    def test_what_cannot_be_read_is_told_with_a_remedy(self, bob: ImportPage, content: bytes, reason: str) -> None:
        assert reason in bob.upload(content)

    def test_a_heading_is_kept_without_what_cannot_be_stored_and_no_longer_than_can_be_read(
        self, bob: ImportPage
    ) -> None:
        upload = bob.find(bob.upload(f"Na\x00me,Email,{'x' * 300}\nInes,ines@mail.example,\n"))
        assert upload.headings == ["Name", "Email", "x" * 200]

    def test_of_many_cards_the_first_are_judged(self, bob: ImportPage) -> None:
        page = bob.page(bob.upload("BEGIN:VCARD\nVERSION:3.0\nFN:Ines Moreau\nEND:VCARD\n" * 501, "people.vcf"))
        assert "New<b>500</b>" in page

    def test_no_file_at_all_is_told(self, bob: ImportPage) -> None:
        assert "Choose a file first." in bob.client.post("/contacts/import/", {}).content.decode()

    @pytest.mark.parametrize(
        "options", [{"existing": "eat"}, {"tags": "x" * 41}, {"owner": "999"}, {"existing": ""}], ids=str
    )
    def test_options_that_make_no_sense_are_told(self, bob: ImportPage, options: dict[str, str]) -> None:
        url = bob.upload(PEOPLE)
        response = bob.client.post(url, {"existing": "update", "owner": "", "start": "yes", **options})
        assert response.status_code == 422
        assert bob.find(url).state == Import.State.PREVIEW


class TestTheImport:
    def test_contacts_come_with_tags_notes_and_owner(self, bob: ImportPage, northwind: Northwind) -> None:
        upload = bob.bring_in(PEOPLE, tags="fair 2026", owner=str(northwind.ada.pk))
        assert (upload.state, upload.created, upload.done) == (Import.State.DONE, 2, 2)
        with tenant_scope(northwind.tenant.pk):
            tomasz = queries.contact_page(northwind.bob, Criteria(q="kowal")).items[0]
            assert queries.data_of(tomasz).tags == ("fair 2026", "trial")
            assert tomasz.owner == northwind.ada
            assert [note.text for note in queries.notes_of(northwind.bob, tomasz)] == ["Met in Łódź"]

    def test_bad_rows_are_left_out_and_can_be_downloaded(self, bob: ImportPage, names: Names) -> None:
        url = bob.upload("First name,Email\nInes,nonsense\nTomasz,tomasz@metal.example\nYuki,=cmd|x\n")
        bob.start(url)
        upload = bob.work(url)
        assert (upload.created, upload.failed, names()) == (1, 2, ["Tomasz"])
        assert "Write it like" in bob.page(url)
        response = bob.client.get(f"{url}failed/")
        lines = b"".join(response).decode().splitlines()
        assert lines[0] == "\ufeffFirst name,Email,Row,Problem"
        assert lines[1].startswith("Ines,nonsense,2,Email address: ")
        assert lines[2].startswith("Yuki,'=cmd|x,4,")

    def test_the_file_itself_is_forgotten(self, bob: ImportPage, northwind: Northwind) -> None:
        upload = bob.bring_in(PEOPLE)
        with tenant_scope(northwind.tenant.pk):
            upload.refresh_from_db(fields=["content"])
        assert bytes(upload.content) == b""

    def test_cards_come_in_too(self, bob: ImportPage, names: Names) -> None:
        cards = "BEGIN:VCARD\nVERSION:3.0\nFN:Ines Moreau\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nTEL:x\nEND:VCARD\n"
        url = bob.upload(cards, "people.vcf")
        bob.start(url)
        assert (bob.work(url).failed, names()) == (1, ["Ines Moreau"])
        assert b"TEL:x" in b"".join(bob.client.get(f"{url}failed/"))

    def test_it_is_in_the_audit_log(self, bob: ImportPage, northwind: Northwind) -> None:
        bob.bring_in(PEOPLE)
        with tenant_scope(northwind.tenant.pk):
            assert AuditEntry.objects.get(action="import.done").summary == "imported 2 contacts and updated 0"

    def test_every_new_address_is_announced(self, bob: ImportPage, announced: list[int]) -> None:
        bob.bring_in(PEOPLE)
        assert len(announced) == 2


class TestContactsThatAreHere:
    FILE = (
        "First name,Last name,Company,Email,Email 2,Phone,Tags\n"
        "I.,M.,Lyon SA,ines@atelier-lyon.example,new@x.example,+33 6 11,new\n"
    )

    def data(self, northwind: Northwind) -> list[ContactData]:
        with tenant_scope(northwind.tenant.pk):
            page = queries.contact_page(northwind.bob, Criteria())
            return [queries.data_of(contact) for contact in page.items]

    def test_they_gain_what_they_lack(self, bob: ImportPage, make: Make, northwind: Northwind) -> None:
        make(INES)
        assert bob.bring_in(self.FILE, existing="update").updated == 1
        [data] = self.data(northwind)
        assert data == ContactData(
            first_name="Ines",
            last_name="Moreau",
            company="Atelier Lyon",
            title="Head of purchasing",
            emails=(*INES.emails, "new@x.example"),
            phones=(*INES.phones, "+33 6 11"),
            tags=("france", "key account", "new"),
        )

    def test_they_are_left_alone(self, bob: ImportPage, make: Make, northwind: Northwind) -> None:
        make(INES)
        before = self.data(northwind)
        assert bob.bring_in(self.FILE, existing="skip").skipped == 1
        assert self.data(northwind) == before

    def test_they_are_added_once_more(self, bob: ImportPage, make: Make, northwind: Northwind) -> None:
        make(INES)
        assert bob.bring_in(self.FILE, existing="create").created == 1
        assert len(self.data(northwind)) == 2

    def test_two_rows_of_one_person_become_one_contact(self, bob: ImportPage, northwind: Northwind) -> None:
        upload = bob.bring_in("First name,Email,Phone\nInes,i@x.example,\n,I@X.example,+33 4 72\n")
        assert (upload.created, upload.updated) == (1, 1)
        [data] = self.data(northwind)
        assert (data.first_name, data.phones) == ("Ines", ("+33 4 72",))

    def test_another_members_private_contact_is_not_touched(
        self, bob: ImportPage, make: Make, northwind: Northwind
    ) -> None:
        secret = ContactData(last_name="Secret", emails=INES.emails, owner_id=northwind.alice.pk, is_private=True)
        make(secret)
        assert bob.bring_in(self.FILE, existing="update").created == 1


class TestTakingItBack:
    def undo(self, bob: ImportPage, upload: Import) -> str:
        page = bob.page(f"/contacts/import/{upload.pk}/")
        assert "Take it back" in page
        return bob.client.post("/undo/", {"id": str(upload.undo_id)}, follow=True).content.decode()

    def test_new_contacts_go_and_others_are_as_before(
        self, bob: ImportPage, make: Make, northwind: Northwind, names: Names
    ) -> None:
        make(INES)
        before = TestContactsThatAreHere().data(northwind)
        upload = bob.bring_in(TestContactsThatAreHere.FILE + "Yuki,Tanaka,,,,,\n")
        assert len(names()) == 2
        assert "1 contact deleted, 1 other as before" in self.undo(bob, upload)
        assert TestContactsThatAreHere().data(northwind) == before
        assert "was taken back" in bob.page(f"/contacts/import/{upload.pk}/")

    def test_what_was_edited_since_stays(self, bob: ImportPage, make: Make, northwind: Northwind) -> None:
        ines = make(ContactData(last_name="Moreau", emails=INES.emails))
        upload = bob.bring_in(TestContactsThatAreHere.FILE)
        with tenant_scope(northwind.tenant.pk):
            Contact.objects.filter(pk=ines.pk).update(company="Renamed")
        self.undo(bob, upload)
        with tenant_scope(northwind.tenant.pk):
            assert queries.get_contact(northwind.bob, ines.pk).company == "Renamed"

    def test_what_colleagues_have_made_of_it_stays(
        self, bob: ImportPage, make: Make, northwind: Northwind, names: Names
    ) -> None:
        upload = bob.bring_in("Last name\nKowal\nTanaka\nRossi\nSilva\n")
        twin = make(last_name="Rossi", company="Acme")
        with tenant_scope(northwind.tenant.pk):
            kowal, tanaka, rossi = (
                Contact.objects.get(last_name=name, company="") for name in ("Kowal", "Tanaka", "Rossi")
            )
            changed = replace(queries.data_of(kowal), title="Buyer")
            operations.update_contact(actor=northwind.ada, contact=kowal, data=changed)
            operations.create_note(actor=northwind.ada, contact=tanaka, text="Met in Lyon.")
            operations.merge_contacts(actor=northwind.ada, into=rossi, others=[twin])
        page = self.undo(bob, upload)
        assert "1 contact deleted, 0 others as before. 3 were changed since and stay." in page
        assert names() == ["Kowal", "Rossi", "Tanaka"]

    def test_what_a_colleague_made_private_since_is_left_alone(self, bob: ImportPage, northwind: Northwind) -> None:
        upload = bob.bring_in("Last name\nKowal\n")
        with tenant_scope(northwind.tenant.pk):
            kowal = Contact.objects.get()
            hidden = replace(queries.data_of(kowal), owner_id=northwind.ada.pk, is_private=True)
            operations.update_contact(actor=northwind.ada, contact=kowal, data=hidden)
        assert "0 contacts deleted, 0 others as before." in self.undo(bob, upload)
        with tenant_scope(northwind.tenant.pk):
            assert names_seen_by(northwind.ada) == ["Kowal"]

    def test_others_that_were_edited_are_not_called_as_before(
        self, bob: ImportPage, make: Make, northwind: Northwind
    ) -> None:
        ines = make(ContactData(last_name="Moreau", emails=INES.emails))
        upload = bob.bring_in(TestContactsThatAreHere.FILE)
        with tenant_scope(northwind.tenant.pk):
            edited = replace(queries.data_of(queries.get_contact(northwind.ada, ines.pk)), company="Renamed")
            operations.update_contact(actor=northwind.ada, contact=ines, data=edited)
        page = self.undo(bob, upload)
        assert "0 others as before. 1 other changed since lost only what the import had added." in page

    def test_notes_go_too(self, bob: ImportPage, make: Make, northwind: Northwind) -> None:
        ines = make(INES)
        upload = bob.bring_in("Email,Note\nines@atelier-lyon.example,Met in Lyon\n")
        self.undo(bob, upload)
        with tenant_scope(northwind.tenant.pk):
            assert not queries.notes_of(northwind.bob, ines).exists()


class KilledError(BaseException):
    """The worker's end, in the middle of a batch."""


class TestAWorkerThatIsKilled:
    ROWS = "Email,Notes\n" + "".join(f"p{number}@x.example,Note {number}\n" for number in range(25))

    @pytest.fixture(autouse=True)
    def _small_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(imports, "BATCH", 10)

    @pytest.mark.parametrize("at", [1, 2, 3])
    def test_the_next_goes_on_and_doubles_nothing(
        self, bob: ImportPage, monkeypatch: pytest.MonkeyPatch, northwind: Northwind, at: int
    ) -> None:
        url = bob.upload(self.ROWS)
        bob.start(url)
        calls = 0

        def die_after_saving(upload: Import, batch: object) -> None:
            nonlocal calls
            calls += 1
            if calls == at:
                raise KilledError
            note(upload, batch)  # type: ignore[arg-type]  # As the operation calls it.

        note = imports._note
        monkeypatch.setattr(imports, "_note", die_after_saving)
        with pytest.raises(KilledError):
            bob.work(url)
        assert bob.find(url).done == (at - 1) * 10
        upload = bob.work(url)
        assert (upload.created, upload.done, upload.state) == (25, 25, Import.State.DONE)
        with tenant_scope(northwind.tenant.pk):
            assert (Contact.objects.count(), Note.objects.count()) == (25, 25)

    def test_starting_hands_it_to_one(
        self,
        bob: ImportPage,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
    ) -> None:
        sent: list[str] = []
        monkeypatch.setattr(app, "send_task", lambda name, **_options: sent.append(name))
        url = bob.upload(self.ROWS)
        with django_capture_on_commit_callbacks(execute=True):
            bob.start(url)
            bob.client.post(f"{url}continue/")
        assert sent == ["contacts.tasks.run_import"]

    def test_a_second_worker_on_the_same_import_does_nothing(self, bob: ImportPage, northwind: Northwind) -> None:
        url = bob.upload(self.ROWS)
        bob.start(url)
        bob.work(url)
        assert bob.work(url).created == 25

    def test_a_mistake_of_ours_is_told_and_can_be_gone_on_from(
        self, bob: ImportPage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        url = bob.upload(self.ROWS)
        bob.start(url)
        with monkeypatch.context() as patch:
            patch.setattr(imports, "_note", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                bob.work(url)
        assert "The import has stopped" in bob.page(url)
        assert "Going on" in bob.client.post(f"{url}continue/", follow=True).content.decode()
        assert bob.work(url).created == 25


class TestWhoSeesIt:
    def test_nobody_but_the_one_who_chose_the_file(
        self, bob: ImportPage, client_of: Callable[[Membership], Client], northwind: Northwind
    ) -> None:
        url = bob.upload(PEOPLE)
        alice = client_of(northwind.alice)
        for path in (url, f"{url}progress/", f"{url}failed/"):
            assert alice.get(path).status_code == 404
        assert alice.post(f"{url}continue/").status_code == 404

    def test_the_bar_tells_how_far_it_is_and_then_loads_the_page(self, bob: ImportPage) -> None:
        url = bob.upload(PEOPLE)
        bob.start(url)
        response = bob.client.get(f"{url}progress/", headers={"HX-Request": "true"})
        assert "0 of 2" in response.content.decode()
        bob.work(url)
        assert bob.client.get(f"{url}progress/")["HX-Refresh"] == "true"
