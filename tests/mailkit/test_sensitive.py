"""What an envelope looks like, in four languages; ordinary letters look like nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.sensitive import Sort, looks_like

SUBJECTS = {
    Sort.CODE: [
        "123456 is your verification code",
        "Your one-time password",
        "Ihr Bestätigungscode",
        "Votre code de vérification",
        "Tu código de seguridad",
        "Reset your password",
    ],
    Sort.PAY: ["Your payslip for October", "Gehaltsabrechnung Oktober", "Votre bulletin de paie", "Nómina de octubre"],
    Sort.HEALTH: ["Your lab results", "Krankmeldung", "Votre ordonnance", "Cita médica el lunes"],
    Sort.BANK: ["Your account statement", "Kontoauszug 10/2026", "Votre relevé de compte", "Extracto bancario"],
}
SENDERS = {
    "payroll@northwind.example": Sort.PAY,
    "info@st-mary-hospital.example": Sort.HEALTH,
    "praxis@klinik-sued.example": Sort.HEALTH,
    "service@volksbank.example": Sort.BANK,
    "contact@banque-du-nord.example": Sort.BANK,
    "newsletter@shop.example": Sort.BULK,
    "no-reply@shop.example": Sort.BULK,
}
ORDINARY = [
    "Offer for the new line",
    "Re: Angebot 2026-114",
    "Votre commande",
    "Factura 2026/31",
    "Bankett am Freitag",
    "Product code for the pump",
    "Invoice and bank details",
]


@pytest.mark.parametrize(("sort", "subject"), [(sort, each) for sort, some in SUBJECTS.items() for each in some])
def test_a_subject_tells(sort: Sort, subject: str) -> None:
    assert looks_like("ines@lyon.example", subject) == sort
    assert looks_like("ines@lyon.example", subject.upper()) == sort


@pytest.mark.parametrize(("sender", "sort"), SENDERS.items())
def test_a_sender_tells(sender: str, sort: Sort) -> None:
    assert looks_like(sender, "Hello") == sort


@pytest.mark.parametrize("subject", ORDINARY)
def test_ordinary_mail_looks_like_nothing(subject: str) -> None:
    assert looks_like("carla@contoso.example", subject, [("From", "carla@contoso.example")]) is None


@pytest.mark.parametrize(
    "header", [("List-Unsubscribe", "<mailto:x@shop.example>"), ("list-id", "x"), ("Precedence", " Bulk ")]
)
def test_what_goes_to_many_says_so(header: tuple[str, str]) -> None:
    assert looks_like("carla@contoso.example", "Hello", [header]) == Sort.BULK


def test_another_precedence_says_nothing() -> None:
    assert looks_like("carla@contoso.example", "Hello", [("Precedence", "first-class")]) is None


def test_the_more_private_counts() -> None:
    assert looks_like("no-reply@volksbank.example", "Your verification code", [("List-Id", "x")]) == Sort.CODE


@given(st.text(max_size=400), st.text(max_size=1000), st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20))))
def test_any_text_has_an_answer(sender: str, subject: str, headers: list[tuple[str, str]]) -> None:
    assert looks_like(sender, subject, headers) in {None, *Sort}
