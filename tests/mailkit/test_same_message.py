"""One email a tenant, however many mailboxes saw it (R6), and its thread."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from mailkit import fingerprint, threads
from mailkit.message import Envelope, Party, Role

FROM_ANN = (Party(Role.FROM, "ann@mail.example", "Ann"), Party(Role.TO, "bob@mail.example"))
WITH_ID = Envelope("id@mail.example", FROM_ANN, subject="Offer")
WITHOUT_ID = Envelope("", FROM_ANN, subject="Offer", sent_at=datetime(2024, 1, 2, tzinfo=UTC))


def test_message_id_and_sender_make_it_before_the_body_is_known() -> None:
    assert fingerprint.known_before_body(WITH_ID)
    assert fingerprint.of(WITH_ID) == fingerprint.of(WITH_ID, "any text")
    assert re.fullmatch("[0-9a-f]{32}", fingerprint.of(WITH_ID))


def test_whoever_forges_a_message_id_under_another_name_hides_nothing() -> None:
    forged = Envelope("id@mail.example", (Party(Role.FROM, "eve@mail.example"),))
    assert fingerprint.of(forged) != fingerprint.of(WITH_ID)


def test_without_a_message_id_the_text_counts_but_not_how_it_is_wrapped() -> None:
    assert not fingerprint.known_before_body(WITHOUT_ID)
    assert fingerprint.of(WITHOUT_ID, "Hello  there\r\nAnn") == fingerprint.of(WITHOUT_ID, "Hello there Ann\n")
    assert fingerprint.of(WITHOUT_ID, "Hello") != fingerprint.of(WITHOUT_ID, "Goodbye")


def test_parts_do_not_run_into_each_other() -> None:
    one = Envelope("", (Party(Role.FROM, "", "ab"),), subject="c")
    other = Envelope("", (Party(Role.FROM, "", "a"),), subject="bc")
    assert fingerprint.of(one) != fingerprint.of(other)


def test_a_thread_is_found_by_the_message_s_own_id_and_then_its_references() -> None:
    reply = Envelope("b@x", FROM_ANN, references=("a@x", "z@x"))
    assert threads.keys(reply, "f" * 32) == tuple(map(fingerprint.digest, ["b@x", "a@x", "z@x"]))


def test_a_message_without_an_id_is_keyed_by_its_fingerprint() -> None:
    lonely = Envelope("", FROM_ANN, references=("a@x",))
    assert threads.keys(lonely, "f" * 32) == ("f" * 32, fingerprint.digest("a@x"))


def test_answer_and_question_share_a_key() -> None:
    question = Envelope("a@x", FROM_ANN)
    answer = Envelope("b@x", FROM_ANN, references=("a@x",))
    assert set(threads.keys(question, "")) & set(threads.keys(answer, ""))
