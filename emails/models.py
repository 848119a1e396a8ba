"""Emails as they are stored: one a tenant, however many mailboxes saw it (R6), with who saw it and whom it concerns.

Foreign keys here have no index of their own where one that begins with the tenant serves: rows are written by the
page, and each index is a fifth of what writing one costs.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Membership
from contacts.models import Contact
from crm.lib.tenancy import TenantForeignKey, TenantModel
from mailkit.addresses import LONGEST

SUBJECT_LENGTH = 998
NAME_LENGTH = 200
SNIPPET_LENGTH = 200
#: What stands for a subject where there is none.
NO_SUBJECT = "(no subject)"


class Visibility(models.IntegerChoices):
    """What colleagues who see the contact see of an email (R37): the more, the greater."""

    ONLY_ME = 0, "Only me"
    SUBJECT = 1, "Subject only"
    EVERYONE = 2, "Everyone"


class Door(TenantModel):
    """A way by which one member's mail comes in. What came through it says so for ever, open or closed."""

    class Kind(models.TextChoices):
        GMAIL = "gmail", "Gmail"
        GRAPH = "graph", "Microsoft 365"
        IMPORT = "import", "Import"
        CAPTURE = "capture", "Capture address"
        COMPOSE = "compose", "Sent from Postroom"

    member = TenantForeignKey(Membership, models.CASCADE, related_name="doors")
    kind = models.CharField(max_length=7, choices=Kind)
    #: The mailbox's address, normalised; for the other kinds the member's log-in address.
    address = models.CharField(max_length=LONGEST)
    #: Other addresses that reach the mailbox, or that it sends as: own addresses too (R3).
    aliases = ArrayField(models.CharField(max_length=LONGEST), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    #: While it is open, its addresses are the account's own (R3).
    closed_at = models.DateTimeField(null=True, editable=False)
    #: Of the mail that came through it, where its member has said nothing else for a contact or a thread.
    visibility = models.PositiveSmallIntegerField(choices=Visibility, default=Visibility.EVERYONE)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "member", "kind", "address"], name="door_once_a_member")
        ]
        indexes: ClassVar = [models.Index("tenant", condition=Q(closed_at=None), name="door_open")]

    def __str__(self) -> str:
        return self.address


class Thread(TenantModel):
    """A conversation across all mailboxes of the tenant."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    #: How often others turned out to be part of it: what was said of it before was not said of the whole.
    joins = models.PositiveIntegerField(db_default=0, editable=False)

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return f"thread {self.pk}"


class ThreadKey(TenantModel):
    """A Message-ID that belongs to a thread, of a message that is stored or that one of them only refers to."""

    thread = TenantForeignKey(Thread, models.CASCADE, related_name="keys", db_index=False)
    #: Digest of the Message-ID.
    key = models.CharField(max_length=32)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "key"], name="thread_key_once")]
        indexes: ClassVar = [models.Index("tenant", "thread", name="thread_keys")]

    def __str__(self) -> str:
        return self.key


class Email(TenantModel):
    """One message. What could not be kept of it is empty, and ``problem`` says why."""

    class Direction(models.TextChoices):
        INCOMING = "in", "Incoming"
        OUTGOING = "out", "Outgoing"

    #: As `mailkit.fingerprint` makes it.
    fingerprint = models.CharField(max_length=32)
    message_id = models.TextField(blank=True)
    thread = TenantForeignKey(Thread, models.PROTECT, related_name="emails", db_index=False)
    direction = models.CharField(max_length=3, choices=Direction)
    from_address = models.CharField(max_length=LONGEST, blank=True)
    from_name = models.CharField(max_length=NAME_LENGTH, blank=True)
    subject = models.CharField(max_length=SUBJECT_LENGTH, blank=True)
    sent_at = models.DateTimeField()
    snippet = models.CharField(max_length=SNIPPET_LENGTH, blank=True)
    text = models.TextField(blank=True)
    #: In bytes, as the message came.
    size = models.PositiveIntegerField()
    has_html = models.BooleanField(default=False)
    has_attachments = models.BooleanField(default=False)
    #: Sent from here with a picture that tells when it is opened (R34), and what that has told.
    is_tracked = models.BooleanField(db_default=False)
    opens = models.PositiveIntegerField(db_default=0)
    first_opened_at = models.DateTimeField(null=True)
    last_opened_at = models.DateTimeField(null=True)
    #: Carries a quote (R35).
    has_quote = models.BooleanField(db_default=False)
    #: SHA-256 of the original, by which `emails.originals` keeps it; empty where it is not kept.
    original = models.CharField(max_length=64, blank=True)
    #: Why only the headers are here: ``too-large``, or the reason of a `mailkit.message.Failed`.
    problem = models.CharField(max_length=40, blank=True)
    #: Its words, quoted history left out: of the subject (weight A), of who sent it (B) and got it (C), the rest (D).
    search = SearchVectorField(editable=False)
    stored_at = models.DateTimeField(default=timezone.now, editable=False)
    #: Deleted by a user: the row stays as a tombstone, so that no mailbox brings it back (R18).
    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "fingerprint"], name="email_once")]
        indexes: ClassVar = [
            models.Index(
                "tenant", F("sent_at").desc(), F("id").desc(), condition=Q(deleted_at=None), name="email_newest"
            ),
            models.Index(
                "tenant",
                F("sent_at").desc(),
                F("id").desc(),
                condition=Q(deleted_at=None, is_tracked=True),
                name="email_tracked",
            ),
            models.Index(
                "tenant",
                F("sent_at").desc(),
                F("id").desc(),
                condition=Q(deleted_at=None, has_quote=True),
                name="email_quotes",
            ),
            models.Index("tenant", "thread", "sent_at", name="email_by_thread"),
            # With the tenant in it: a word that all the tenants use must not cost each of them what it costs all.
            GinIndex("tenant", "search", name="email_search"),
        ]

    def __str__(self) -> str:
        return self.subject or NO_SUBJECT


class Party(TenantModel):
    """An address in From, To, Cc or Bcc of an email. Bcc is no party (R1), and shown to the sender alone."""

    class Role(models.TextChoices):
        FROM = "from", "From"
        TO = "to", "To"
        CC = "cc", "Cc"
        BCC = "bcc", "Bcc"

    email = TenantForeignKey(Email, models.CASCADE, related_name="parties", db_index=False)
    role = models.CharField(max_length=4, choices=Role)
    #: Normalised (R2); empty where the header names somebody without an address.
    address = models.CharField(max_length=LONGEST, blank=True)
    name = models.CharField(max_length=NAME_LENGTH, blank=True)
    position = models.PositiveIntegerField()

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "email", "position"], name="party_once_a_place")
        ]
        indexes: ClassVar = [models.Index("tenant", "address", "email", condition=~Q(address=""), name="party_address")]

    def __str__(self) -> str:
        return self.name or self.address


class Attachment(TenantModel):
    """A file in an email; its content is read from the original by ``position``."""

    email = TenantForeignKey(Email, models.CASCADE, related_name="attachments", db_index=False)
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=127)
    size = models.PositiveIntegerField()
    content_id = models.CharField(max_length=255, blank=True)
    is_inline = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "email", "position"], name="attachment_once_a_place")
        ]

    def __str__(self) -> str:
        return self.name


class Source(TenantModel):
    """One sighting of an email: a mailbox's copy, an import, a capture, a send (R6)."""

    email = TenantForeignKey(Email, models.CASCADE, related_name="sources", db_index=False)
    door = TenantForeignKey(Door, models.CASCADE, related_name="sources", db_index=False)
    #: The message's id there: the provider's, or a digest of the bytes.
    key = models.CharField(max_length=255)
    thread_key = models.CharField(max_length=255, blank=True)
    labels = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    seen_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "door", "key"], name="source_once")]
        indexes: ClassVar = [models.Index("tenant", "email", "door", name="source_by_email")]

    def __str__(self) -> str:
        return self.key


class Link(TenantModel):
    """An email stored against a contact. A removed link is kept, so that sync does not make it again (R18)."""

    class By(models.TextChoices):
        AUTO = "auto", "By itself"
        USER = "user", "By a user"

    email = TenantForeignKey(Email, models.CASCADE, related_name="links", db_index=False)
    contact = TenantForeignKey(Contact, models.CASCADE, related_name="links", db_index=False)
    by = models.CharField(max_length=4, choices=By, default=By.AUTO)
    stored_by = TenantForeignKey(Membership, models.SET_NULL, null=True, related_name="+", db_index=False)
    stored_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)
    removed_by = TenantForeignKey(Membership, models.SET_NULL, null=True, related_name="+", db_index=False)
    #: The email's, so that a timeline is one walk along one index.
    sent_at = models.DateTimeField()
    #: The contact that had it before the two were merged, so that merging can be taken back.
    merged_from = TenantForeignKey(Contact, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "email", "contact"], name="link_once")]
        indexes: ClassVar = [
            models.Index(
                "tenant",
                "contact",
                F("sent_at").desc(),
                F("email").desc(),
                condition=Q(removed_at=None),
                name="link_timeline",
            ),
            models.Index("tenant", "merged_from", condition=Q(merged_from__isnull=False), name="link_merged"),
            # Few, but they follow their contact when it is merged, or what was removed would come back (R18).
            models.Index("tenant", "contact", condition=Q(removed_at__isnull=False), name="link_removed"),
        ]

    def __str__(self) -> str:
        return f"email {self.email_id} for contact {self.contact_id}"


class Privacy(TenantModel):
    """What a member has said of their mail with one contact, or in one thread (R37).

    For an email, what was said of its thread goes before the strictest that holds for one of its contacts: what was
    said of that one, or else of the mailbox.
    """

    member = TenantForeignKey(Membership, models.CASCADE, related_name="privacies", db_index=False)
    contact = TenantForeignKey(Contact, models.CASCADE, null=True, related_name="privacies", db_index=False)
    thread = TenantForeignKey(Thread, models.CASCADE, null=True, related_name="privacies", db_index=False)
    visibility = models.PositiveSmallIntegerField(choices=Visibility)
    set_at = models.DateTimeField(default=timezone.now, editable=False)
    #: Of a contact: the addresses that it has, or has had since. Where it hides, so it does for what names one of them.
    addresses = ArrayField(models.CharField(max_length=LONGEST), default=list, db_default=[], blank=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(contact__isnull=True, thread__isnull=False) | Q(contact__isnull=False, thread__isnull=True),
                name="privacy_of_one",
            ),
            models.UniqueConstraint(
                fields=["tenant", "contact", "member"], condition=Q(contact__isnull=False), name="privacy_of_contact"
            ),
            models.UniqueConstraint(
                fields=["tenant", "thread", "member"], condition=Q(thread__isnull=False), name="privacy_of_thread"
            ),
        ]

    def __str__(self) -> str:
        return self.get_visibility_display()


class Access(TenantModel):
    """A member asks a colleague to read a thread of which they see the subjects alone, and the answer (R37)."""

    thread = TenantForeignKey(Thread, models.CASCADE, related_name="accesses", db_index=False)
    #: Who wants to read.
    asker = TenantForeignKey(Membership, models.CASCADE, related_name="+", db_index=False)
    #: Whose mail it is.
    owner = TenantForeignKey(Membership, models.CASCADE, related_name="+", db_index=False)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    #: None while nobody has answered.
    is_granted = models.BooleanField(null=True)
    answered_at = models.DateTimeField(null=True, editable=False)
    #: When its asker has put the answer away, or need not be told of it.
    told_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "thread", "asker", "owner"], name="access_asked_once")
        ]
        indexes: ClassVar = [
            models.Index("tenant", "owner", "asked_at", condition=Q(is_granted=None), name="access_waiting"),
            models.Index(
                "tenant", "asker", condition=Q(is_granted__isnull=False, told_at=None), name="access_answered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asker} asks {self.owner}"


class Decision(TenantModel):
    """What was done with one message seen through one door, and why (R43): one row for every message seen.

    Of a message that is not stored it keeps no words and no addresses: digests under a key of our own answer
    "was it seen?" to who knows the address or the Message-ID, and tell nothing to who does not.
    """

    class Outcome(models.TextChoices):
        STORED = "stored", "Stored"
        DUPLICATE = "duplicate", "Stored already"
        SKIPPED = "skipped", "Not stored"
        FAILED = "failed", "Failed"
        TOMBSTONE = "tombstone", "Deleted by a user"

    door = TenantForeignKey(Door, models.CASCADE, related_name="decisions", db_index=False)
    key = models.CharField(max_length=255)
    outcome = models.CharField(max_length=9, choices=Outcome)
    #: For those that were not stored: a value of `intake.verdict.Reason`, or of a failure.
    reason = models.CharField(max_length=40, blank=True)
    #: What a failure said, for the error log; no words of the message.
    detail = models.CharField(max_length=500, blank=True)
    email = TenantForeignKey(Email, models.SET_NULL, null=True, related_name="decisions", db_index=False)
    message_digest = models.CharField(max_length=32, blank=True)
    party_digests = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    received_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=1)
    #: When a failed one is tried again; None where it never is.
    next_attempt_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "door", "key"], name="decision_once")]
        indexes: ClassVar = [
            models.Index(
                "tenant", "door", "next_attempt_at", condition=Q(next_attempt_at__isnull=False), name="decision_again"
            ),
            models.Index("tenant", "message_digest", condition=~Q(message_digest=""), name="decision_by_message"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome}:{self.reason}" if self.reason else self.outcome
