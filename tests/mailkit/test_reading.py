"""What a person reads: text from HTML, without quoted history, cut to a snippet."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailkit.html import to_text
from mailkit.quoted import said
from mailkit.text import clean, snippet


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello <b>Bob</b>,</p><p>how are you?</p>", "Hello Bob,\n\nhow are you?"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<div>one</div>\n  <div><br></div>  <div>two</div>", "one\n\ntwo"),
        ("<ul><li>one</li><li>two</li></ul>", "* one\n* two"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", "a b\nc d"),
        ("<pre>  a\n   b</pre>", "  a\n   b"),
        ("a &amp; b&nbsp;&euro; &lt;c&gt;", "a & b € <c>"),
        ("<style>p {}</style><script>x()</script><title>T</title><p>Hello</p>", "Hello"),
        ('<p style="display: none">hidden</p><p>Hello</p><p hidden>too</p>', "Hello"),
        ("<!-- secret --><p>Hello</p>", "Hello"),
        ("<p>Hello", "Hello"),
        ("Hello", "Hello"),
        ("<?xml version='1.0' encoding='utf-8'?><p>Hello é</p>", "Hello é"),
        ("<p>Hello <img src=x alt=logo></p>", "Hello"),
        ("<p>a</p><blockquote>b<br>c<blockquote>d</blockquote></blockquote><p>e</p>", "a\n\n> b\n> c\n>\n>> d\n\ne"),
        ('<blockquote style="margin: 0 0 0 40px; border: none">a</blockquote>', "a"),
        ("", ""),
        ("<p> </p>", ""),
    ],
)
def test_html_becomes_the_text_one_reads(html: str, text: str) -> None:
    assert to_text(html) == text


def test_html_that_no_parser_gets_through_still_gives_its_text() -> None:
    assert to_text("<div>" * 20_000 + "Hello").strip() == "Hello"
    assert "Hello" in to_text("<table><tr><td>" * 5_000 + "Hello")


def test_a_reply_in_html_says_what_is_new() -> None:
    announcement = "<div>On Mon, Jan 1, 2024 Ann &lt;ann@mail.example&gt; wrote:<br></div>"
    assert said(to_text(f"<div>Yes.</div>{announcement}<blockquote>Offer?</blockquote>")) == "Yes."


@settings(deadline=None, max_examples=50)
@given(
    st.text()
    | st.lists(st.sampled_from(["<p>", "</p>", "<td>", "<pre>", "</", "<!--", "x", "&", "<blockquote>"])).map("".join)
)
@example("<blockquote>" * 3_000 + "x<br>" * 3_000)
@example('<a x="' * 10_000)
@example("<!--" * 10_000)
@example("\x00\ud800<p>")
def test_any_html_gives_text_that_a_database_takes(html: str) -> None:
    text = to_text(html)
    assert "\x00" not in text
    text.encode()


@pytest.mark.parametrize(
    "text",
    [
        "Yes.\n\nOn Mon, Jan 1, 2024 at 10:00 AM Ann Ray <ann@mail.example> wrote:\n\n> Offer?\n> Ann\n",
        "Yes.\n\nOn Mon, Jan 1, 2024 at 10:00 AM Ann Ray\n<ann@mail.example>\nwrote:\n\n> Offer?\n",
        "Yes.\n\nOn 1 Jan 2024, at 10:00, Ann Ray <ann@mail.example> wrote:\n\nOffer, not marked?\n",
        "Yes.\n\nAm Mo., 1. Jan. 2024 um 10:00 Uhr schrieb Ann Ray <ann@mail.example>:\n\n> Angebot?\n",
        "Yes.\n\nLe lun. 1 janv. 2024 à 10:00, Ann Ray <ann@mail.example> a écrit :\n\n> Offre ?\n",
        "Yes.\n\nEl lun, 1 ene 2024 a las 10:00, Ann Ray (<ann@mail.example>) escribió:\n\n> Oferta\n",
        "Yes.\n\nIl giorno lun 1 gen 2024 alle ore 10:00 Ann Ray <ann@mail.example> ha scritto:\n\n> Offerta\n",
        "Yes.\n\nOp ma 1 jan 2024 om 10:00 schreef Ann Ray <ann@mail.example>:\n\n> Aanbod\n",
        "Yes.\n\nEm seg., 1 de jan. de 2024 às 10:00, Ann Ray <ann@mail.example> escreveu:\n\n> Oferta\n",
        "Yes.\n\npon., 1 sty 2024 o 10:00 Ann Ray <ann@mail.example> napisał(a):\n\n> Oferta\n",
        "Yes.\n\nDen mån 1 jan. 2024 kl 10:00 skrev Ann Ray <ann@mail.example>:\n\n> Offert\n",
        "Yes.\n\nпн, 1 янв. 2024 г. в 10:00, Ann Ray <ann@mail.example>:\n\n> Предложение\n",
        "Yes.\n\n2024年1月1日(月) 10:00 Ann Ray <ann@mail.example>:\n\n> 提案\n",
        "Yes.\n\nAnn Ray <ann@mail.example> 于2024年1月1日周一 10:00写道：\n\n> 报价\n",
        "Yes.\n\n2024년 1월 1일 (월) 오전 10:00, Ann Ray <ann@mail.example>님이 작성:\n\n> 제안\n",
        "Yes.\n\n-----Original Message-----\nFrom: Ann\nOffer?\n",
        "Yes.\n\n-----Ursprüngliche Nachricht-----\nVon: Ann\nAngebot?\n",
        "Yes.\n\n________________________________\nFrom: Ann Ray\nSent: Monday\nTo: Bob\nSubject: Offer\n\nOffer?\n",
        "Yes.\n\nFrom: Ann Ray <ann@mail.example>\nSent: Monday\nTo: Bob\nSubject: Offer\n\nOffer?\n",
        "Yes.\n\n*Von:* Ann Ray\n*Gesendet:* Montag\n*An:* Bob\n*Betreff:* Angebot\n\nAngebot?\n",
        "Yes.\n\nDe : Ann Ray\nEnvoyé : lundi\nÀ : Bob\nObjet : Offre\n\nOffre ?\n",
        "> Offer?\n\nYes.\n",
        "Ann Ray wrote:\n> Offer?\n\nYes.\n",
    ],
)
def test_history_is_left_out_in_the_languages_of_mail_programs(text: str) -> None:
    assert said(text) == "Yes."


def test_answers_between_quoted_lines_are_kept() -> None:
    assert said("Hi Ann,\n> One?\nYes.\n> Two?\nNo.\n") == "Hi Ann,\nYes.\nNo."


@pytest.mark.parametrize(
    "text",
    [
        "FYI\n\n---------- Forwarded message ---------\nFrom: Ann\nDate: Monday\nSubject: Offer\nTo: Bob\n\nOffer?",
        "FYI\n\nBegin forwarded message:\n\nFrom: Ann\nDate: Monday\nSubject: Offer\nTo: Bob\n\nOffer?",
        "I have two wishes:\n\n- red\n- blue",
        "He wrote:\nnothing at all",
        "From: here to there\n\nis a long way",
        "> all of it is quoted",
        "-- \nAnn",
        "",
    ],
)
def test_what_is_no_history_stays(text: str) -> None:
    assert said(text) == text.strip()


@settings(deadline=None, max_examples=50)
@given(
    st.text()
    | st.lists(st.sampled_from([">", "On 1 Jan 2024 wrote:", "From: x", "To: y", "Date: z", "", "___", ":"])).map(
        "\n".join
    )
)
@example(":\n" * 5_000)
@example("From: x\n" * 5_000)
def test_any_text_says_something_unless_it_is_empty(text: str) -> None:
    assert bool(said(text)) == bool(text.strip())


def test_a_snippet_is_one_line_of_at_most_two_hundred_characters() -> None:
    assert snippet("Hello\n\n  Bob,\thow are\nyou?") == "Hello Bob, how are you?"
    assert snippet("Hello\u200b\u034f \u00ad\ufeff Bob") == "Hello Bob"
    long = snippet("word " * 1_000)
    assert len(long) <= 200
    assert long.endswith("…")


def test_clean_text_has_no_nul_no_lone_surrogate_and_one_kind_of_line_end() -> None:
    assert clean("a\x00b\r\nc\rd\ud800\udcff") == "ab\nc\nd\ufffd\ufffd"
