"""Rows for tests that need one of something and do not care which."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

from accounts.models import ApiToken, AuditEntry, Invitation, Membership, Undo
from contacts.models import (
    Address,
    Contact,
    ContactTag,
    Import,
    ImportedContact,
    ImportProblem,
    Note,
    SavedFilter,
    Tag,
)
from integrations.models import IdempotentAnswer


def one_of_each(member: Membership) -> dict[type[models.Model], models.Model]:
    """A row of every tenant-owned model, in the scope that is open; ``member`` is whom they hang on.

    `tests.lib.test_tenancy` asks for every model there is: a new one that is missing here fails there.
    """
    soon = timezone.now() + timedelta(days=1)
    contact = Contact.objects.create(first_name="Ines", last_name="Moreau", owner=member, sort_name="moreau ines")
    tag = Tag.objects.create(name="key account")
    token = ApiToken.objects.create(membership=member, name="script", hint="prm_1234", digest=f"{member.pk:064}")
    upload = Import.objects.create(
        member=member, kind=Import.Kind.CSV, file_name="people.csv", content=b"email\nines@atelier-lyon.example\n"
    )
    made: list[models.Model] = [
        member,
        Invitation.objects.create(email="new@northwind.example", invited_by=member, expires_at=soon),
        token,
        AuditEntry.objects.create(actor=member, actor_name="Bob", action="test.made", summary="made one of each"),
        Undo.objects.create(membership=member, kind="test", label="Made", payload={}, expires_at=soon),
        contact,
        tag,
        ContactTag.objects.create(contact=contact, tag=tag),
        Address.objects.create(contact=contact, email="ines@atelier-lyon.example"),
        Note.objects.create(contact=contact, author=member, text="Prefers the phone."),
        SavedFilter.objects.create(name="Key accounts", owner=member),
        upload,
        ImportedContact.objects.create(upload=upload, contact=contact),
        ImportProblem.objects.create(upload=upload, row=2, field="emails", value="ines@", problem="Not an address."),
        IdempotentAnswer.objects.create(token=token, key="a-key", fingerprint="0" * 64),
    ]
    return {type(row): row for row in made}
