"""What the mail is about, who is in it, and that conversations hold together."""

from __future__ import annotations

from collections import Counter
from email.message import EmailMessage
from email.utils import getaddresses

import pytest

from emulator.generator import Copy
from emulator.generator.people import CONTACTS, STRANGERS, TEAM, contact_addresses
from emulator.rfc822 import bare_subject
from tests.emulator.generator.conftest import Parse

TEAM_ADDRESSES = {person.address for person in TEAM}


def parties(mail: EmailMessage) -> set[str]:
    fields = [str(mail[name] or "") for name in ("From", "To", "Cc")]
    return {address for _, address in getaddresses(fields)}


def test_the_people_of_the_demo_write() -> None:
    wanted = {"ines@atelier-lyon.example", "i.moreau@mail.example", "paul@atelier-lyon.example", "d.fox@hale.example"}
    assert wanted <= contact_addresses()
    assert {"Tomasz Kowal", "Priya Bose", "Lena Sommer", "Marcus Hale"} <= {each.name for each in CONTACTS}


def test_everybody_has_a_reserved_address_of_their_own() -> None:
    addresses = [person.address for person in (*CONTACTS, *STRANGERS, *TEAM)]
    assert len(set(addresses)) == len(addresses) > 70
    assert all(address.endswith((".example", ".test")) for address in addresses)


def test_about_three_fifths_concern_contacts(mails: list[EmailMessage]) -> None:
    contacts = contact_addresses()
    share = sum(bool(parties(mail) & contacts) for mail in mails) / len(mails)
    assert 0.55 < share < 0.68


def test_replies_cite_the_messages_of_their_thread(year: list[Copy], parse: Parse) -> None:
    mails = [parse(copy) for copy in year if copy.kind == "contact" and not copy.odd]
    subjects = {str(mail["Message-ID"]): bare_subject(str(mail["Subject"])) for mail in mails}
    replies = [mail for mail in mails if mail["References"] and "Auto-Submitted" not in mail]
    known = [mail for mail in replies if str(mail["In-Reply-To"]) in subjects]
    assert len(known) > 0.9 * len(replies) > 300
    assert all(subjects[str(mail["In-Reply-To"])] == bare_subject(str(mail["Subject"])) for mail in known)


def test_a_message_in_two_mailboxes_keeps_its_id(year: list[Copy], parse: Parse) -> None:
    owners: dict[str, set[str]] = {}
    for copy in year:
        if not copy.odd:
            owners.setdefault(str(parse(copy)["Message-ID"]), set()).add(copy.address)
    assert Counter(map(len, owners.values()))[2] > 50


def test_bcc_stays_with_the_sender(year: list[Copy], parse: Parse) -> None:
    hidden = [(copy, parse(copy)) for copy in year if b"\r\nBcc:" in copy.raw]
    assert hidden
    assert all(copy.address in str(mail["From"]) for copy, mail in hidden)


def test_the_team_writes_to_itself_too(mails: list[EmailMessage]) -> None:
    assert any(parties(mail) <= TEAM_ADDRESSES for mail in mails)


@pytest.mark.parametrize("name", ["Alice Lindqvist", "Bob Marsh"])
def test_both_write_and_are_written_to(mails: list[EmailMessage], name: str) -> None:
    assert any(name in str(mail["From"]) for mail in mails)
    assert any(name in str(mail["To"]) for mail in mails)


def test_a_second_address_is_used_now_and_then(mails: list[EmailMessage]) -> None:
    assert any("i.moreau@mail.example" in str(mail["From"]) for mail in mails)


@pytest.mark.parametrize(
    "kind", ["newsletter", "receipt", "code", "payroll", "list", "family", "health", "spam", "stranger", "bounce"]
)
def test_there_is_mail_that_concerns_no_customer(year: list[Copy], kind: str) -> None:
    assert any(copy.kind == kind for copy in year)
