"""Mail that people would rather keep to themselves, as far as its envelope tells: pure, and never certain.

By the words of the subject in English, German, French and Spanish, by the sender's address, and by the headers that
programs which write to many put in. No body is read. Whoever shows this says "looks like".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Sort(StrEnum):
    """What a message looks like; the first that fits counts."""

    CODE = "code"
    PAY = "pay"
    HEALTH = "health"
    BANK = "bank"
    BULK = "bulk"


#: Without accents and in small letters, as `_plain` writes; a word ends where it is written to.
_SUBJECTS: Final[Mapping[Sort, str]] = {
    Sort.CODE: (
        r"(verification|security|confirmation|access|log-?in|sign-?in|one-time) code|one-time pass(word|code)|otp"
        r"|passcode|(reset|change) your password|password reset|two-factor|2fa"
        r"|(bestatigungs|sicherheits|einmal|anmelde|verifizierungs|zugangs)code|einmal(kenn|pass)wort"
        r"|passwort zurucksetzen"
        r"|code (de|d') ?(verification|securite|confirmation|acces|connexion)|code a usage unique"
        r"|reinitialis\w+ (de )?votre mot de passe"
        r"|codigo de (verificacion|seguridad|confirmacion|acceso|un solo uso)|restablece\w* (tu|su) contrasena"
    ),
    Sort.PAY: (
        r"payroll|pay ?slips?|pay ?stubs?|salary|wage slips?"
        r"|gehalt|gehalts\w+|lohn|lohn\w+|entgeltabrechnung|bezugemitteilung"
        r"|(bulletins?|fiches?) de (paie|paye|salaire)|salaires?"
        r"|nominas?|recibo de (sueldo|salario|nomina)|sueldos?|salarios?"
    ),
    Sort.HEALTH: (
        r"prescription|diagnosis|(lab|blood|medical|test) results|medical (report|record)s?|your (doctor|patient)\w*"
        r"|sick note|arzt\w*|befunde?|rezept|laborwerte|krank(meldung|schreibung|enkasse|enhaus)|patienten\w*"
        r"|arbeitsunfahigkeit\w*"
        r"|ordonnance|resultats? d'analyses?|(votre )?medecin|arret (de travail|maladie)|hopital|mutuelle sante"
        r"|receta medica|resultados? (de )?(los )?analisis|(tu|su) medico|baja medica|cita medica|historia clinica"
    ),
    Sort.BANK: (
        r"(bank|account|card|credit card) statement|overdraft|your (bank|current|savings) account|card ending"
        r"|kontoauszug|kontoauszuge|kreditkartenabrechnung|online-?banking|depotauszug"
        r"|releves? (de compte|bancaires?)|votre (compte|carte) bancaire|decouvert autorise"
        r"|extractos? (bancarios?|de (la )?cuenta)|(tu|su) (cuenta bancaria|tarjeta de credito)"
    ),
}
#: In a domain's labels, parted at hyphens; with a star the word may be a part of one.
_DOMAINS: Final[Mapping[Sort, str]] = {
    Sort.PAY: r"payroll\w*|\w*lohn|nominas?",
    Sort.HEALTH: r"\w*clinic|\w*hospital|\w*klinik\w*|arztpraxis\w*|\w*krankenkasse|clinique\w*|hopital\w*|clinica\w*",
    Sort.BANK: r"\w*bank|bank\w*|\w*banking|\w*sparkasse|banque\w*|banco\w*|caja\w*",
}
_LOCALS: Final[Mapping[Sort, str]] = {
    Sort.CODE: r"otp|verify|verification|security-?code",
    Sort.PAY: r"payroll|lohnbuero|lohnbuchhaltung|paie|nominas?",
    Sort.HEALTH: r"patients?|patienten|termine-?praxis|doctor",
    Sort.BULK: r"news|news-?letters?|mailings?|bulletin|marketing|promo\w*|no-?reply|do-?not-?reply|ne-?pas-?repondre",
}
#: https://www.rfc-editor.org/rfc/rfc2919, rfc2369 and rfc3834, section 3.1.8.
BULK_HEADERS: Final = ("List-Id", "List-Unsubscribe", "Precedence")
_TO_MANY: Final = frozenset({"list-id", "list-unsubscribe"})
_BULK: Final = frozenset({"bulk", "list", "junk"})
#: Subjects and addresses may be very long, and what they are about comes first.
_LONGEST: Final = 300


def looks_like(sender: str, subject: str, headers: Iterable[tuple[str, str]] = ()) -> Sort | None:
    """What a message from this normalised address looks like; None for ordinary mail. ``headers`` are all there are."""
    local, _, domain = _plain(sender).rpartition("@")
    labels = re.split(r"[.-]", domain)
    words = _plain(subject)
    for sort in Sort:
        if sort in _RE_SUBJECTS and _RE_SUBJECTS[sort].search(words):
            return sort
        if sort in _RE_LOCALS and _RE_LOCALS[sort].fullmatch(local):
            return sort
        if sort in _RE_DOMAINS and any(map(_RE_DOMAINS[sort].fullmatch, labels)):
            return sort
    return Sort.BULK if any(_is_to_many(name, value) for name, value in headers) else None


def _is_to_many(name: str, value: str) -> bool:
    return name.lower() in _TO_MANY or (name.lower() == "precedence" and value.strip().lower() in _BULK)


def _plain(text: str) -> str:
    """Small letters without accents, and one kind of blank and apostrophe."""
    parted = unicodedata.normalize("NFKD", text[:_LONGEST].casefold().replace("’", "'"))
    return " ".join("".join(letter for letter in parted if not unicodedata.combining(letter)).split())


_RE_SUBJECTS: Final = {sort: re.compile(rf"\b(?:{words})\b") for sort, words in _SUBJECTS.items()}
_RE_DOMAINS: Final = {sort: re.compile(words) for sort, words in _DOMAINS.items()}
_RE_LOCALS: Final = {sort: re.compile(words) for sort, words in _LOCALS.items()}
