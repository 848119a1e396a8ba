"""Headings of the programs that people come from, and of people."""

from __future__ import annotations

import pytest

from contacts.files.columns import guess, guess_by_content, guess_mapping
from contacts.files.writing import HEADINGS

GOOGLE_OLD = """Name, Given Name, Family Name, Yomi Name, Group Membership, E-mail 1 - Type, E-mail 1 - Value,
    E-mail 2 - Value, Phone 1 - Type, Phone 1 - Value, Organization 1 - Name, Organization 1 - Title, Notes"""
GOOGLE = """First Name, Middle Name, Last Name, Organization Name, Organization Title, Labels, E-mail 1 - Label,
    E-mail 1 - Value, Phone 1 - Label, Phone 1 - Value"""
OUTLOOK = """First Name, Last Name, Company, Job Title, Business Phone, Mobile Phone, Business Fax, E-mail Address,
    E-mail Type, E-mail Display Name, E-mail 2 Address, Categories"""
OUTLOOK_DE = """Vorname, Nachname, Firma, Position, Telefon geschäftlich, Mobiltelefon, E-Mail-Adresse,
    E-Mail 2: Adresse, Kategorien"""
HUBSPOT = "Record ID, First Name, Last Name, Email, Phone Number, Contact owner, Associated Company"
FRENCH = "Prénom, Nom, Société, Fonction, Adresse e-mail, Téléphone portable, Étiquettes"
SPANISH = "Nombre, Apellidos, Empresa, Cargo, Correo electrónico, Teléfono móvil, Notas"


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (GOOGLE_OLD, "-, first_name, last_name, -, tags, -, email, email, -, phone, company, title, note"),
        (GOOGLE, "first_name, -, last_name, company, title, tags, -, email, -, phone"),
        (OUTLOOK, "first_name, last_name, company, title, phone, phone, -, email, -, -, email, tags"),
        (OUTLOOK_DE, "first_name, last_name, company, title, phone, phone, email, email, tags"),
        (HUBSPOT, "-, first_name, last_name, email, phone, -, company"),
        (FRENCH, "first_name, last_name, company, title, email, phone, tags"),
        (SPANISH, "first_name, last_name, company, title, email, phone, note"),
        ("FULL_NAME, e-mail, Tel.", "name, email, phone"),
    ],
)
def test_headings_of_other_programs_and_languages_are_known(headings: str, fields: str) -> None:
    mapping = guess_mapping([heading.strip() for heading in headings.split(",")])
    assert ", ".join(field or "-" for field in mapping) == fields


def test_our_own_export_is_read_in_full() -> None:
    unknown = [heading for heading in HEADINGS if not guess(heading)]
    assert unknown == ["Owner", "Private", "Added", "Changed"]


@pytest.mark.parametrize("heading", ["", " ", "123", "Fax", "Birthday", "Street", "Mailing list", "Company size"])
def test_what_we_do_not_keep_is_left_out(heading: str) -> None:
    assert guess(heading) == ""


def test_without_headings_the_looks_decide() -> None:
    rows = [["Ines", "Moreau", "ines@mail.example", "+33 4 72"], ["Tomasz", "Kowal", "", "+48 601 234"]]
    assert guess_by_content(rows, 5) == ["first_name", "last_name", "email", "phone", ""]
    assert guess_by_content([["ines@mail.example", "Ines Moreau"]], 2) == ["email", "name"]
