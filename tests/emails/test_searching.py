"""What was typed to search becomes what is looked for, and a sentence for what cannot be."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emails.searching import Operator, Phrase, Search, Term, parse
from emails.words import found_in, words

TODAY = date(2026, 11, 26)


def read(text: str) -> Search:
    return parse(text, today=TODAY)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("Inès@Lyon.example", "ines lyon example"),
        ("ŁÓDŹ  straße", "lodz strasse"),
        ("under_score re-sent", "under score re sent"),
        ("東京へ行く café", "東 京 へ 行 く cafe"),
        ("हिन्दी में", "हिन्दी में"),
        ("!!! 🙂", ""),
    ],
)
def test_words_are_without_case_and_accents_and_single_letters_where_no_blanks_are_written(
    text: str, spelled: str
) -> None:
    assert words(text).split() == spelled.split()


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(text=st.text(max_size=40))
def test_words_do_not_change_when_they_are_made_words_again(text: str) -> None:
    once = words(text).split()
    assert words(" ".join(once)).split() == once


def test_words_phrases_and_operators_are_read() -> None:
    search = read('lyon "last pallet" -from:bob tag:"key account" subject:deliver*')
    assert search == Search(
        (
            Term(Operator.ANY, "lyon", phrase=Phrase(("lyon",))),
            Term(Operator.ANY, "last pallet", phrase=Phrase(("last", "pallet"))),
            Term(Operator.FROM, "bob", is_excluded=True, phrase=Phrase(("bob",))),
            Term(Operator.TAG, "key account", phrase=Phrase(("key", "account"))),
            Term(Operator.SUBJECT, "deliver*", phrase=Phrase(("deliver",), begins=True)),
        )
    )
    assert not search.problems


@pytest.mark.parametrize("quotes", ['""', "“”", "„“", "«»"])
def test_the_quotation_marks_of_phones_are_as_good(quotes: str) -> None:
    assert read(f"{quotes[0]}last pallet{quotes[1]}") == read('"last pallet"')


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026", date(2026, 1, 1)),
        ("2026-03", date(2026, 3, 1)),
        ("2026/3/31", date(2026, 3, 31)),
        ("today", TODAY),
        ("yesterday", date(2026, 11, 25)),
        ("7d", date(2026, 11, 19)),
    ],
)
def test_a_date_is_a_day_or_the_first_one_of_what_it_names(value: str, day: date) -> None:
    assert [term.day for term in read(f"before:{value} after:{value}").terms] == [day, day]


def test_a_whole_address_is_read_as_one() -> None:
    [term] = read("from:Ines@Lyon.example").terms
    assert (term.address, term.phrase.words) == ("ines@lyon.example", ())


@pytest.mark.parametrize("text", ["Re: offer", "10:30", "https://lyon.example/plan", "C:"])
def test_a_colon_alone_makes_no_operator(text: str) -> None:
    search = read(text)
    assert not search.problems
    assert {term.operator for term in search.terms} == {Operator.ANY}


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("lyon form:ines", "Nothing can be searched by form:. There are from:, to:, cc:,"),
        ("lyon from:", "Say what to look for right after “from:”, as in from:ines."),
        ("lyon before:31.3.2026", "31.3.2026 is no date for before: write before:2026-03-31,"),
        ("lyon before:2026-02-30", "2026-02-30 is no date for before: write before:2026-03-31,"),
        ("lyon is:important", "There is no is:important. There are is:tracked, is:sent, is:incoming."),
        ("lyon has:fun", "There is no has:fun. There are has:attachment, has:quote."),
    ],
)
def test_what_cannot_be_understood_is_told_with_the_remedy_and_the_rest_holds(text: str, remedy: str) -> None:
    search = read(text)
    assert search == read("lyon")
    assert [problem[: len(remedy)] for problem in search.problems] == [remedy]


def test_a_search_without_a_word_says_so() -> None:
    assert read("!!!").problems == ("There is no word in this: a word has letters or digits.",)
    assert read("   ") == Search()
    assert not read("   ").problems


def test_very_much_is_cut_and_told() -> None:
    search = read(" ".join(f"w{number}" for number in range(200)))
    assert len(search.terms) == 20
    assert len(search.problems) == 2


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(text=st.text(st.sampled_from('ab1 é東:"-*“@.\x00fromtagis'), max_size=30) | st.text(max_size=60))
def test_whatever_is_typed_is_read(text: str) -> None:
    search = read(text)
    assert all(all(word for word in term.phrase.words) for term in search.terms)


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("Zum Lyón-Auftrag", Phrase(("lyon",)), ["Lyón"]),
        ("the last pallet, the last one", Phrase(("last", "pallet")), ["last pallet"]),
        ("deliver Delivery undelivered", Phrase(("deliver",), begins=True), ["deliver", "Delivery"]),
        ("東京タワー", Phrase(("京", "タ")), ["京タ"]),
        ("<b>Lyon</b>", Phrase(("lyon",)), ["Lyon"]),
        ("ŒUVRE", Phrase(("oeuvre",)), ["ŒUVRE"]),
    ],
)
def test_what_was_found_is_found_again_to_mark_it(text: str, phrase: Phrase, found: list[str]) -> None:
    assert [text[start:end] for start, end in found_in(text, [(phrase.words, phrase.begins)])] == found
