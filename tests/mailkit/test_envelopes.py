"""Envelopes: who wrote to whom, when, in answer to what, from any pairs of headers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit import envelopes
from mailkit.direction import direction
from mailkit.message import Envelope, Party, Role

ANN, BOB, CAROL = "ann@mail.example", "bob@mail.example", "carol@mail.example"
Pairs = list[tuple[str, str]]


def addresses(envelope: Envelope, role: Role) -> list[str]:
    return [party.address for party in envelope.parties if party.role is role]


def test_parties_are_from_to_and_cc_in_this_order_and_bcc_is_none() -> None:
    """R1."""
    envelope = envelopes.read([("Bcc", "dan@mail.example"), ("CC", CAROL), ("to", BOB), ("From", f"Ann Ray <{ANN}>")])
    assert envelope.parties == (Party(Role.FROM, ANN, "Ann Ray"), Party(Role.TO, BOB), Party(Role.CC, CAROL))
    assert envelope.bcc == (Party(Role.BCC, "dan@mail.example"),)


def test_repeated_to_and_cc_headers_are_joined_and_each_address_counts_once() -> None:
    envelope = envelopes.read([("To", f"{ANN}, {BOB}"), ("To", f"{BOB}, {CAROL}"), ("Cc", ANN), ("Cc", BOB)])
    assert addresses(envelope, Role.TO) == [ANN, BOB, CAROL]
    assert addresses(envelope, Role.CC) == [ANN, BOB]


def test_of_two_from_headers_the_first_is_the_sender_and_both_are_parties() -> None:
    envelope = envelopes.read([("From", ANN), ("From", BOB)])
    assert envelope.sender == Party(Role.FROM, ANN)
    assert addresses(envelope, Role.FROM) == [ANN, BOB]


def test_sender_stands_in_only_where_there_is_no_from() -> None:
    assert addresses(envelopes.read([("Sender", ANN)]), Role.FROM) == [ANN]
    assert addresses(envelopes.read([("Sender", ANN), ("From", BOB)]), Role.FROM) == [BOB]


def test_people_without_an_address_are_shown_and_match_nobody() -> None:
    envelope = envelopes.read([("From", '"Ann Ray" <ann>'), ("To", "dnd, staff")])
    assert [(party.name, party.address) for party in envelope.parties] == [
        ("Ann Ray <ann>", ""),
        ("dnd", ""),
        ("staff", ""),
    ]


def test_at_most_ten_thousand_recipients_are_kept() -> None:
    many = ", ".join(f"p{number}@mail.example" for number in range(9_000))
    more = ", ".join(f"q{number}@mail.example" for number in range(9_000))
    assert len(envelopes.read([("From", ANN), ("To", many), ("Cc", more)]).parties) == 10_001


@pytest.mark.parametrize(
    ("headers", "moment"),
    [
        ([("Date", "Mon, 3 Jan 2000 10:00:00 +0100")], datetime(2000, 1, 3, 9, tzinfo=UTC)),
        ([("Date", "Mon, 3 Jan 2000 10:00:00 -1800")], datetime(2000, 1, 4, 4, tzinfo=UTC)),
        ([("Received", "from a by b; Tue, 4 Jan 2000 10:00:00 +0000")], datetime(2000, 1, 4, 10, tzinfo=UTC)),
        (
            [
                ("Received", "from a by b; gibberish"),
                ("Received", "from c by d;\r\n\tTue, 4 Jan 2000 10:00:00 +0000"),
                ("Received", "from e by f; Mon, 3 Jan 2000 10:00:00 +0000"),
                ("Date", "gibberish"),
            ],
            datetime(2000, 1, 4, 10, tzinfo=UTC),
        ),
        (
            [("Date", "Sat, 1 Jan 1859 10:00:00 +0000"), ("Received", "by b; Tue, 4 Jan 2000 10:00:00 +0000")],
            datetime(2000, 1, 4, 10, tzinfo=UTC),
        ),
        ([("Date", "Sat, 1 Jan 1859 10:00:00 +0000")], envelopes.EARLIEST),
        ([("Date", "Fri, 1 Jan 9999 10:00:00 +0000")], envelopes.LATEST),
        ([("Date", "Mon, 1 Jan 0001 00:00:00 +0200")], None),
        ([], None),
    ],
)
def test_the_moment_is_dates_or_received_s_and_is_one_that_can_be_meant(
    headers: Pairs, moment: datetime | None
) -> None:
    assert envelopes.read(headers).sent_at == moment


def test_references_go_from_the_oldest_to_the_one_answered_without_doubles_and_without_the_message_itself() -> None:
    envelope = envelopes.read(
        [("In-Reply-To", "<c@x>"), ("References", "<a@x> <b@x> <own@x> <a@x>"), ("Message-Id", " <own@x> ")]
    )
    assert envelope.message_id == "own@x"
    assert envelope.references == ("a@x", "b@x", "c@x")


def test_of_many_references_the_first_and_the_newest_are_kept() -> None:
    found = envelopes.read([("References", " ".join(f"<{number}@x>" for number in range(200)))]).references
    assert len(found) == 50
    assert (found[0], found[1], found[-1]) == ("0@x", "151@x", "199@x")


def test_the_subject_is_decoded_and_on_one_line() -> None:
    assert envelopes.read([("Subject", "=?utf-8?q?D=C3=A9j=C3=A0=0A?=\r\n vu")]).subject == "Déjà vu"


@pytest.mark.parametrize(
    ("sender", "own", "way"),
    [
        (ANN, {ANN}, "out"),
        (ANN, {BOB}, "in"),
        ("ANN@Mail.example", [ANN], "out"),
        ("ann", [""], "in"),
        ("", {ANN}, "in"),
    ],
)
def test_a_message_is_outgoing_when_from_is_an_own_address(sender: str, own: set[str], way: str) -> None:
    """R4."""
    assert direction(envelopes.read([("From", sender), ("To", BOB)]), own) == way


header_names = st.sampled_from(
    ["From", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Received", "Sender", "X"]
)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(header_names | st.text(), st.text())))
def test_any_pairs_make_an_envelope_that_a_database_takes(headers: Pairs) -> None:
    envelope = envelopes.read(headers)
    texts = [envelope.message_id, envelope.subject, *envelope.references]
    texts += [text for party in (*envelope.parties, *envelope.bcc) for text in (party.name, party.address)]
    assert not any("\x00" in text for text in texts)
    "".join(texts).encode()
    assert envelope.sent_at is None or envelopes.EARLIEST <= envelope.sent_at <= envelopes.LATEST
