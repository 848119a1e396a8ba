"""Readers of emailsync: what is due, across tenants; and mailboxes with their runs, for their owners."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import Membership
from contacts import queries as contacts
from contacts.models import Address
from crm.lib.compiled import compiled
from crm.lib.tenancy import system_scope
from emails.models import Decision
from emailsync.models import ChangedContacts, Mailbox, Run
from exclusions.models import Exclusion, acting
from intake.knowledge import excluded_among, own_addresses

State = Mailbox.State
#: What one look for due work may find; the rest is found by the next.
MOST_DUE = 500
#: Exclusions that are named to a provider.
MOST_NAMED = 100

# --- Across tenants: what is due ----------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """Work for one mailbox (or run), by ids alone."""

    tenant_id: int
    id: int
    state: str = ""
    is_preview: bool = False


def due_mailboxes(column: str) -> list[Due]:
    """The mailboxes whose ``column`` (``next_poll_at`` and its like) has come, longest waiting first."""
    with system_scope():
        found = Mailbox.objects.filter(_is_free(), **{f"{column}__lte": timezone.now()}).order_by(column)
        if column != "next_poll_at":
            # A mailbox that has stopped has no chores; they are due when it goes on.
            found = found.filter(state=State.ACTIVE)
        return [Due(*row) for row in found.values_list("tenant_id", "pk", "state")[:MOST_DUE]]


def due_runs() -> list[Due]:
    """The runs that want to go on, and whose mailboxes let them."""
    walking = Q(mailbox__state=State.ACTIVE) & ~Q(kind=Run.Kind.PREVIEW)
    counting = Q(mailbox__state=State.WAITING, kind=Run.Kind.PREVIEW)
    with system_scope():
        found = Run.objects.filter(
            _is_free(), _may_sync("mailbox__member__"), walking | counting, next_at__lte=timezone.now()
        )
        rows = found.order_by("next_at").values_list("tenant_id", "pk", "state", "kind")[:MOST_DUE]
        return [Due(tenant, pk, state, kind == Run.Kind.PREVIEW) for tenant, pk, state, kind in rows]


def tenants_with_changes() -> list[int]:
    """The tenants with contacts whose mail has to be looked for."""
    with system_scope():
        return list(
            ChangedContacts.objects.order_by("tenant_id").values_list("tenant_id", flat=True).distinct()[:MOST_DUE]
        )


def mailboxes_without_right() -> list[Due]:
    """Mailboxes that are synced though their member may not any more (R23), or was deactivated."""
    with system_scope():
        going = Mailbox.objects.filter(mode=Mailbox.Mode.FULL, state__in=(State.ACTIVE, State.FAILED))
        found = going.exclude(_may_sync("member__"))
        return [Due(*row) for row in found.values_list("tenant_id", "pk", "state")[:MOST_DUE]]


def mailboxes_with_right_again() -> list[Due]:
    """Mailboxes that wait for their member's right alone, and have it again."""
    with system_scope():
        found = Mailbox.objects.filter(
            _may_sync("member__"), mode=Mailbox.Mode.FULL, state=State.DISABLED, problem_detail=RIGHT_GONE
        )
        return [Due(*row) for row in found.values_list("tenant_id", "pk", "state")[:MOST_DUE]]


def pushed_mailboxes(*, address: str = "", watch_ids: Collection[str] = ()) -> list[Mailbox]:
    """Whom a push is about: by Gmail's address, or by Graph's subscriptions; of any tenant. One query."""
    if not address and not watch_ids:
        return []
    with system_scope():
        found = Mailbox.objects.filter(disconnected_at=None, mode=Mailbox.Mode.FULL)
        if address:
            return list(found.filter(provider="gmail", address=address))
        return list(found.filter(provider="graph", watch_id__in=sorted(set(watch_ids) - {""})))


def mailboxes_named(email: str, user_id: int | None) -> list[Due]:
    """The connected mailboxes with this address, or of the person with this id; of any tenant."""
    with system_scope():
        found = Mailbox.objects.filter(Q(address=email.strip().lower()) | Q(member__user=user_id), disconnected_at=None)
        return [Due(*row) for row in found.order_by("pk").values_list("tenant_id", "pk", "state")]


def is_connected_elsewhere(mailbox: Mailbox) -> bool:
    """Whether another row, of any tenant, holds a grant of the same person at the same provider."""
    with system_scope():
        others = Mailbox.objects.filter(provider=mailbox.provider, address=mailbox.address, disconnected_at=None)
        return others.exclude(pk=mailbox.pk).exists()


#: What a mailbox says whose member lost the right to full sync.
RIGHT_GONE = "An admin of the account has switched off full sync for this member."


def _may_sync(path: str) -> Q:
    return Q(**{f"{path}can_full_sync": True, f"{path}deactivated_at": None})


def _is_free() -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=timezone.now())


# --- For the engine, within a scope -------------------------------------------------------------


def mailbox_of_run(run: Run) -> Mailbox:
    """A run's mailbox, with the member whose eyes it reads with."""
    return Mailbox.objects.select_related("member").get(pk=run.mailbox_id)


def preview_of(mailbox: Mailbox) -> Run | None:
    """A mailbox's newest preview."""
    return Run.objects.filter(mailbox=mailbox, kind=Run.Kind.PREVIEW).order_by("-created_at", "-pk").first()


def mailbox_for_chores(mailbox_id: int) -> Mailbox | None:
    """A mailbox that is connected and synced, for what is done beside reading; else None."""
    return (
        Mailbox.objects.filter(pk=mailbox_id, state=State.ACTIVE, mode=Mailbox.Mode.FULL)
        .select_related("member")
        .first()
    )


def synced_mailboxes() -> QuerySet[Mailbox]:
    """The mailboxes of the tenant in scope whose history is looked at (E5); those that wait for something, later."""
    return Mailbox.objects.filter(mode=Mailbox.Mode.FULL, since__isnull=False, disconnected_at=None).select_related(
        "member"
    )


def searchable_addresses(
    member: Membership, contact_ids: Iterable[int] | None = None, *, among: Collection[str] | None = None
) -> list[str]:
    """The addresses to look for in a member's mailbox (E4): those of contacts they see, of some or of all.

    Own addresses (R3) and excluded ones (R9) are left out: mail that names no other concerns nobody.
    """
    found = Address.objects.filter(contact__in=contacts.visible_contacts(member))
    if contact_ids is not None:
        found = found.filter(contact__in=list(contact_ids))
    if among is not None:
        found = found.filter(email__in=among)
    emails = set(found.values_list("email", flat=True)) - own_addresses()
    return sorted(emails - excluded_among(emails))


def looked_for(contact_ids: Collection[int]) -> set[int]:
    """Those of these contacts whose mail some mailbox is walked for now; wishes that wait are taken up together."""
    addresses = list(Address.objects.filter(contact__in=contact_ids).values_list("contact_id", "email"))
    going = Run.objects.filter(kind=Run.Kind.MATCH, state=Run.State.RUNNING, mailbox__state=State.ACTIVE)
    walked = going.filter(addresses__has_any_keys=sorted({email for _, email in addresses}))
    named = {email for emails in walked.values_list("addresses", flat=True) for email in emails}
    return {contact_id for contact_id, email in addresses if email in named}


def excluded_values() -> list[str] | None:
    """What `providers.base.Search` wants to know of exclusions: addresses, and domains with ``@`` in front.

    None where they are more than any provider's query could name: then they are not even read.
    """
    found = list(Exclusion.objects.filter(acting()).values_list("kind", "value").distinct()[: MOST_NAMED + 1])
    if len(found) > MOST_NAMED:
        return None
    return sorted(f"@{value}" if kind == Exclusion.Kind.DOMAIN else value for kind, value in found)


def is_excluded_since(moment: datetime) -> bool:
    """Whether somebody has excluded anything since."""
    return Exclusion.objects.filter(created_at__gte=moment).exists()


def excluded_count() -> int:
    """How many addresses and domains are excluded."""
    return Exclusion.objects.filter(acting()).values("value").distinct().count()


def due_failures(mailbox: Mailbox) -> list[str]:
    """The provider ids of messages that failed and are due once more."""
    found = _failures(mailbox).filter(next_attempt_at__lte=timezone.now()).order_by("next_attempt_at")
    return list(found.values_list("key", flat=True)[:100])


def next_failure_at(mailbox: Mailbox) -> datetime | None:
    """When the next failed message is due, None when none is."""
    return _failures(mailbox).order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()


def _failures(mailbox: Mailbox) -> QuerySet[Decision]:
    return Decision.objects.filter(door=mailbox.door_id, outcome=Decision.Outcome.FAILED, next_attempt_at__isnull=False)


@dataclass(frozen=True)
class TroubleLetter:
    """All that the mail to a mailbox's owner says."""

    email: str
    name: str
    address: str
    account: str
    problem: str
    needs_reconnect: bool

    @property
    def subject(self) -> str:
        # A header has one line (S3).
        return " ".join(f"{self.address} has stopped syncing".split())


def trouble_letter(mailbox_id: int) -> TroubleLetter | None:
    """The letter about a mailbox that stopped, or None when it goes on already."""
    stopped = Mailbox.objects.filter(pk=mailbox_id, state__in=(State.RECONNECT, State.DISABLED))
    mailbox = stopped.select_related("member__user", "tenant").first()
    if mailbox is None:
        return None
    return TroubleLetter(
        email=mailbox.member.user.email,
        name=str(mailbox.member),
        address=mailbox.address,
        account=str(mailbox.tenant),
        problem=mailbox.problem_detail,
        needs_reconnect=mailbox.state == State.RECONNECT,
    )


# --- For their owners ---------------------------------------------------------------------------


def mailboxes_of(member: Membership) -> QuerySet[Mailbox]:
    """A member's mailboxes that are not disconnected, oldest first, with their doors."""
    found = Mailbox.objects.filter(member=member, disconnected_at=None)
    return found.select_related("door").order_by("connected_at", "id")


#: For the pages that say how they all do.
list_mailboxes = compiled(mailboxes_of)


def get_mailbox(member: Membership, mailbox_id: int) -> Mailbox:
    """One of the member's own mailboxes, or 404."""
    return get_object_or_404(mailboxes_of(member), pk=mailbox_id)


def state_sentence(mailbox_id: int) -> str:
    """One line for an operator: the mailbox, its state, and what came through its door so far."""
    mailbox = Mailbox.objects.get(pk=mailbox_id)
    outcomes = Decision.objects.filter(door=mailbox.door_id).values_list("outcome").order_by("outcome")
    counts = outcomes.annotate(number=Count("pk"))
    sums = ", ".join(f"{number} {Decision.Outcome(outcome).label.lower()}" for outcome, number in counts)
    problem = f"; {mailbox.problem}: {mailbox.problem_detail}" if mailbox.problem else ""
    return f"{mailbox.address}: {mailbox.get_state_display().lower()}{problem}; {sums or 'nothing seen yet'}"


def has_mailbox(member: Membership) -> bool:
    return mailboxes_of(member).exists()
