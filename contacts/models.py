"""Contacts and what hangs on them. Deleting is marking, so that it can be undone and merged mail kept."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Membership, Undo
from contacts.data import LENGTHS, NOTE_LENGTH, PHONE_LENGTH, TAG_LENGTH
from contacts.names import SORT_LENGTH, display_name
from crm.lib.tenancy import TenantForeignKey, TenantModel
from mailkit.addresses import LONGEST

COLOURS = ("grey", "blue", "green", "amber", "red", "violet")


class Tag(TenantModel):
    """A word that contacts can carry; one spelling of it a tenant."""

    name = models.CharField(max_length=TAG_LENGTH)
    colour = models.CharField(
        max_length=6, choices=[(colour, colour.capitalize()) for colour in COLOURS], default="grey"
    )

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint("tenant", models.functions.Lower("name"), name="tag_once")]

    def __str__(self) -> str:
        return self.name


class Contact(TenantModel):
    """A person the team writes with. A private one is seen by its owner alone (R37)."""

    first_name = models.CharField(max_length=LENGTHS["first_name"], blank=True)
    last_name = models.CharField(max_length=LENGTHS["last_name"], blank=True)
    company = models.CharField(max_length=LENGTHS["company"], blank=True)
    title = models.CharField(max_length=LENGTHS["title"], blank=True)
    phones = ArrayField(models.CharField(max_length=PHONE_LENGTH), default=list, blank=True)
    owner = TenantForeignKey(Membership, models.SET_NULL, null=True, related_name="+")
    is_private = models.BooleanField(default=False)
    tags = models.ManyToManyField(Tag, through="ContactTag", related_name="contacts")
    # The next three are made by `contacts.names` and kept by `contacts.operations`. In the order of code points,
    # whatever order the server's database was made with.
    sort_name = models.CharField(max_length=SORT_LENGTH, editable=False, db_collation="C")
    company_key = models.CharField(max_length=SORT_LENGTH, editable=False, db_collation="C")
    #: Names, company, title, phones and addresses without accents and case.
    search_text = models.TextField(editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    #: The contact this one was merged into, while that can be undone.
    merged_into = TenantForeignKey("self", models.SET_NULL, null=True, related_name="+", editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(is_private=False) | Q(owner__isnull=False), name="contact_private_owned")
        ]
        indexes: ClassVar = [
            models.Index("tenant", "sort_name", "id", condition=Q(deleted_at=None), name="contact_by_name"),
            models.Index(
                "tenant", "company_key", "sort_name", "id", condition=Q(deleted_at=None), name="contact_by_company"
            ),
            models.Index(
                "tenant", F("created_at").desc(), F("id").desc(), condition=Q(deleted_at=None), name="contact_newest"
            ),
            models.Index(
                "tenant", F("updated_at").desc(), F("id").desc(), condition=Q(deleted_at=None), name="contact_updated"
            ),
            GinIndex("tenant", OpClass("search_text", "gin_trgm_ops"), name="contact_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """First and last name, or else the best there is to call them."""
        return display_name(self.first_name, self.last_name, self.company, self.sort_name)


class Address(TenantModel):
    """One email address of a contact, normalised (R2). Several contacts may share one (R5)."""

    contact = TenantForeignKey(Contact, models.CASCADE, related_name="addresses")
    email = models.CharField(max_length=LONGEST)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "contact", "email"], name="address_once_a_contact")
        ]
        indexes: ClassVar = [models.Index("tenant", "email", "contact", name="address_by_email")]

    def __str__(self) -> str:
        return self.email


class ContactTag(TenantModel):
    """A tag on a contact."""

    contact = TenantForeignKey(Contact, models.CASCADE, related_name="taggings")
    tag = TenantForeignKey(Tag, models.CASCADE, related_name="taggings")

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "contact", "tag"], name="tagged_once")]
        indexes: ClassVar = [models.Index("tenant", "tag", "contact", name="tagged_by_tag")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.contact_id}"


class Note(TenantModel):
    """What somebody wrote down about a contact."""

    contact = TenantForeignKey(Contact, models.CASCADE, related_name="notes")
    author = TenantForeignKey(Membership, models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=NOTE_LENGTH)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        indexes: ClassVar = [
            models.Index("tenant", "contact", F("created_at").desc(), F("id").desc(), name="note_newest")
        ]

    def __str__(self) -> str:
        return self.text[:60]


class SavedFilter(TenantModel):
    """A named set of criteria for contacts; shared ones are seen by the whole team."""

    name = models.CharField(max_length=60)
    owner = TenantForeignKey(Membership, models.CASCADE, related_name="+")
    is_shared = models.BooleanField(default=False)
    #: As `contacts.filters.Criteria.to_json` writes it.
    criteria = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint("tenant", "owner", models.functions.Lower("name"), name="filter_once_an_owner")
        ]

    def __str__(self) -> str:
        return self.name


class Import(TenantModel):
    """One uploaded file of contacts on its way in: previewed, then worked off in batches."""

    class State(models.TextChoices):
        PREVIEW = "preview", "Waiting for your go"
        RUNNING = "running", "Importing"
        DONE = "done", "Done"
        FAILED = "failed", "Stopped"
        UNDONE = "undone", "Taken back"

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        VCARD = "vcard", "vCard"

    member = TenantForeignKey(Membership, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind)
    file_name = models.CharField(max_length=200)
    #: The file as it came; emptied when it is worked off.
    content = models.BinaryField()
    #: For CSV: the names of the columns, and the field of each in turn, empty for those that are left out.
    headings = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    #: As `contacts.files.options.Options` writes it.
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=State, default=State.PREVIEW)
    #: Rows of the file, and how many of them are worked off: always the sum of the four below.
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    #: When the last batch was done; long ago for one whose worker is gone.
    progress_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undo = TenantForeignKey(Undo, models.SET_NULL, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(done=F("created") + F("updated") + F("skipped") + F("failed")), name="import_adds_up"
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportedContact(TenantModel):
    """What an import did to one contact, so that it can be taken back."""

    upload = TenantForeignKey(Import, models.CASCADE, related_name="contacts")
    contact = TenantForeignKey(Contact, models.CASCADE, related_name="+")
    #: What was added to a contact that was there already: {"texts": {"company": "…"}, "emails": […], "notes": [ids]}.
    #: None where the import made the contact.
    added = models.JSONField(null=True)

    class Meta(TenantModel.Meta):
        indexes: ClassVar = [models.Index("tenant", "upload", "id", name="imported_contact")]

    def __str__(self) -> str:
        return f"{self.contact_id} by {self.upload_id}"


class ImportProblem(TenantModel):
    """Why one row of a file was not imported."""

    upload = TenantForeignKey(Import, models.CASCADE, related_name="problems")
    #: The line or card of the file, from 1; the header is a row too.
    row = models.PositiveIntegerField()
    field = models.CharField(max_length=60)
    value = models.CharField(max_length=200)
    problem = models.CharField(max_length=500)
    #: The whole row as it came, for the file of failed rows.
    cells = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        indexes: ClassVar = [models.Index("tenant", "upload", "row", "id", name="import_problem")]

    def __str__(self) -> str:
        return f"row {self.row}: {self.problem}"
