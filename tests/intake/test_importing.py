"""Files of mail come in by the rules of a mailbox (R11, R18)."""

from __future__ import annotations

import hashlib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry
from crm.lib.tenancy import tenant_scope
from emails.models import Email
from exclusions.models import Exclusion
from intake import files
from intake.files import UnreadableFile, messages
from intake.knowledge import own_addresses
from intake.operations import import_mail
from tests.intake.conftest import Office, message

FROM = b"From carla@contoso.example Mon Nov  2 08:00:00 2026\n"


def unix(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An mbox of two, a message beside it, a Maildir below, and what is no mail."""
    folder = tmp_path / "old mail"
    (folder / "box" / "cur").mkdir(parents=True)
    (folder / "a.mbox").write_bytes(FROM + unix(message(1)) + b"\n" + FROM + unix(message(2)) + b"\n")
    (folder / "b.EML").write_bytes(message(3, sender="sam@stranger.example"))
    (folder / "box" / "cur" / "1730534400.M1.host:2,S").write_bytes(message(4))
    (folder / ".hidden.eml").write_bytes(message(5))
    (folder / "README.txt").write_text("Mail of the years before.")
    return folder


def run(*arguments: Any) -> str:
    out = StringIO()
    call_command("import_mail", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_folder_is_filed_by_the_rules_and_summed_up(office: Office, folder: Path) -> None:
    carla = office.contact("Carla", "carla@contoso.example")
    told = run("--user", "Alice@northwind.example", folder)
    assert told.splitlines() == [
        "4 messages",
        "        3 stored",
        "        1 not stored",
        "                  1 no-contact",
    ]
    assert office.timeline(carla) == ["Offer 1", "Offer 2", "Offer 4"]
    assert len(office.decisions()) == 4
    with tenant_scope(office.northwind.tenant.pk):
        assert AuditEntry.objects.filter(action="email.imported").count() == 1


def test_begun_again_it_knows_what_is_stored_and_finds_what_has_a_contact_now(office: Office, folder: Path) -> None:
    office.contact("Carla", "carla@contoso.example")
    import_mail(office.northwind.alice, [folder])
    sam = office.contact("Sam", "sam@stranger.example")
    done = import_mail(office.northwind.alice, [folder])
    assert done.outcomes == {"known": 3, "stored": 1}
    assert office.timeline(sam) == ["Offer 3"]


def test_what_the_mailbox_brought_is_not_stored_again(office: Office, folder: Path, box: Any) -> None:
    """R6"""
    office.contact("Carla", "carla@contoso.example")
    box.add("a", message(1))
    office.take(box)
    assert import_mail(office.northwind.alice, [folder]).outcomes == {"stored": 2, "duplicate": 1, "skipped": 1}


def test_what_a_user_deleted_does_not_come_back(office: Office, folder: Path) -> None:
    """R18"""
    office.contact("Carla", "carla@contoso.example")
    import_mail(office.northwind.alice, [folder])
    with tenant_scope(office.northwind.tenant.pk):
        Email.objects.update(deleted_at="2026-11-03T08:00:00Z")
    done = import_mail(office.northwind.bob, [folder])
    assert done.outcomes == {"tombstone": 3, "skipped": 1}


def test_exclusions_hold_and_who_imports_is_told(office: Office, folder: Path) -> None:
    """R11"""
    office.contact("Carla", "carla@contoso.example")
    with tenant_scope(office.northwind.tenant.pk):
        Exclusion.objects.create(kind="domain", value="contoso.example", created_by=office.northwind.bob)
    assert "3 excluded-sender" in run("--user", "alice@northwind.example", folder)


def test_an_import_makes_no_address_our_own(office: Office, folder: Path) -> None:
    """R3: the member's log-in is, for as long as they are active."""
    with tenant_scope(office.northwind.tenant.pk):
        office.door(office.northwind.alice).delete()
        office.northwind.alice.deactivated_at = "2026-11-03T08:00:00Z"
        office.northwind.alice.role = "member"
        office.northwind.alice.save()
    import_mail(office.northwind.alice, [folder])
    with tenant_scope(office.northwind.tenant.pk):
        assert "alice@northwind.example" not in own_addresses()


def test_a_path_that_is_not_there_and_a_user_nobody_is_are_refused(office: Office, folder: Path) -> None:
    with pytest.raises(CommandError, match="is not there"):
        run("--user", "alice@northwind.example", folder / "other")
    with pytest.raises(CommandError, match="No active member logs in with eve"):
        run("--user", "eve@northwind.example", folder)


# --- Files ---------------------------------------------------------------------------------------


def test_lines_of_a_body_that_begin_with_from_are_as_they_were(tmp_path: Path) -> None:
    """mboxrd quotes them, and what is quoted already; without a time of day they begin no message."""
    body = "From here on.\n\nFrom there too.\n>From quoted.\n"
    wrapped = body.replace("\n>From", "\n>>From").replace("From here", ">From here")
    path = tmp_path / "x.mbox"
    path.write_bytes(FROM + b"Subject: x\n\n" + wrapped.encode() + b"\n" + FROM + b"Subject: y\n\nz\n")
    assert list(messages([path])) == [b"Subject: x\n\n" + body.encode(), b"Subject: y\n\nz\n"]


def test_an_mbox_of_windows_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "export"
    head = FROM.replace(b"\n", b"\r\n")
    path.write_bytes(head + message(1) + b"\r\n" + head + message(2))
    assert list(messages([path])) == [message(1), message(2)]


def test_an_empty_file_is_a_message_that_fails(office: Office, tmp_path: Path) -> None:
    (tmp_path / "x.eml").write_bytes(b"")
    done = import_mail(office.northwind.alice, [tmp_path / "x.eml"])
    assert (done.outcomes, done.reasons) == ({"failed": 1}, {"empty": 1})
    assert office.decisions() == {hashlib.sha256(b"").hexdigest(): "failed:empty"}


def test_of_a_file_above_the_bound_the_headers_are_stored(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 2_000)
    carla = office.contact("Carla", "carla@contoso.example")
    (tmp_path / "x.eml").write_bytes(message(1, body="x" * 3_000))
    import_mail(office.northwind.alice, [tmp_path / "x.eml"])
    assert office.timeline(carla) == ["Offer 1"]
    assert [email.problem for email in office.emails()] == ["too-large"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"gone\.eml cannot be read: No such file"):
        list(messages([tmp_path / "gone.eml"]))
