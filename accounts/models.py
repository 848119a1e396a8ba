"""Tenants, the people in them, and the traces they leave.

A user is a person and belongs to no tenant; everything that a tenant knows of a person hangs on
the membership. Other apps refer to people as memberships, so that the composite keys hold there too.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now

from crm.lib.tenancy import TenantForeignKey, TenantModel


class Duplicates(models.TextChoices):
    FIRST = "first", "The contact that was created first"
    ALL = "all", "Every contact with the address"


class ExcludedSender(models.TextChoices):
    NOBODY = "nobody", "For nobody"
    OTHERS = "others", "For the other contacts in it"


class Tenant(models.Model):
    """One customer company; the pages call it "account". Its row is seen in its own scope alone."""

    name = models.CharField(max_length=100)
    #: Whose timeline gets an email when several contacts have the address (R5).
    duplicates = models.CharField(max_length=5, choices=Duplicates, default=Duplicates.FIRST)
    #: For whom mail from an excluded address is stored (R8).
    excluded_sender = models.CharField(max_length=6, choices=ExcludedSender, default=ExcludedSender.NOBODY)
    created_at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes users by their email address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Saves a user with a normalised address; without a password they can only reset it."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class Theme(models.TextChoices):
    SYSTEM = "system", "As the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class User(AbstractBaseUser):
    """A person who logs in; their email address is their log-in name."""

    #: In lower case, as `mailkit.addresses` compares addresses (R2).
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=100)
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    timezone = models.CharField(max_length=64, default="UTC")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name that allauth's mails greet with."""
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"


class Membership(TenantModel):
    """A person's place in a tenant: their role, and the two rights that are given singly (R23, R38)."""

    system_readable = True

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role, default=Role.MEMBER)
    can_full_sync = models.BooleanField(default=True)
    can_see_activity = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now, editable=False)
    deactivated_at = models.DateTimeField(null=True, editable=False)
    #: When the person last worked in this tenant, to five minutes; what they do in others is not its business.
    last_seen_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once"),
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(role=Role.OWNER), name="membership_one_owner"
            ),
            models.CheckConstraint(
                condition=~models.Q(role=Role.OWNER, deactivated_at__isnull=False), name="membership_owner_active"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None


class Invitation(TenantModel):
    """An open door for one address; its key is signed, not stored (`queries.open_invitation`)."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=6, choices=Role, default=Role.MEMBER)
    can_full_sync = models.BooleanField(default=True)
    can_see_activity = models.BooleanField(default=True)
    invited_by = TenantForeignKey(Membership, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                "tenant", Lower("email"), condition=models.Q(accepted_at=None), name="invitation_open_once"
            )
        ]

    def __str__(self) -> str:
        return self.email


class TokenScope(models.TextChoices):
    READ = "read", "Read"
    WRITE = "write", "Read and write"


class ApiToken(TenantModel):
    """A key for programs; acts as its member, and only its digest is kept."""

    system_readable = True

    membership = TenantForeignKey(Membership, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    hint = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=5, choices=TokenScope, default=TokenScope.READ)
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return self.name


class AuditEntry(TenantModel):
    """Who did what, on what, when. Append-only: PostgreSQL has no policy that lets a row change."""

    at = models.DateTimeField(default=now, editable=False)
    actor = TenantForeignKey(Membership, models.DO_NOTHING, null=True, related_name="+")
    #: As it was then: the entry must still say who it was when the person is gone.
    actor_name = models.CharField(max_length=254)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.BigIntegerField(null=True)
    summary = models.CharField(max_length=300)
    details = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta(TenantModel.Meta):
        indexes: ClassVar = [
            models.Index("tenant", models.F("at").desc(), models.F("id").desc(), name="audit_newest"),
        ]

    def __str__(self) -> str:
        return self.summary


class Undo(TenantModel):
    """What one person can still take back: the kind says which operation, the payload with what."""

    membership = TenantForeignKey(Membership, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return self.label
