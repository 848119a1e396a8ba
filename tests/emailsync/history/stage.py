"""Where a history is played: the mailboxes of the emulated world, the CRM, and what both really hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Duplicates, ExcludedSender, Membership, Tenant
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails.models import Decision, Email, Link, Source
from emailsync.models import Mailbox, Run
from exclusions.models import Exclusion
from tests.conftest import Northwind
from tests.emailsync.conftest import Crm, World
from tests.emailsync.history.model import Box, Message, Person, Place, Rules, Word, read

OF_RULES = frozenset({"no-contact", "own-only", "excluded-sender", "excluded"})
PAST = timedelta(seconds=1)


@dataclass
class Stage:
    """``boxes`` are in the order in which they were connected; truth is read anew only after something happened."""

    world: World
    crm: Crm
    cast: Northwind
    boxes: list[tuple[Box, Mailbox]] = field(default_factory=list)
    _truth: dict[str, list[Message]] = field(default_factory=dict)

    @property
    def tenant_id(self) -> int:
        return self.cast.tenant.pk

    @property
    def members(self) -> dict[str, Membership]:
        return {one.user.email: one for one in (self.cast.alice, self.cast.bob)}

    def add(self, mailbox: Mailbox) -> None:
        """A mailbox that was connected just now."""
        found = self.crm.mailbox(mailbox)
        box = Box(found.address, found.provider, found.address, found.wanted_since)
        self.boxes.append((box, mailbox))

    # --- The world ---

    def happened(self) -> None:
        """Something changed in the world."""
        self._truth.clear()

    def truth(self, box: Box) -> list[Message]:
        """What lies in a mailbox, oldest first."""
        if box.address not in self._truth:
            self._truth[box.address] = [read(each, box.provider) for each in self.world.truth(box.address)]
        return self._truth[box.address]

    def deliver(self, raw: bytes, sender: str) -> None:
        """From anybody to everybody named, with the sender's copy in Sent."""
        self.world.http.post("deliver", content=raw, params={"sender": sender}).raise_for_status()
        self.happened()

    def act(self, route: str, **body: Any) -> None:
        self.world.post(route, **body)
        self.happened()

    # --- What the rules go by ---

    def rules(self) -> Rules:
        """As contacts, exclusions and settings stand now."""
        with tenant_scope(self.tenant_id):
            contacts = Contact.objects.filter(deleted_at=None).prefetch_related("addresses", "owner__user")
            people = tuple(_person(contact) for contact in contacts.order_by("created_at", "id"))
            now = timezone.now()
            entries = Exclusion.objects.values_list("value", "ends_at")
            excluded = frozenset(value for value, ends_at in entries if ends_at is None or ends_at > now)
            tenant = Tenant.objects.get(pk=self.tenant_id)
        return Rules(
            people=people,
            own=frozenset({"alice@northwind.example", "ada@northwind.example", "bob@northwind.example"}),
            excluded=excluded,
            first_only=tenant.duplicates == Duplicates.FIRST,
            keeps_others=tenant.excluded_sender == ExcludedSender.OTHERS,
        )

    # --- What the product holds ---

    def word(self, address: str, key: str) -> Word:
        """What was decided of a copy."""
        with tenant_scope(self.tenant_id):
            found = Decision.objects.filter(door__address=address, key=key).first()
        if found is None or (found.outcome == "skipped" and found.reason not in OF_RULES):
            return ""
        return "skipped" if found.outcome == "skipped" else "stored"

    def order(self, message_id: str) -> list[str]:
        """Which mailboxes saw an email, the first first."""
        with tenant_scope(self.tenant_id):
            found = Source.objects.filter(email__message_id=message_id).order_by("id")
            return list(found.values_list("door__address", flat=True))

    def sightings(self) -> set[Place]:
        with tenant_scope(self.tenant_id):
            return set(Source.objects.values_list("door__address", "key"))

    def decisions(self) -> dict[Place, tuple[str, str | None]]:
        """By copy: the outcome, and the Message-ID of its email."""
        with tenant_scope(self.tenant_id):
            rows = Decision.objects.values_list("door__address", "key", "outcome", "email__message_id")
            return {(address, key): (outcome, message_id) for address, key, outcome, message_id in rows}

    def unlinked(self) -> list[str]:
        """Emails that are there for nobody."""
        with tenant_scope(self.tenant_id):
            live = Link.objects.filter(email=OuterRef("pk"), removed_at=None)
            found = Email.objects.filter(~Exists(live), deleted_at=None)
            return list(found.values_list("message_id", flat=True))

    # --- Time ---

    def leases_run_out(self) -> None:
        """Three minutes after a worker was killed."""
        past = timezone.now() - PAST
        with tenant_scope(self.tenant_id):
            Mailbox.objects.filter(lease_until__isnull=False).update(lease_until=past)
            Run.objects.filter(lease_until__isnull=False).update(lease_until=past)

    def unquiet(self) -> list[str]:
        """What is not done, though all was tried."""
        now = timezone.now()
        with tenant_scope(self.tenant_id):
            runs = Run.objects.exclude(state__in=[Run.State.DONE, Run.State.CANCELLED]).exclude(kind=Run.Kind.RETRY)
            found = [f"{run.kind} {run.state}: {run.problem}" for run in runs]
            for mailbox in Mailbox.objects.all():
                is_due = mailbox.next_poll_at is None or mailbox.next_poll_at <= now
                if is_due or mailbox.problem or mailbox.lease_until or mailbox.state != Mailbox.State.ACTIVE:
                    found.append(f"{mailbox.address} {mailbox.state}: {mailbox.problem} {mailbox.problem_detail}")
        return found


def _person(contact: Contact) -> Person:
    addresses = frozenset(address.email for address in contact.addresses.all())
    return Person(contact.pk, addresses, contact.owner.user.email if contact.is_private and contact.owner else "")
