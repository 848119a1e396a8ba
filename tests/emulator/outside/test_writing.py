"""Anybody can write: what is sent arrives where it should, as a mail program would have made it."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from tests.emulator.conftest import Mail
from tests.emulator.outside.conftest import ALICE, BOB, INES, Put, Write

Newest = Callable[[str], dict[str, Any]]
FIRST = "<first@contoso.example>"


def parsed(message: dict[str, Any]) -> EmailMessage:
    return message_from_bytes(message["raw"], _class=EmailMessage, policy=policy.default)


def prefilled(answer: httpx.Response, name: str) -> str:
    """What a field of the form holds."""
    if name == "text":
        return answer.text.partition('name="text"')[2].partition(">")[2].partition("</textarea>")[0]
    return answer.text.partition(f'name="{name}" type="text" value="')[2].partition('"')[0]


def of(path: str) -> str:
    return path.removeprefix("/mail/")


def test_a_mail_arrives_at_everybody_named(write: Write, newest: Newest) -> None:
    answer = write(cc=f"Bob <{BOB}>", bcc="quiet@mail.test")
    assert "Sent." in answer.text
    for address in (ALICE, BOB, "quiet@mail.test"):
        assert newest(address)["subject"] == "Pallets"
        assert newest(address)["bcc"] == ""


def test_the_sender_keeps_a_copy_with_bcc(write: Write, newest: Newest) -> None:
    write(bcc="quiet@mail.test")
    assert newest(INES)["folder_key"] == "sentitems"
    assert newest(INES)["bcc"] == "quiet@mail.test"


def test_date_and_message_id_are_the_senders(write: Write, newest: Newest, emulator: httpx.Client) -> None:
    emulator.post("clock", json={"frozen": True, "now": "2026-11-02T10:42:00+00:00"})
    write()
    mail = parsed(newest(ALICE))
    assert str(mail["Date"]) == "Mon, 02 Nov 2026 10:42:00 +0000"
    assert str(mail["Message-ID"]).endswith("@atelier-lyon.example>")


def test_an_address_that_is_new_can_write(write: Write, newest: Newest) -> None:
    write(sender="stranger@new.test")
    assert newest(ALICE)["from"] == "stranger@new.test"


def test_alice_can_write_from_her_own_gmail(write: Write, newest: Newest) -> None:
    write(sender=ALICE, to=INES)
    assert newest(ALICE)["labels"] == ["SENT"]


def test_text_and_html_are_sent_side_by_side(write: Write, newest: Newest) -> None:
    write(text="Grüße\n\naus <Lyon>", rich="1")
    mail = parsed(newest(ALICE))
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().split() == ["Grüße", "aus", "<Lyon>"]
    assert "<p>aus &lt;Lyon&gt;</p>" in html.get_content()


def test_text_alone_is_text(write: Write, newest: Newest) -> None:
    write(rich="")
    assert parsed(newest(ALICE)).get_content_type() == "text/plain"


def test_own_html_is_sent_as_it_is(write: Write, newest: Newest) -> None:
    write(html="<h1>Big</h1>")
    html = parsed(newest(ALICE)).get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == "<h1>Big</h1>"


def test_files_are_attached(write: Write, newest: Newest) -> None:
    write(files=[("files", ('plän "1".pdf', b"%PDF-", "application/pdf")), ("files", ("b.txt", b"b", "text/plain"))])
    found = [(part.get_filename(), part.get_content_type()) for part in parsed(newest(ALICE)).iter_attachments()]
    assert found == [("plän '1'.pdf", "application/pdf"), ("b.txt", "text/plain")]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"sender": ""}, "Say who writes"),
        ({"sender": "a@b.example, c@d.example"}, "Mail comes from one address."),
        ({"to": ""}, "Name at least one person"),
        ({"to": "nobody"}, "“nobody” is not an email address"),
        ({"cc": "a@b.example, @"}, "is not an email address"),
        ({"to": "jörg@b.example"}, "is not an email address"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    write: Write, emulator: httpx.Client, fields: dict[str, str], sentence: str
) -> None:
    answer = write(**fields, text="My long letter")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "My long letter" in answer.text
    assert emulator.get(f"mailboxes/{ALICE}").json()["messages"] == 0


def test_files_that_are_too_large_are_told_so(write: Write) -> None:
    answer = write(files=[("files", ("big.bin", bytes(25_000_001), "application/octet-stream"))])
    assert answer.status_code == 422
    assert "larger than 25 MB" in answer.text


def test_a_reply_goes_to_the_writer_and_cites_the_thread(
    page: httpx.Client, put: Put, write: Write, mail: Mail, newest: Newest
) -> None:
    path = put(ALICE, mail(Message_ID=FIRST, References="<zero@contoso.example>"))
    form = page.get("/write", params={"how": "reply", "of": of(path)})
    assert prefilled(form, "to") == "Carla &lt;carla@contoso.example&gt;"
    assert prefilled(form, "subject") == "Re: Offer"
    write(sender=ALICE, to="carla@contoso.example", subject="Re: Offer", how="reply", of=of(path))
    sent = parsed(newest("carla@contoso.example"))
    assert str(sent["In-Reply-To"]) == FIRST
    assert str(sent["References"]).split() == ["<zero@contoso.example>", FIRST]


def test_a_reply_to_all_leaves_nobody_out_but_oneself(page: httpx.Client, put: Put, mail: Mail) -> None:
    path = put(ALICE, mail(To=f"{ALICE}, {BOB}", Cc=f"Ines <{INES}>, {ALICE}"))
    form = page.get("/write", params={"how": "all", "of": of(path)})
    assert prefilled(form, "to") == f"Carla &lt;carla@contoso.example&gt;, {BOB}"
    assert prefilled(form, "cc") == f"Ines &lt;{INES}&gt;"


def test_a_reply_to_ones_own_mail_goes_to_the_same_people(page: httpx.Client, put: Put, mail: Mail) -> None:
    path = put(ALICE, mail(From=ALICE, To=INES), folder="sentitems")
    assert prefilled(page.get("/write", params={"how": "reply", "of": of(path)}), "to") == INES


@pytest.mark.parametrize(
    ("style", "how", "subject", "line"),
    [
        ("gmail", "reply", "Re: Offer", "Carla &lt;carla@contoso.example&gt; wrote:\n&gt; Hello."),
        ("outlook-de", "reply", "AW: Offer", "Gesendet: Montag, 2. November 2026 10:42"),
        ("outlook-fr", "forward", "TR: Offer", "Envoyé : lundi 2 novembre 2026 10:42"),
        ("apple", "forward", "Fwd: Offer", "&gt; Begin forwarded message:"),
        ("gmail", "forward", "Fwd: Offer", "---------- Forwarded message ---------"),
        ("thunderbird", "reply", "Re: Offer", "On 02/11/2026 10:42, Carla wrote:"),
    ],
)
def test_history_is_quoted_as_the_chosen_program_does(
    page: httpx.Client, put: Put, mail: Mail, style: str, how: str, subject: str, line: str
) -> None:
    path = put(ALICE, mail(), date="2026-11-02T10:42:00+00:00")
    form = page.get("/write", params={"how": how, "of": of(path), "style": style})
    assert prefilled(form, "subject") == subject
    assert line in prefilled(form, "text")


def test_a_reply_has_the_history_in_its_html(
    page: httpx.Client, put: Put, write: Write, mail: Mail, newest: Newest
) -> None:
    path = put(ALICE, mail("Hello & welcome."))
    form = page.get("/write", params={"how": "reply", "of": of(path)})
    history = prefilled(form, "text").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
    write(sender=ALICE, to=INES, text=f"Thanks.\n{history}", how="reply", of=of(path), rich="1")
    html = parsed(newest(INES)).get_body(("html",))
    assert html is not None
    assert '<blockquote class="gmail_quote"' in html.get_content()
    assert "Hello &amp; welcome." in html.get_content()


def test_a_forward_takes_the_attachments_along(put: Put, write: Write, newest: Newest) -> None:
    write(files=[("files", ("plan.pdf", b"%PDF-", "application/pdf"))])
    path = f"{ALICE}/{newest(ALICE)['gmail_id']}"
    write(sender=ALICE, to=BOB, subject="Fwd: Pallets", how="forward", of=path)
    assert [part.get_filename() for part in parsed(newest(BOB)).iter_attachments()] == ["plan.pdf"]


def test_a_message_can_be_forwarded_as_an_attachment(put: Put, write: Write, mail: Mail, newest: Newest) -> None:
    path = put(ALICE, mail("The words inside.", subject="Inner"))
    write(sender=ALICE, to=BOB, how="attach", of=of(path))
    (inner,) = parsed(newest(BOB)).iter_attachments()
    assert inner.get_content_type() == "message/rfc822"
    assert str(inner.get_content()["Subject"]) == "Inner"


def test_a_reply_joins_the_thread_in_both_mailboxes(write: Write, newest: Newest) -> None:
    write()
    first = newest(ALICE)
    write(sender=ALICE, to=INES, subject="Re: Pallets", how="reply", of=f"{ALICE}/{first['gmail_id']}")
    assert newest(ALICE)["gmail_thread_id"] == first["gmail_thread_id"]


def test_answering_what_is_gone_is_told(page: httpx.Client) -> None:
    answer = page.get("/write", params={"how": "reply", "of": f"{ALICE}/123"})
    assert answer.status_code == 404
    assert "gone" in answer.text
