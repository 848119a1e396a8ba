"""The pages about contacts, with something on each to look at."""

from __future__ import annotations

from dataclasses import replace

from django.urls import reverse

from contacts import operations, queries
from contacts.data import ContactData
from contacts.files.options import Options
from contacts.filters import Criteria
from contacts.models import Contact, Import
from contacts.operations import FilterData
from crm.lib.tenancy import tenant_scope
from tests.conftest import Northwind

INES = ContactData(
    first_name="Ines",
    last_name="Moreau",
    title="Head of purchasing",
    company="Atelier Lyon",
    emails=("ines@atelier-lyon.example", "i.moreau@mail.example"),
    phones=("+33 4 72 00 00 00",),
    tags=("key account", "france"),
)
PEOPLE = [
    ("Tomasz", "Kowal", "Kowal Metal", "Managing director", ("supplier",)),
    ("Yuki", "Tanaka", "Osaka Gas Works", "Buyer", ("trial",)),
    ("Priya", "Bose", "Bose & Daughters", "", ("key account", "supplier", "trial")),
    ("Lena", "Sommer", "Sommer Logistik", "Dispatcher", ()),
    ("Marcus", "Hale", "Hale Marine", "Procurement lead for the northern yards", ("key account",)),
    ("Dana", "Fox", "Hale Marine", "Assistant", ()),
    ("Paul", "Girard", "Atelier Lyon", "Logistics", ("france",)),
    ("", "", "A company without a person that has a rather long name", "", ()),
]
COLOURS = {"key account": "blue", "trial": "amber", "supplier": "violet"}
FILE = """First name;Last name;Company;E-mail;Mobile;Remark;Shoe size
Anna;Lindgren;Nordic Paper;anna@nordic.example;+46 70 123 45 67;Met at the fair;38
José;García;García Hermanos;jose@garcia.example;;;
;;;;;;44
Bea;Novak;Novak Glas;bea@@novak.example;call me;;
Ines;Moreau;;ines@atelier-lyon.example;;;
"""
LONG_NOTE = """Called about the spring order. She wants the first pallets before Easter and asked for a fixed price.

Next: send the quote with delivery dates, copy Paul from logistics."""


def fill(cast: Northwind) -> Contact:
    """People, tags, notes and filters; answers Ines."""
    owners = [cast.alice.pk, cast.bob.pk, cast.ada.pk, None]
    for number, (first, last, company, title, tags) in enumerate(PEOPLE):
        email = f"{(first or 'office').lower()}@{company.split()[0].lower()}.example"
        data = ContactData(first, last, company, title, (email,), (), owners[number % 4], tags=tags)
        operations.create_contact(actor=cast.alice, data=data)
    private = ContactData("Jo", "Berg", owner_id=cast.alice.pk, is_private=True)
    operations.create_contact(actor=cast.alice, data=private)
    for tag in queries.tags().filter(name__in=COLOURS):
        operations.update_tag(actor=cast.alice, tag=tag, name=tag.name, colour=COLOURS[tag.name])
    operations.create_contact(actor=cast.bob, data=ContactData("I.", "Moreau", emails=INES.emails[:1]))
    ines = operations.create_contact(actor=cast.alice, data=replace(INES, owner_id=cast.alice.pk))
    operations.create_note(actor=cast.bob, contact=ines, text="Prefers the phone before ten.")
    operations.create_note(actor=cast.alice, contact=ines, text=LONG_NOTE)
    save_filter(cast, "Key accounts", Criteria(q="hale"), shared=True)
    save_filter(cast, "Trial, no reply yet", Criteria(q="tanaka"))
    return ines


def save_filter(cast: Northwind, name: str, criteria: Criteria, *, shared: bool = False) -> None:
    operations.create_filter(actor=cast.alice, data=FilterData(name=name, criteria=criteria, is_shared=shared))


def listed(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        fill(cast)
    return reverse("contact_list")


def filtered(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        fill(cast)
        tag = queries.tags().get(name="key account")
    return f"{reverse('contact_list')}?tag={tag.pk}&owner={cast.alice.pk}&created_from=2026-01-01"


def no_hits(cast: Northwind) -> str:
    return f"{listed(cast)}?q=nobody"


def one(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        return reverse("contact_detail", args=[fill(cast).pk])


def editing(cast: Northwind) -> str:
    return f"{one(cast)}edit/"


def merging(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        ines = fill(cast)
        [twin] = queries.merge_suggestions(cast.alice, ines)
    return f"{reverse('contact_merge')}?ids={ines.pk}&ids={twin.pk}"


def tags(cast: Northwind) -> str:
    listed(cast)
    return reverse("tag_list")


def tag(cast: Northwind) -> str:
    listed(cast)
    with tenant_scope(cast.tenant.pk):
        return reverse("tag_edit", args=[queries.tags()[0].pk])


def a_filter(cast: Northwind) -> str:
    listed(cast)
    with tenant_scope(cast.tenant.pk):
        return reverse("saved_filter_edit", args=[queries.saved_filters(cast.alice)[0].pk])


def upload(cast: Northwind) -> Import:
    return operations.upload_import(actor=cast.alice, file_name="Kontakte 2026.csv", content=FILE.encode())


def importing(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        upload(cast)
    return reverse("contact_import")


def preview(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        fill(cast)
        return reverse("contact_import_show", args=[upload(cast).pk])


def started(cast: Northwind) -> Import:
    with tenant_scope(cast.tenant.pk):
        file = upload(cast)
        operations.configure_import(actor=cast.alice, upload=file, mapping=file.mapping, options=Options(), start=True)
    return file


def running(cast: Northwind) -> str:
    return reverse("contact_import_show", args=[started(cast).pk])


def imported(cast: Northwind) -> str:
    file = started(cast)
    operations.run_import(tenant_id=cast.tenant.pk, import_id=file.pk)
    return reverse("contact_import_show", args=[file.pk])
