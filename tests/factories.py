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
from emails.models import (
    Access,
    Attachment,
    Decision,
    Door,
    Email,
    Link,
    Party,
    Privacy,
    Source,
    Thread,
    ThreadKey,
    Visibility,
)
from emailsync.models import ChangedContacts, LabelRequest, Mailbox, Run
from exclusions.models import Exclusion, Removal, SwitchedOff
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
    address = Address.objects.create(contact=contact, email="ines@atelier-lyon.example")
    made: list[models.Model] = [
        *_an_email(member, contact),
        Exclusion.objects.create(kind=Exclusion.Kind.DOMAIN, value="private.example", created_by=member),
        SwitchedOff.objects.create(contact=contact, created_by=member),
        Removal.objects.create(member=member, label="private.example", addresses=["eve@private.example"]),
        member,
        Invitation.objects.create(email="new@northwind.example", invited_by=member, expires_at=soon),
        token,
        AuditEntry.objects.create(actor=member, actor_name="Bob", action="test.made", summary="made one of each"),
        Undo.objects.create(membership=member, kind="test", label="Made", payload={}, expires_at=soon),
        contact,
        tag,
        ContactTag.objects.create(contact=contact, tag=tag),
        address,
        Note.objects.create(contact=contact, author=member, text="Prefers the phone."),
        SavedFilter.objects.create(name="Key accounts", owner=member),
        upload,
        ImportedContact.objects.create(upload=upload, contact=contact),
        ImportProblem.objects.create(upload=upload, row=2, field="emails", value="ines@", problem="Not an address."),
        IdempotentAnswer.objects.create(token=token, key="a-key", fingerprint="0" * 64),
    ]
    return {type(row): row for row in made}


def _an_email(member: Membership, contact: Contact) -> list[models.Model]:
    """An email of a connected mailbox, with all that hangs on both."""
    now = timezone.now()
    door = Door.objects.create(member=member, kind=Door.Kind.GMAIL, address="sales@northwind.example")
    thread = Thread.objects.create()
    email = Email.objects.create(
        fingerprint="0" * 32, thread=thread, direction=Email.Direction.INCOMING, sent_at=now, size=100, search=""
    )
    source = Source.objects.create(email=email, door=door, key="18c0")
    mailbox = Mailbox.objects.create(
        door=door, member=member, provider="gmail", address=door.address, mode=Mailbox.Mode.FULL
    )
    return [
        door,
        thread,
        ThreadKey.objects.create(thread=thread, key="0" * 32),
        email,
        Party.objects.create(email=email, role=Party.Role.FROM, address="ines@atelier-lyon.example", position=0),
        Attachment.objects.create(email=email, position=0, name="offer.pdf", content_type="application/pdf", size=10),
        source,
        Link.objects.create(email=email, contact=contact, sent_at=now),
        Privacy.objects.create(member=member, contact=contact, visibility=Visibility.SUBJECT),
        Access.objects.create(thread=thread, asker=member, owner=member),
        Decision.objects.create(door=door, key="18c0", outcome=Decision.Outcome.STORED, email=email),
        mailbox,
        Run.objects.create(mailbox=mailbox, kind=Run.Kind.HISTORY, until=now),
        LabelRequest.objects.create(mailbox=mailbox, source=source),
        ChangedContacts.objects.create(contact_ids=[contact.pk]),
    ]
