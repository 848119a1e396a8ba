"""What a column of a file means, guessed from its heading.

Knows the headings that Google, Outlook, HubSpot and our own export write, and those that people write in
English, German, French and Spanish.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from contacts.names import fold

#: What a column can be read as -> how the page calls it.
FIELDS = {
    "first_name": "First name",
    "last_name": "Last name",
    "name": "Full name",
    "company": "Company",
    "title": "Job title",
    "email": "Email address",
    "phone": "Phone",
    "tags": "Tags",
    "note": "Note",
}
#: Fields that several columns may fill.
MANY = frozenset({"email", "phone", "tags", "note"})

#: The words of headings, folded, without numbers and what is in `BESIDE`.
HEADINGS = {
    "first_name": "first name, given name, forename, first, vorname, prenom, nombre, nombre de pila",
    "last_name": """last name, family name, surname, last, nachname, familienname, nom, nom de famille,
        apellido, apellidos""",
    "name": """name, full name, display name, contact, contact name, person, kontakt, ansprechpartner,
        vollstandiger name, nom complet, nombre completo, nombre y apellidos, contacto""",
    "company": """company, company name, organization, organization name, organisation, account name,
        associated company, employer, firma, firmenname, unternehmen, societe, entreprise, empresa, compania,
        organizacion""",
    "title": """title, job title, organization title, position, role, job, funktion, berufsbezeichnung, stelle,
        fonction, poste, titre, cargo, puesto""",
    "email": """email, e mail, mail, email address, e mail address, mail address, email addresses, emails,
        e mail adresse, email adresse, mailadresse, courriel, adresse email, adresse e mail, adresse mail,
        adresse electronique, correo, correo electronico, direccion de correo electronico""",
    "phone": """phone, phones, phone number, telephone, telephone number, tel, mobile, mobile phone,
        mobile phone number, cell, cell phone, company phone, car phone, telefon, telefonnummer, handy, mobil,
        mobiltelefon, mobilnummer, rufnummer, portable, telephone portable, numero de telephone, telefono,
        telefono movil, movil, celular, numero de telefono""",
    "tags": """tag, tags, label, labels, group, groups, group membership, category, categories, kategorie,
        kategorien, schlagworter, gruppe, categorie, etiquette, etiquettes, libelles, categoria, categorias,
        etiqueta, etiquetas""",
    "note": """note, notes, remark, remarks, comment, comments, notiz, notizen, bemerkung, bemerkungen, remarque,
        remarques, commentaire, commentaires, nota, notas, comentarios""",
}
#: Words that say which of several, and leave the meaning as it is: "Work phone", "E-mail 1 - Value".
BESIDE = """value, primary, main, home, work, business, other, private, personal, more, additional,
    geschaftlich, dienstlich, privat, haupt, weitere, professionnel, professionnelle, pro, domicile, bureau,
    personnel, trabajo, casa, particular, principal"""

_BESIDE = {word.strip() for word in BESIDE.split(",")}
_MEANING = {words.strip(): field for field, headings in HEADINGS.items() for words in headings.split(",")}


def guess(heading: str) -> str:
    """The field that a heading means; empty where it means none that we keep."""
    words = re.findall(r"[^\W\d_]+", fold(heading))
    return _MEANING.get(" ".join(word for word in words if word not in _BESIDE), "")


def guess_mapping(headings: Sequence[str]) -> list[str]:
    """The field of each column; a field that a contact has only once goes to the first column that means it."""
    mapping: list[str] = []
    for heading in headings:
        field = guess(heading)
        mapping.append(field if field in MANY or field not in mapping else "")
    # With both halves of a name there, the whole is the same once more.
    if "first_name" in mapping and "last_name" in mapping:
        mapping = ["" if field == "name" else field for field in mapping]
    return mapping


def guess_by_content(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The same for a file without headings: addresses and phones are known by their looks, then come the names."""
    looks = [_looks([row[column] for row in rows if column < len(row) and row[column]]) for column in range(width)]
    names = iter(["first_name", "last_name", "company"] if looks.count("other") > 1 else ["name"])
    return [next(names, "") if look == "other" else look for look in looks]


def _looks(cells: Sequence[str]) -> str:
    if not cells:
        return ""
    if sum("@" in cell for cell in cells) * 2 > len(cells):
        return "email"
    if sum(bool(re.fullmatch(r"[+(\d][\d\s()./-]{4,}", cell)) for cell in cells) * 2 > len(cells):
        return "phone"
    return "other"
