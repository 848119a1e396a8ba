"""The words and small parts that templates make."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from crm.templatetags import ui

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _monday_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)


def render(source: str, path: str = "/contacts/7/", **context: object) -> str:
    return Template(source).render(Context({"request": RequestFactory().get(path), **context}))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ines Moreau", "IM"),
        ("Anna Maria van der Berg", "AB"),
        ("ines.moreau@atelier-lyon.example", "IM"),
        ("post@hale.example", "P"),
        ("4711 Cologne", "C"),
        ("42", "4"),
        ("Élodie Ångström", "ÉÅ"),
        ("田中 由紀", "田由"),
        ("", "?"),
        (None, "?"),
    ],
)
def test_initials_stand_for_a_name(name: str | None, letters: str) -> None:
    assert ui.initials(name) == letters


def test_a_name_keeps_its_hue_however_it_is_written() -> None:
    assert ui.hue("Ines Moreau") == ui.hue("INES MOREAU")
    assert {ui.hue(f"Person {number}") for number in range(200)} == set(range(12))


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(minutes=78), "10:42"),
        (timedelta(days=1), "Yesterday"),
        (timedelta(days=4), "Thu"),
        (timedelta(days=7), "16 Nov"),
        (timedelta(days=400), "19 Oct 2025"),
        (timedelta(days=-1), "24 Nov"),
    ],
)
def test_a_moment_is_told_as_one_would_say_it_today(ago: timedelta, words: str) -> None:
    assert ui.short_time(NOON - ago) == words


def test_today_is_the_readers_day() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert ui.short_time(late) == "Yesterday"
    with timezone.override(ZoneInfo("Europe/Stockholm")):
        assert ui.short_time(late) == "00:30"


def test_a_date_without_a_time_is_told_as_a_day() -> None:
    assert ui.short_time(date(2026, 11, 23)) == "Today"
    assert ui.short_time(date(2026, 3, 2)) == "2 Mar"


def test_a_moment_carries_its_exact_time() -> None:
    shown = render("{% time moment %}", moment=NOON - timedelta(hours=1))
    assert shown == (
        '<time datetime="2026-11-23T11:00:00+00:00" title="Monday 23 November 2026, 11:00 UTC">11:00</time>'
    )
    assert "23 Nov 2026, 12:00" in render("{% time moment full=True %}", moment=NOON)
    assert "Monday 2 March 2026" in render("{% time moment full=True %}", moment=date(2026, 3, 2))


def test_no_moment_is_a_dash_or_what_the_page_says() -> None:
    assert render("{% time none %} {% time none missing='Never' %}", none=None) == "– Never"


def test_an_avatar_escapes_what_it_is_given() -> None:
    assert "<b>" not in render("{% avatar name %}", name="<b>")


@pytest.mark.parametrize(
    ("tags", "expected"), [("undo:41", "41"), ("wide undo:7", "7"), ("undo:x", ""), ("reundo:7", ""), ("", "")]
)
def test_a_message_may_carry_an_undo(tags: str, expected: str) -> None:
    assert ui.undo_id(Message(constants.SUCCESS, "Deleted", extra_tags=tags)) == expected


@pytest.mark.parametrize(
    ("user_agent", "words", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux", "computer"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
            "computer",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/1 Safari/604.1",
            "Safari on iPhone",
            "phone",
        ),
        ("curl/8.5.0", "curl/8.5.0", "computer"),
        ("", "Unknown browser", "computer"),
    ],
)
def test_a_session_names_its_browser(user_agent: str, words: str, device: str) -> None:
    assert (ui.browser(user_agent), ui.device(user_agent)) == (words, device)


def test_a_link_knows_whether_it_is_where_one_is() -> None:
    source = (
        "{% current '/contacts/' %}|{% current '/contacts/7/' %}|{% current '/settings/' '/auth/' %}|{% current '' %}"
    )
    assert render(source) == 'aria-current="true"|aria-current="page"||'


def test_a_tab_can_be_marked_by_the_page() -> None:
    assert "aria-current" in render("{% tab 'Notes' '/contacts/7/?tab=notes' %}")
    assert "aria-current" not in render("{% tab 'Notes' '/contacts/7/' on=False %}")


def test_parts_wrap_their_body_and_escape_their_words() -> None:
    shown = render("{% card title=title %}<p>{{ title }}</p>{% endcard %}", title="<script>")
    assert shown.count("&lt;script&gt;") == 2
    assert "<p>" in shown


class Words(forms.Form):
    name = forms.CharField(widget=forms.TextInput(attrs={"placeholder": "Name"}), help_text="As on letters.")


def test_a_field_says_which_help_and_which_error_is_its_own() -> None:
    shown = render('{% include "ui/field.html" with field=form.name only %}', form=Words({}))
    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_name_helptext id_name_error"' in shown
    assert 'id="id_name_helptext"' in shown
    assert 'id="id_name_error"' in shown


def test_a_field_can_do_without_its_placeholder() -> None:
    assert "placeholder" not in render("{{ form.name|unprompted }}", form=Words())


def test_a_field_can_have_the_focus_from_the_start() -> None:
    assert "autofocus" in render("{{ form.name|focused }}", form=Words())
