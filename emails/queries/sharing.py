"""What members have said of who sees their mail, and who waits for whose answer (R37), with the words for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import Membership
from contacts.models import Contact
from crm.lib.bulk import is_among, rows
from crm.lib.compiled import compiled
from emails.models import Access, Door, Email, Privacy, Source, Thread, Visibility
from emails.queries.seeing import in_full, visible_emails, visible_sources

#: As URLs, forms and the API say it.
WORDS: Final[Mapping[Visibility, str]] = {
    Visibility.EVERYONE: "everyone",
    Visibility.SUBJECT: "subject",
    Visibility.ONLY_ME: "only_me",
}
BY_WORD: Final = {word: visibility for visibility, word in WORDS.items()}
LABELS: Final[Mapping[Visibility, tuple[str, str]]] = {
    Visibility.EVERYONE: ("Everyone who sees the contact", "Colleagues read them in full."),
    Visibility.SUBJECT: ("Subject only", "Colleagues see subject, people and time, and can ask you for more."),
    Visibility.ONLY_ME: ("Only me", "Colleagues do not learn that they are here."),
}
#: After a refusal, before the same colleague can be asked again.
PATIENCE: Final = timedelta(days=7)
#: Items that the bell shows at once.
MOST_WAITING: Final = 20


@dataclass(frozen=True)
class Option:
    """One of the things that can be said; ``word`` is empty for saying nothing."""

    word: str
    label: str
    help: str
    is_on: bool


def options(said: Visibility | None, *, otherwise: str = "") -> list[Option]:
    """What can be said, the most open first; ``otherwise`` names what holds where nothing is said."""
    found = [Option(WORDS[one], *LABELS[one], one == said) for one in WORDS]
    return [Option("", otherwise, "", said is None), *found] if otherwise else found


def icon_of(said: Visibility | None) -> str:
    """Of heroicons: a lock where something is hidden."""
    return "lock-closed" if said is not None and said < Visibility.EVERYONE else "users"


def label_of(said: Visibility) -> str:
    """``subject only``: for the middle of a sentence."""
    label = LABELS[said][0]
    return label[0].lower() + label[1:]


# --- Doors --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DoorSharing:
    """One of a member's own doors, and who sees what came through it."""

    door: Door

    @property
    def options(self) -> list[Option]:
        return options(Visibility(self.door.visibility))

    @property
    def label(self) -> str:
        return LABELS[Visibility(self.door.visibility)][0]

    @property
    def icon(self) -> str:
        return icon_of(Visibility(self.door.visibility))


def doors_of(member: Membership) -> list[DoorSharing]:
    """A member's own doors, closed ones too: what came through them is here. The oldest first."""
    return [DoorSharing(door) for door in Door.objects.filter(member=member).order_by("pk")]


def get_door(member: Membership, door_id: int) -> Door:
    """One of the member's own doors, its row held, or 404: whatever their role, nobody opens another's mail."""
    return get_object_or_404(Door.objects.filter(member=member).select_for_update(no_key=True), pk=door_id)


# --- Contacts -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ContactSharing:
    """What a member has said of their mail with a contact; of those merged into it, what is stricter."""

    contact: Contact
    said: Visibility | None

    @property
    def options(self) -> list[Option]:
        return options(self.said, otherwise="As your mailbox says")

    @property
    def label(self) -> str:
        return "As your mailbox says" if self.said is None else LABELS[self.said][0]

    @property
    def icon(self) -> str:
        return icon_of(self.said)


def contact_sharing(member: Membership, contact: Contact) -> ContactSharing:
    """What the member has said of their mail with a contact that they can see. One query."""
    found = said_of_contact(member, contact.pk)
    merged = [said for one, said in found.items() if one != contact.pk and said < Visibility.EVERYONE]
    own = [found[contact.pk]] if contact.pk in found else []
    return ContactSharing(contact, min([*own, *merged], default=None))


def said_of_contact(member: Membership, contact_id: int) -> dict[int, Visibility]:
    """What the member has said of a contact and of those merged into it, by contact."""
    family = family_of(contact_id)
    return {contact: Visibility(said) for contact, said in _said_of(member, family)}


@compiled
def _said_of(member: Membership, contacts: Collection[int]) -> QuerySet[Privacy, tuple[int, int]]:
    found = Privacy.objects.filter(is_among("contact_id", contacts), member=member)
    return found.values_list("contact_id", "visibility")


def family_of(contact_id: int) -> list[int]:
    """A contact, and all that were merged into it, however often those were merged on."""
    found = rows(
        "WITH RECURSIVE family (id) AS (SELECT %s::bigint UNION SELECT contact.id FROM family "
        "JOIN contacts_contact contact ON contact.merged_into_id = family.id) SELECT id FROM family ORDER BY id",
        [contact_id],
    )
    return [one for (one,) in found]


# --- Threads ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Keeper:
    """A colleague of whose mail a reader sees the subject alone, and how asking them stands."""

    member: Membership
    access: Access | None

    @property
    def is_waiting(self) -> bool:
        return self.access is not None and self.access.is_granted is None

    @property
    def again_at(self) -> datetime | None:
        """When they can be asked again, after they have refused."""
        if self.access is None or self.access.is_granted is not False or self.access.answered_at is None:
            return None
        at = self.access.answered_at + PATIENCE
        return at if at > timezone.now() else None

    @property
    def may_be_asked(self) -> bool:
        return self.member.is_active and not self.is_waiting and self.again_at is None


@dataclass(frozen=True)
class ThreadSharing:
    """How a conversation is shared, as far as it concerns one member."""

    thread_id: int
    #: Whether some of it came by the member's own mailbox: they say who sees that, and nobody else.
    may_set: bool
    said: Visibility | None
    #: Colleagues who ask the member, and those who may read because the member has let them.
    waiting: tuple[Access, ...]
    readers: tuple[Access, ...]
    #: Whom the member could ask, or has asked, for what they cannot read.
    keepers: tuple[Keeper, ...]

    @property
    def options(self) -> list[Option]:
        return options(self.said, otherwise="As you said of contact and mailbox")

    @property
    def label(self) -> str:
        return "As you said of contact and mailbox" if self.said is None else LABELS[self.said][0]

    @property
    def icon(self) -> str:
        return icon_of(self.said)

    @property
    def may_ask(self) -> bool:
        return any(keeper.may_be_asked for keeper in self.keepers)


def thread_sharing(member: Membership, thread_id: int) -> ThreadSharing:
    """How a conversation of which the member sees something is shared. Three queries."""
    thread = next(iter(_threads(member, thread_id)), None)
    if thread is None:
        raise Http404
    found = _accesses(member, thread_id)
    of_mine = [one for one in found if one.owner_id == member.pk and one.asker.is_active]
    return ThreadSharing(
        thread_id=thread_id,
        may_set=thread.is_own,
        said=None if thread.said is None else Visibility(thread.said),
        waiting=tuple(one for one in of_mine if one.is_granted is None),
        readers=tuple(one for one in of_mine if one.is_granted),
        keepers=_keepers(member, thread_id, found),
    )


@compiled
def _threads(member: Membership, thread_id: int) -> QuerySet[Thread, Any]:
    said = Privacy.objects.filter(member=member, thread=OuterRef("pk")).values("visibility")[:1]
    is_own = Exists(own_mail_in(member, OuterRef("pk")))
    return Thread.objects.filter(pk=thread_id).annotate(is_own=is_own, said=Subquery(said))


@compiled
def _accesses(member: Membership, thread_id: int) -> QuerySet[Access]:
    found = Access.objects.filter(Q(owner=member) | Q(asker=member), thread=thread_id)
    return found.select_related("asker__user", "owner__user").order_by("asked_at", "pk")


def get_thread(member: Membership, thread_id: int) -> ThreadSharing:
    """The same for one of which the member may see nothing; then 404."""
    if not visible_emails(member).filter(thread=thread_id).exists():
        raise Http404
    return thread_sharing(member, thread_id)


def own_mail_in(member: Membership, thread: int | OuterRef) -> QuerySet[Source]:
    """What of a conversation came by the member's own doors."""
    return Source.objects.filter(door__member=member, email__thread=thread)


def _keepers(member: Membership, thread_id: int, accesses: Iterable[Access]) -> tuple[Keeper, ...]:
    """Those alone of whose mail the member knows: who has it, too, and hides it, is not named."""
    asked = {one.owner_id: one for one in accesses if one.asker_id == member.pk}
    return tuple(Keeper(owner, asked.get(owner.pk)) for owner in _hiding(member, thread_id))


@compiled
def _hiding(member: Membership, thread_id: int) -> QuerySet[Membership]:
    locked = visible_emails(member).filter(~in_full(member), thread=thread_id)
    of_locked = visible_sources(member).filter(email__in=locked.values("pk"))
    owners = Membership.objects.filter(pk__in=of_locked.values("door__member")).exclude(pk=member.pk)
    return owners.select_related("user").order_by("user__name", "pk")


# --- Asking and answering -----------------------------------------------------------------------


def access_requests(member: Membership) -> QuerySet[Access]:
    """What the member was asked, or has asked, with the latest email of it that they can see, the newest first.

    Each has ``email_id`` and ``subject``. What is about nothing that the member can see is left out.
    """
    newest = visible_emails(member).filter(thread=OuterRef("thread")).order_by("-sent_at", "-pk")
    concerned = Access.objects.filter(Q(owner=member, asker__deactivated_at=None) | Q(asker=member))
    found = concerned.annotate(
        email_id=Subquery(newest.values("pk")[:1]), subject=Subquery(newest.values("subject")[:1])
    )
    return (
        found.filter(email_id__isnull=False).select_related("asker__user", "owner__user").order_by("-asked_at", "-pk")
    )


def get_request(member: Membership, access_id: int) -> Access:
    """One of `access_requests`, or 404."""
    return get_object_or_404(access_requests(member), pk=access_id)


def waiting_for(member: Membership) -> list[Access]:
    """What waits for the member: questions to answer, and answers to take note of.

    One query, and a second one where there is something: every page asks, and mostly there is nothing.
    """
    waiting = _waiting(member)
    return list(access_requests(member).filter(pk__in=waiting)[:MOST_WAITING]) if waiting else []


@compiled
def _waiting(member: Membership) -> QuerySet[Access, int]:
    questions = Q(owner=member, is_granted=None)
    answers = Q(asker=member, is_granted__isnull=False, told_at=None)
    return Access.objects.filter(questions | answers).values_list("pk", flat=True)


def get_access(member: Membership, access_id: int) -> Access:
    """One that concerns the member as who asked or is asked, its row held; or 404."""
    found = Access.objects.filter(Q(owner=member) | Q(asker=member)).select_related("asker__user", "owner__user")
    return get_object_or_404(found.select_for_update(of=("self",), no_key=True), pk=access_id)


def locked_in(member: Membership, email: Email) -> bool:
    """Whether the member sees the subject of this email alone, at this moment."""
    return visible_emails(member).filter(~in_full(member), pk=email.pk).exists()
