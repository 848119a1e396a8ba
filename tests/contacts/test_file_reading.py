from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.data import ContactData
from contacts.files.decoding import UnreadableFile
from contacts.files.drafts import Draft, split_emails, split_name, split_tags, unguarded
from contacts.files.source import Source
from contacts.files.tables import guess_delimiter
from contacts.files.writing import harmless

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


def drafts(content: bytes) -> list[Draft]:
    source = Source.open(content)
    return list(source.drafts(source.guess()))


def people(content: bytes) -> list[ContactData | None]:
    return [draft.data for draft in drafts(content)]


INES = ContactData(first_name="Inès", last_name="Moreau", emails=("ines@mail.example",), tags=())


MORE = [["Jörg", "Müller", ""], ["François", "Lefèvre", "f@mail.example"], ["Anaïs", "Bäcker", ""]] * 3


class TestTables:
    @pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_any_charset_delimiter_and_newline_is_read(self, charset: str, delimiter: str, newline: str) -> None:
        mark = "\ufeff" if charset == "utf-16-le" else ""
        lines = [["Vorname", "Nachname", "E-Mail"], ["Inès", "Moreau", "ines@mail.example"], *MORE]
        text = mark + newline.join(delimiter.join(line) for line in lines)
        assert people(text.encode(charset))[0] == INES

    def test_rows_are_numbered_as_a_spreadsheet_does(self) -> None:
        content = b"Name,Email\n\nInes Moreau,ines@mail.example\n\n,nonsense\n"
        assert [(draft.row, bool(draft.data)) for draft in drafts(content)] == [(3, True), (5, False)]

    def test_a_file_without_headings_begins_with_a_contact(self) -> None:
        assert people("Inès,Moreau,ines@mail.example\n".encode()) == [INES]

    def test_cells_may_hold_lines_quotes_and_delimiters(self) -> None:
        [draft] = drafts(b'Name,Note\n"Moreau, Ines","She said:\n""call me"""\n')
        assert draft.data is not None
        assert (draft.data.first_name, draft.note) == ("Ines", 'She said:\n"call me"')

    def test_short_and_long_rows_are_read(self) -> None:
        assert [data and data.first_name for data in people(b"First name,Email\nInes\nTomasz,,x,y,z\n")] == [
            "Ines",
            "Tomasz",
        ]

    @given(
        st.lists(st.lists(cells, min_size=2, max_size=5).filter(any), min_size=1, max_size=8),
        st.sampled_from(",;\t|"),
    )
    def test_any_table_is_read_or_refused(self, rows: list[list[str]], delimiter: str) -> None:
        file = io.StringIO(newline="")
        csv.writer(file, delimiter=delimiter).writerows(rows)
        try:
            source = Source.open(file.getvalue().encode())
        except UnreadableFile:
            return
        assert len(list(source.drafts(source.guess()))) == source.total

    @given(st.binary(max_size=300))
    def test_any_bytes_are_read_or_refused(self, content: bytes) -> None:
        try:
            source = Source.open(content)
        except UnreadableFile as error:
            assert str(error)  # noqa: PT017  # Either way is right.
            return
        for draft in source.drafts(source.guess()):
            assert draft.data or draft.problems

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "empty"),
            (b"  \n \n", "empty"),
            (b"First name,Email\n", "no rows below"),
            (b"x" * (10 * 2**20 + 1), "10.0 MB"),
            (b"a,b\n" * 50_002, "more than 50,000 rows"),
            (b"Name\n" + b"x," * 400, "401 columns"),
            (b'Name,Email\n"Ines,' + b"x" * 200_000, "quotation mark"),
            (b"BEGIN:VCALENDAR\n", "no rows below"),
        ],
    )
    def test_what_is_no_table_is_refused_with_the_reason(self, content: bytes, reason: str) -> None:
        with pytest.raises(UnreadableFile, match=reason):
            list(Source.open(content).drafts([]))

    def test_prose_has_no_delimiter(self) -> None:
        assert guess_delimiter("Email\nines@mail.example\n") == ","


class TestCells:
    @pytest.mark.parametrize(
        ("written", "first", "last"),
        [
            ("Ines Maria Moreau", "Ines Maria", "Moreau"),
            ("Moreau, Ines Maria", "Ines Maria", "Moreau"),
            ("Ines", "Ines", ""),
            ("", "", ""),
            (", Ines", ",", "Ines"),
        ],
    )
    def test_a_full_name_is_split(self, written: str, first: str, last: str) -> None:
        assert split_name(written) == (first, last)

    @pytest.mark.parametrize(
        ("cell", "found"),
        [
            ("a@x.example", ["a@x.example"]),
            ("a@x.example; b@x.example", ["a@x.example", "b@x.example"]),
            ("a@x.example, b@x.example", ["a@x.example", "b@x.example"]),
            ("a@x.example ::: b@x.example", ["a@x.example", "b@x.example"]),
            ('"Moreau, Ines" <a@x.example>', ['"Moreau, Ines" <a@x.example>']),
            ("not an address", ["not an address"]),
        ],
    )
    def test_several_addresses_may_share_a_cell(self, cell: str, found: list[str]) -> None:
        assert split_emails(cell) == found

    def test_googles_own_groups_are_no_tags(self) -> None:
        assert split_tags("* myContacts ::: Key account ::: france, lyon") == ["Key account", "france", "lyon"]

    @given(st.text(max_size=10))
    def test_a_guard_against_formulas_comes_off_again(self, cell: str) -> None:
        assert harmless(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r"}
        if not cell.startswith("'"):
            assert unguarded(harmless(cell)) == cell

    def test_a_bad_row_says_field_value_and_what_would_be_right(self) -> None:
        [draft] = drafts(b"Name,Email,Phone\nInes,ines@@mail.example,call me\n")
        assert [(problem.field, problem.value) for problem in draft.problems] == [
            ("Email address", "ines@@mail.example"),
            ("Phone", "call me"),
        ]
        assert "Write it like name@company.example." in draft.problems[0].sentence


CARD = "BEGIN:VCARD\r\nVERSION:{version}\r\n{lines}END:VCARD\r\n"


LINES = ["N:a;b", "FN:x", "EMAIL:x@y.example", "ORG:;", "TEL:", ":", "N", "a.b.c:d", " x", "=", "BEGIN:X", "END:VCARD"]


def card(lines: str, version: str = "3.0") -> bytes:
    return CARD.format(version=version, lines=lines.replace("\n", "\r\n")).encode()


class TestCards:
    def test_version_2_1_with_quoted_printable(self) -> None:
        content = card(
            "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;\n"
            "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg =\nM=C3=BCller\n"
            "TEL;CELL;VOICE:+49 170 1234567\nEMAIL;INTERNET;PREF:joerg@mail.example\nORG:Müller & Co;Einkauf\n",
            "2.1",
        )
        [data] = people(content)
        assert data == ContactData(
            first_name="Jörg",
            last_name="Müller",
            company="Müller & Co",
            emails=("joerg@mail.example",),
            phones=("+49 170 1234567",),
            tags=(),
        )

    def test_version_4_with_groups_and_uris(self) -> None:
        content = card(
            "FN:Ines Moreau\nN:Moreau;Ines;Maria;;\nitem1.EMAIL;TYPE=work:ines@mail.example\n"
            "EMAIL:mailto:i.moreau@mail.example\nTEL;VALUE=uri:tel:+33-4-72-00\nTITLE:Buyer\n"
            "CATEGORIES:france,key account\nNOTE:Likes tea\\, not\\ncoffee\n",
            "4.0",
        )
        [draft] = drafts(content)
        assert draft.data == ContactData(
            first_name="Ines Maria",
            last_name="Moreau",
            title="Buyer",
            emails=("ines@mail.example", "i.moreau@mail.example"),
            phones=("+33-4-72-00",),
            tags=("france", "key account"),
        )
        assert draft.note == "Likes tea, not\ncoffee"

    def test_several_cards_are_numbered_and_a_broken_one_stops_nobody(self) -> None:
        broken = b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Half\r\nBEGIN:VEVENT\r\nEND:VCARD\r\n"
        content = card("FN:Ines Moreau\n") + broken + card("FN:Tomasz Kowal\n")
        found = drafts(content)
        assert [draft.row for draft in found] == [1, 2, 3]
        assert [draft.data and draft.data.first_name for draft in found] == ["Ines", None, "Tomasz"]

    def test_a_picture_is_passed_over(self) -> None:
        picture = "PHOTO;ENCODING=b;TYPE=JPEG:" + "\n ".join(["AAAA" * 15] * 200)
        [data] = people(card(f"FN:Ines Moreau\n{picture}==\nEMAIL:ines@mail.example\n"))
        assert data is not None
        assert data.emails == ("ines@mail.example",)

    def test_lines_that_are_not_read_may_be_anything(self) -> None:
        [data] = people(card(f"FN:Ines Moreau\nX-ODD;A{'=a' * 60}\nno line at all\n"))
        assert data is not None
        assert data.last_name == "Moreau"

    @pytest.mark.parametrize(
        "line", ["EMAIL bob@x.example", 'EMAIL;TYPE=a"b:bob@x.example', "item1.EMAIL", f"EMAIL;A{'=a' * 60}"]
    )
    def test_a_line_that_cannot_be_read_is_told_and_stays_out_of_the_log(
        self, line: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        [draft] = drafts(card(f"FN:Ines Moreau\n{line}\n"))
        assert draft.data is None
        assert [(problem.field, problem.value) for problem in draft.problems] == [("Email address", line)]
        assert caplog.text == ""

    def test_parameters_in_quotation_marks_may_hold_a_colon(self) -> None:
        [data] = people(card('FN:Ines\nEMAIL;X="a:b;c";TYPE=work,home:ines@mail.example\n'))
        assert data is not None
        assert data.emails == ("ines@mail.example",)

    def test_soft_line_breaks_and_folds_are_joined(self) -> None:
        quoted = "N;CHARSET=UTF-8;QUOTED-PRINTABLE:Mor=\neau;In=C3=\n=A8s\nTITLE:Head of pur\n chasing\nTEL:+33 472=\n"
        [data] = people(card(f"{quoted}EMAIL:ines@mail.example\n", "2.1"))
        assert data is not None
        assert (data.first_name, data.last_name, data.title) == ("Inès", "Moreau", "Head of purchasing")
        assert data.emails == ("ines@mail.example",)

    def test_a_card_of_countless_addresses_is_refused(self) -> None:
        [draft] = drafts(card("EMAIL:ines@mail.example\n" * 200))
        assert "keep at most 100" in draft.problems[0].sentence

    def test_a_company_alone_is_no_person(self) -> None:
        [data] = people(card("FN:Atelier Lyon\nN:;;;;\nORG:Atelier Lyon\n"))
        assert data is not None
        assert (data.first_name, data.last_name, data.company) == ("", "", "Atelier Lyon")

    @given(
        st.lists(
            st.sampled_from(["N:a;b", "FN:x", "EMAIL:x@y.example", "ORG:;", "TEL:", ":", "N", "a.b.c:d", " x", "="])
        )
    )
    def test_any_card_is_read_or_refused(self, lines: list[str]) -> None:
        for draft in drafts(card("".join(f"{line}\n" for line in lines))):
            assert draft.data or draft.problems
