"""What people do in the CRM: contacts, exclusions, settings, and emails that they take away; the model hears of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TypeVar

from django.utils import timezone

from accounts import operations as accounts
from accounts import undo
from accounts.models import Duplicates, ExcludedSender, Membership, Undo
from contacts import operations as contacts
from contacts import queries
from contacts.data import ContactData
from contacts.filters import Selection
from contacts.models import Contact
from crm.lib.tenancy import tenant_scope
from emails import operations as emails
from emails.models import Email, Link
from emails.queries import visible_emails
from exclusions import operations as exclusions
from exclusions.models import Exclusion
from tests.emailsync.history.model import Box, Message, Model
from tests.emailsync.history.outside_acts import OUTSIDE, TEAM
from tests.emailsync.history.stage import Stage
from tests.emailsync.labels import Labels

Row = TypeVar("Row")
DOMAINS = ("atelier-lyon.example", "fjord.example", "contoso.example")


class InsideActs:
    """Each method is a step at a moment when everything was synced; it answers what it did, for the diary."""

    def __init__(self, stage: Stage, rng: Random, model: Model) -> None:
        self.stage = stage
        self.rng = rng
        self.model = model
        self._undoes: list[tuple[Undo, Callable[[], None]]] = []

    # --- Contacts ---

    def add_contact(self) -> str:
        addresses = tuple(self.rng.sample((*OUTSIDE, *TEAM[2:]), self.rng.choice([1, 1, 1, 2, 3])))
        owner = self.rng.choice(self._members()) if self.rng.random() < 0.2 else None
        actor = owner or self._members()[0]
        data = ContactData(
            last_name=addresses[0],
            emails=addresses,
            is_private=owner is not None,
            owner_id=owner.pk if owner else None,
        )
        with tenant_scope(self.stage.tenant_id):
            contact = contacts.create_contact(actor=actor, data=data)
        self._changed(contact)
        return f"add contact {contact.pk} {' '.join(addresses)}{f' of {owner.user.email}' if owner else ''}"

    def change_addresses(self) -> str:
        with tenant_scope(self.stage.tenant_id):
            contact = self._contact()
            if contact is None:
                return "no contact to change"
            data = queries.data_of(contact)
            left = [one for one in data.emails if self.rng.random() < 0.6]
            emails_ = tuple(dict.fromkeys([*left, self.rng.choice(OUTSIDE)]))
            contacts.update_contact(actor=self._sees(contact), contact=contact, data=replace(data, emails=emails_))
        if set(emails_) != set(data.emails) or emails_ != data.emails:
            self._changed(contact)
        return f"change contact {contact.pk} to {' '.join(emails_)}"

    def merge(self) -> str:
        with tenant_scope(self.stage.tenant_id):
            found = list(Contact.objects.filter(deleted_at=None, is_private=False).order_by("id"))
            if len(found) < 2:
                return "too few to merge"
            into, other = self.rng.sample(found, 2)
            done = contacts.merge_contacts(actor=self._members()[0], into=into, others=[other])
        self.model.merge(into.pk, [other.pk])
        self._changed(into, other)
        self._offer(done.undo, lambda: self._part(into, other))
        return f"merge {other.pk} into {into.pk}"

    def _part(self, into: Contact, other: Contact) -> None:
        self.model.part([other.pk])
        self._changed(into, other)

    def delete_contact(self) -> str:
        with tenant_scope(self.stage.tenant_id):
            contact = self._contact()
            if contact is None:
                return "no contact to delete"
            done = contacts.delete_contacts(actor=self._sees(contact), selection=Selection(ids=(contact.pk,)))
        self._changed(contact)
        self._offer(done.undo, lambda: self._changed(contact))
        return f"delete contact {contact.pk}"

    def undo(self) -> str:
        """Takes the last thing back that can be taken back."""
        if not self._undoes:
            return "nothing to undo"
        offered, then = self._undoes.pop()
        try:
            with tenant_scope(self.stage.tenant_id):
                undo.carry_out(Undo.objects.select_related("membership").get(pk=offered.pk))
        except undo.UnableToUndo as error:
            return f"cannot undo {offered.kind}: {error}"
        then()
        return f"undo {offered.kind}"

    # --- Rules ---

    def exclude(self) -> str:
        value = self.rng.choice((*OUTSIDE, *DOMAINS))
        with tenant_scope(self.stage.tenant_id):
            exclusions.exclude(actor=self.rng.choice(self._members()), value=value)
        return f"exclude {value}"

    def include(self) -> str:
        with tenant_scope(self.stage.tenant_id):
            exclusion = self._one(list(Exclusion.objects.order_by("id")))
            if exclusion is None:
                return "nothing to include"
            value = exclusion.value
            exclusions.include(actor=self._members()[0], exclusion=exclusion)
        return f"include {value}"

    def end_exclusion(self) -> str:
        """Its time is over."""
        with tenant_scope(self.stage.tenant_id):
            exclusion = self._one(list(Exclusion.objects.filter(ends_at=None).order_by("id")))
            if exclusion is None:
                return "nothing to end"
            exclusion.ends_at = timezone.now() - timedelta(seconds=1)
            exclusion.save()
        return f"end of {exclusion.value}"

    def change_settings(self) -> str:
        duplicates = self.rng.choice(list(Duplicates))
        excluded_sender = self.rng.choice(list(ExcludedSender))
        with tenant_scope(self.stage.tenant_id):
            accounts.set_mail_rules(actor=self._members()[0], duplicates=duplicates, excluded_sender=excluded_sender)
        return f"duplicates {duplicates}, excluded senders {excluded_sender}"

    # --- Emails ---

    def delete_email(self) -> str:
        found = self._link()
        if found is None:
            return "no email to delete"
        email, _, actor = found
        with tenant_scope(self.stage.tenant_id):
            done = emails.delete_emails(actor=actor, ids=[email.pk])
        self.model.delete(email.message_id)
        self._offer(done.undo, lambda: self.model.restore(email.message_id))
        return f"delete email {email.message_id}"

    def unstore_email(self) -> str:
        found = self._link()
        if found is None:
            return "no email to take off"
        email, contact, actor = found
        with tenant_scope(self.stage.tenant_id):
            emails.unstore(actor=actor, email=email, contact=contact)
        self.model.unstore(email.message_id, contact.pk)
        return f"take {email.message_id} off {contact.pk}"

    def store_email(self) -> str:
        found = self._link()
        with tenant_scope(self.stage.tenant_id):
            target = self._contact(is_private=False)
            if found is None or target is None:
                return "no email to store"
            email, _, actor = found
            emails.store(actor=actor, email=email, contact=target)
        self.model.store(email.message_id, target.pk)
        return f"store {email.message_id} for {target.pk}"

    def move_email(self) -> str:
        found = self._link()
        with tenant_scope(self.stage.tenant_id):
            target = self._contact(is_private=False)
            if found is None or target is None or target.pk == found[1].pk:
                return "no email to move"
            email, source, actor = found
            emails.move(actor=actor, email=email, source=source, target=target)
        self.model.move(email.message_id, source.pk, target.pk)
        return f"move {email.message_id} from {source.pk} to {target.pk}"

    # --- The label that keeps out ---

    def keep_out(self) -> str:
        """Put on something that is stored, by its mailbox's owner."""
        found = self._copy(lambda box, one: one.is_mail and self._is_stored(box, one))
        if found is None:
            return "nothing to keep out"
        box, message = found
        Labels(self.stage.world).put(box.address, box.provider, message.key)
        self.stage.happened()
        with tenant_scope(self.stage.tenant_id):
            owned = Contact.objects.filter(is_private=True, owner__user__email=box.member)
            private = set(owned.values_list("pk", flat=True))
        self.model.keep_out(box, message, private)
        return f"keep {message.message_id} out of {box.address}"

    def let_in(self) -> str:
        """The label is taken off again."""
        found = self._copy(lambda _, one: one.is_kept_out)
        if found is None:
            return "nothing to let in"
        box, message = found
        Labels(self.stage.world).take_off(box.address, box.provider, message.key)
        self.stage.happened()
        return f"let {message.message_id} into {box.address}"

    def _copy(self, wanted: Callable[[Box, Message], bool]) -> tuple[Box, Message] | None:
        copies = [(box, one) for box, _ in self.stage.boxes for one in self.stage.truth(box)]
        return self._one([(box, one) for box, one in copies if wanted(box, one)])

    def _is_stored(self, box: Box, message: Message) -> bool:
        decision = self.model.decisions.get((box.address, message.key))
        letter = self.model.letters.get(message.letter)
        return decision is not None and decision.outcome == "stored" and letter is not None and not letter.is_deleted

    # --- Chance ---

    def _changed(self, *some: Contact) -> None:
        self.model.changed.update(contact.pk for contact in some)

    def _offer(self, offered: Undo | None, then: Callable[[], None]) -> None:
        assert offered is not None
        self._undoes.append((offered, then))

    def _members(self) -> list[Membership]:
        return list(self.stage.members.values())

    def _one(self, rows: list[Row]) -> Row | None:
        return self.rng.choice(rows) if rows else None

    def _contact(self, **wanted: object) -> Contact | None:
        return self._one(list(Contact.objects.filter(deleted_at=None, **wanted).order_by("id")))

    def _sees(self, contact: Contact) -> Membership:
        return contact.owner if contact.is_private and contact.owner else self._members()[0]

    def _link(self) -> tuple[Email, Contact, Membership] | None:
        """An email that is stored for a contact now, the contact, and a member who sees both."""
        with tenant_scope(self.stage.tenant_id):
            shown = Link.objects.filter(removed_at=None, email__deleted_at=None, contact__deleted_at=None)
            rows = shown.order_by("email_id", "contact_id").select_related("email", "contact__owner__user")
            link = self._one(list(rows))
            if link is None:
                return None
            actor = self._sees(link.contact)
            assert visible_emails(actor).filter(pk=link.email_id).exists()
            return link.email, link.contact, actor
