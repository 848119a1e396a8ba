"""Who sees a member's mail (R37): what its owner says of a mailbox, a contact or a conversation; asking, and answering.

Every one of these says something of the actor's own mail alone, whatever their role. It acts at once, on what is
stored as on what comes, since `emails.queries.seeing` decides when it is read. The audit log names no subject.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import audit, undo
from accounts.models import Membership
from accounts.undo import UnableToUndo
from contacts.models import Contact
from contacts.operations import Done
from contacts.operations.outcome import named_for_all
from emails.models import Access, Door, Email, Privacy, Thread, Visibility
from emails.operations.remembering import Addresses, addresses_of, forget_elsewhere
from emails.queries import sharing
from emails.queries.sharing import label_of

CHANGED = "You have said something else since."
JOINED = "Another conversation has become part of this one since: say anew who sees the whole."


# --- A mailbox ----------------------------------------------------------------------------------


def share_door(*, actor: Membership, door: Door, visibility: Visibility) -> Done:
    """Says who sees what came through one of the actor's doors, and what will come; can be undone."""
    held = sharing.get_door(actor, door.pk)
    before = Visibility(held.visibility)
    if before == visibility:
        return Done(0, f"{held.address} is shared so already.")
    _set_door(actor, held, visibility)
    label = f"{held.address}: {label_of(visibility)} from now on."
    return Done(1, label, undo.offer(actor, "sharing.door", label[:200], door=held.pk, before=before, after=visibility))


@undo.undoes("sharing.door")
def unshare_door(member: Membership, payload: dict[str, Any]) -> str:
    """Undoes `share_door`."""
    door = Door.objects.filter(pk=payload["door"], member=member).select_for_update(no_key=True).first()
    if door is None or door.visibility != payload["after"]:
        raise UnableToUndo(CHANGED)
    _set_door(member, door, Visibility(payload["before"]))
    return f"{door.address}: {label_of(Visibility(payload['before']))} again."


def _set_door(actor: Membership, door: Door, visibility: Visibility) -> None:
    door.visibility = visibility
    door.save(update_fields=["visibility"])
    audit.record(
        actor,
        "sharing.mailbox",
        f"set who sees the emails of {door.address}: {label_of(visibility)}",
        on=door,
        visibility=sharing.WORDS[visibility],
    )


# --- A contact ----------------------------------------------------------------------------------


def share_contact(*, actor: Membership, contact: Contact, visibility: Visibility | None) -> Done:
    """Says who sees the actor's mail with a contact that they can see; None leaves it to the mailbox. Can be undone.

    It is said of those merged into the contact as well: once they are parted, it holds for each of them.
    """
    family = sharing.family_of(contact.pk)
    before = sharing.said_of_contact(actor, contact.pk)
    after = {} if visibility is None else dict.fromkeys(family, visibility)
    if before == after:
        return Done(0, "It is so already.")
    remembered = _set_contacts(actor, family, after)
    _record_contact(actor, contact, visibility)
    said = "as your mailbox says" if visibility is None else label_of(visibility)
    label = f"Your emails with {contact}: {said}."
    offered = undo.offer(
        actor,
        "sharing.contact",
        label[:200],
        contact=contact.pk,
        before=_pairs(before),
        after=_pairs(after),
        remembered=remembered,
    )
    return Done(1, label, offered)


@undo.undoes("sharing.contact")
def unshare_contact(member: Membership, payload: dict[str, Any]) -> str:
    """Undoes `share_contact`."""
    contact = Contact.objects.filter(pk=payload["contact"]).first()
    before, after = dict(payload["before"]), dict(payload["after"])
    if contact is None or sharing.said_of_contact(member, contact.pk) != after:
        raise UnableToUndo(CHANGED)
    _put_back(member, {one: Visibility(said) for one, said in before.items()}, payload)
    own = before.get(contact.pk)
    _record_contact(member, contact, None if own is None else Visibility(own))
    return "Your emails with this contact are shared as before."


def _set_contacts(member: Membership, family: Sequence[int], said: dict[int, Visibility]) -> list[Any]:
    """Answers which addresses each word of the member had that has them no more, as (contact, addresses)."""
    addresses = _held_addresses(family)
    rows = Privacy.objects.filter(member=member, contact__isnull=False)
    others = rows.exclude(contact__in=family).filter(addresses__overlap=sorted(frozenset().union(*addresses.values())))
    remembered = list(rows.filter(contact__in=family).values_list("contact_id", "addresses"))
    remembered += forget_elsewhere(list(others), addresses).items()
    rows.filter(contact__in=[one for one in family if one not in said]).delete()
    _say(member, said, {one: set(had) for one, had in remembered if one in family}, addresses)
    return [[contact_id, sorted(had)] for contact_id, had in remembered]


def _put_back(member: Membership, said: dict[int, Visibility], payload: dict[str, Any]) -> None:
    """What was said before, of all addresses that it was said of then or would be now."""
    remembered = {contact_id: set(had) for contact_id, had in payload.get("remembered", ())}
    concerned = [*said, *dict(payload["after"])]
    addresses = _held_addresses(concerned)
    rows = Privacy.objects.filter(member=member, contact__isnull=False)
    since = {one.contact_id: set(one.addresses) for one in rows if one.contact_id}
    rows.filter(contact__in=[one for one in concerned if one not in said]).delete()
    known = {one: remembered.get(one, set()) | since.get(one, set()) for one in {*remembered, *since, *said}}
    _say(member, said, known, addresses)
    for one in rows.exclude(contact__in=concerned).filter(contact__in=remembered):
        one.addresses = sorted(known[one.contact_id or 0])
        one.save(update_fields=["addresses"])


def _held_addresses(contact_ids: Sequence[int]) -> Addresses:
    """The contacts are held: who gives one of their addresses away meanwhile is seen, or sees what was said."""
    held = Contact.objects.filter(pk__in=contact_ids).order_by("pk").select_for_update(no_key=True)
    return addresses_of(list(held.values_list("pk", flat=True)))


def _say(
    member: Membership, said: Mapping[int, Visibility], known: Mapping[int, set[str]], addresses: Addresses
) -> None:
    for contact_id, visibility in said.items():
        Privacy.objects.update_or_create(
            member=member,
            contact_id=contact_id,
            defaults={
                "visibility": visibility,
                "set_at": timezone.now(),
                "addresses": sorted(known.get(contact_id, set()) | addresses.get(contact_id, frozenset())),
            },
        )


def _record_contact(member: Membership, contact: Contact, visibility: Visibility | None) -> None:
    said = "as the mailbox says" if visibility is None else label_of(visibility)
    summary = f"set who sees their emails with {named_for_all([contact])}: {said}"
    audit.record(member, "sharing.contact", summary, on=contact, visibility=_word(visibility))


def _pairs(said: dict[int, Visibility]) -> list[list[int]]:
    return [[contact, int(visibility)] for contact, visibility in sorted(said.items())]


# --- A conversation -----------------------------------------------------------------------------


def share_thread(*, actor: Membership, thread_id: int, visibility: Visibility | None) -> Done:
    """Says who sees the actor's mail in a conversation; None leaves it to contact and mailbox. Can be undone.

    ``ONLY_ME`` also takes back what the actor has let single colleagues read of it.
    Raises ``PermissionDenied`` where none of it is the actor's.
    """
    joins = _hold(thread_id)
    if not sharing.own_mail_in(actor, thread_id).exists():
        raise PermissionDenied("None of this conversation came by a mailbox of yours: only who has it can share it.")
    before = Privacy.objects.filter(member=actor, thread=thread_id).values_list("visibility", flat=True).first()
    readers = Access.objects.filter(thread=thread_id, owner=actor, is_granted=True)
    closed = list(readers.values_list("pk", flat=True)) if visibility == Visibility.ONLY_ME else []
    if before == visibility and not closed:
        return Done(0, "It is so already.")
    _set_thread(actor, thread_id, visibility)
    now = timezone.now()
    Access.objects.filter(pk__in=closed).update(is_granted=False, answered_at=now, told_at=now)
    label = f"Your emails in this conversation: {_thread_words(visibility)}."
    offered = undo.offer(
        actor,
        "sharing.thread",
        label[:200],
        thread=thread_id,
        joins=joins,
        before=before,
        after=visibility,
        closed=closed,
        at=now.isoformat(),
    )
    return Done(1, label, offered)


@undo.undoes("sharing.thread")
def unshare_thread(member: Membership, payload: dict[str, Any]) -> str:
    """Undoes `share_thread`, unless another conversation came to it since: it was not said of the whole before."""
    joins = _hold(payload["thread"])
    if not sharing.own_mail_in(member, payload["thread"]).exists():
        raise UnableToUndo("This conversation has become part of another one since: say there who sees it.")
    if joins != payload.get("joins"):
        raise UnableToUndo(JOINED)
    now = Privacy.objects.filter(member=member, thread=payload["thread"]).values_list("visibility", flat=True).first()
    if now != payload["after"]:
        raise UnableToUndo(CHANGED)
    _set_thread(member, payload["thread"], None if payload["before"] is None else Visibility(payload["before"]))
    # Not whom they have refused since.
    at = datetime.fromisoformat(payload["at"])
    closed = Access.objects.filter(pk__in=payload["closed"], owner=member, is_granted=False, answered_at=at)
    closed.update(is_granted=True, answered_at=timezone.now())
    return "Your emails in this conversation are shared as before."


def _hold(thread_id: int) -> int:
    """Keeps intake from joining the conversation to another until the transaction ends; answers its ``joins``."""
    held = Thread.objects.filter(pk=thread_id).select_for_update(no_key=True).first()
    return held.joins if held else 0


def _set_thread(member: Membership, thread_id: int, visibility: Visibility | None) -> None:
    if visibility is None:
        Privacy.objects.filter(member=member, thread=thread_id).delete()
    else:
        defaults = {"visibility": visibility, "set_at": timezone.now()}
        Privacy.objects.update_or_create(member=member, thread_id=thread_id, defaults=defaults)
    summary = f"set who sees their emails in a conversation: {_thread_words(visibility)}"
    audit.record(member, "sharing.thread", summary, thread=thread_id, visibility=_word(visibility))


def _thread_words(visibility: Visibility | None) -> str:
    return "as said of contact and mailbox" if visibility is None else label_of(visibility)


def _word(visibility: Visibility | None) -> str | None:
    return None if visibility is None else sharing.WORDS[visibility]


# --- Asking -------------------------------------------------------------------------------------


def ask_access(*, actor: Membership, email: Email) -> Done:
    """Asks those who have an email, of which the actor sees the subject alone, to let them read; can be undone.

    Nobody is asked twice, nor before `sharing.PATIENCE` is over after a refusal. Who is asked decides on the whole
    conversation.
    """
    if not sharing.locked_in(actor, email):
        return Done(0, "You can read this email already.")
    keepers = sharing.thread_sharing(actor, email.thread_id).keepers
    asked = [found for keeper in keepers if keeper.may_be_asked and (found := _ask(actor, keeper, email.thread_id))]
    if not asked:
        return Done(0, _nobody_asked(keepers))
    names = _and([str(access.owner) for access, _ in asked])
    audit.record(actor, "access.asked", f"asked {names} to read a conversation", thread=email.thread_id)
    label = f"Asked {names}."
    before = [[access.pk, refused_at] for access, refused_at in asked]
    return Done(len(asked), label, undo.offer(actor, "sharing.ask", label[:200], asked=before))


@undo.undoes("sharing.ask")
def withdraw_question(member: Membership, payload: dict[str, Any]) -> str:
    """Undoes `ask_access`, as far as nobody has answered."""
    waiting = Access.objects.filter(asker=member, is_granted=None)
    taken_back = 0
    for access_id, refused_at in payload["asked"]:
        one = waiting.filter(pk=access_id)
        if refused_at is None:
            taken_back += one.delete()[0]
        else:
            at = datetime.fromisoformat(refused_at)
            taken_back += one.update(is_granted=False, answered_at=at, told_at=timezone.now())
    if not taken_back:
        raise UnableToUndo("It was answered already.")
    audit.record(member, "access.withdrawn", "no longer asks to read a conversation")
    return "You no longer ask."


def _ask(actor: Membership, keeper: sharing.Keeper, thread_id: int) -> tuple[Access, str | None] | None:
    """The question, and when it was refused before; None where it was asked, or answered, a moment ago."""
    access, is_new = Access.objects.get_or_create(thread_id=thread_id, asker=actor, owner=keeper.member)
    if is_new:
        return access, None
    held = Access.objects.select_for_update(no_key=True).filter(pk=access.pk).first()
    if held is None or held.is_granted or not sharing.Keeper(keeper.member, held).may_be_asked:
        return None
    refused_at = held.answered_at.isoformat() if held.answered_at else None
    held.is_granted = held.answered_at = held.told_at = None
    held.asked_at = timezone.now()
    held.save(update_fields=["is_granted", "answered_at", "told_at", "asked_at"])
    return held, refused_at


def _nobody_asked(keepers: Sequence[sharing.Keeper]) -> str:
    waiting = [str(keeper.member) for keeper in keepers if keeper.is_waiting]
    if waiting:
        return f"You have asked {_and(waiting)} already."
    again = [keeper.again_at for keeper in keepers if keeper.again_at is not None]
    if again:
        return f"You were told “not now”: you can ask again from {min(again):%-d %B}."
    return "Nobody who has this email is here any more to share it."


def _and(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


# --- Answering ----------------------------------------------------------------------------------


def answer_access(*, actor: Membership, access: Access, is_granted: bool) -> Done:
    """Lets a colleague read the actor's mail in a conversation, or not, or no more; can be undone.

    The colleague is told, but for what is taken away later. Raises ``PermissionDenied`` for another's mail.
    """
    if access.owner_id != actor.pk:
        raise PermissionDenied("Only the one whose mail it is can answer this.")
    if access.is_granted is is_granted:
        return Done(0, "You have answered this already.")
    now = timezone.now()
    before = {
        "is_granted": access.is_granted,
        "answered_at": access.answered_at and access.answered_at.isoformat(),
        "told_at": access.told_at and access.told_at.isoformat(),
    }
    is_taken_away = access.is_granted is True
    access.is_granted, access.answered_at, access.told_at = is_granted, now, now if is_taken_away else None
    access.save(update_fields=["is_granted", "answered_at", "told_at"])
    words = "can read it now" if is_granted else "can no longer read it" if is_taken_away else "cannot read it"
    action = "access.granted" if is_granted else "access.refused"
    does = "let" if is_granted else "did not let"
    audit.record(actor, action, f"{does} {access.asker} read a conversation", thread=access.thread_id)
    label = f"{access.asker} {words}."
    offered = undo.offer(
        actor,
        "sharing.answer",
        label[:200],
        access=access.pk,
        thread=access.thread_id,
        joins=access.thread.joins,
        after=is_granted,
        before=before,
        at=now.isoformat(),
    )
    return Done(1, label, offered)


@undo.undoes("sharing.answer")
def take_answer_back(member: Membership, payload: dict[str, Any]) -> str:
    """Undoes `answer_access`: the question waits again, or the answer is the one before.

    Who was let read reads again, unless another conversation came to it since: they were not let read the whole.
    """
    at, before = datetime.fromisoformat(payload["at"]), payload["before"]
    if before["is_granted"] and _hold(payload.get("thread", 0)) != payload.get("joins"):
        raise UnableToUndo(JOINED)
    answered = Access.objects.filter(pk=payload["access"], owner=member, is_granted=payload["after"], answered_at=at)
    if before["is_granted"]:
        # It is of another conversation where this one was joined to that.
        answered = answered.filter(thread=payload["thread"])
    number = answered.update(
        is_granted=before["is_granted"],
        answered_at=before["answered_at"] and datetime.fromisoformat(before["answered_at"]),
        told_at=before["told_at"] and datetime.fromisoformat(before["told_at"]),
    )
    if not number:
        raise UnableToUndo("You have answered otherwise since, or are no longer asked.")
    audit.record(member, "access.reconsidered", "took an answer about a conversation back")
    return "Your answer was taken back."


def put_answer_away(*, actor: Membership, access: Access) -> None:
    """Who asked has read the answer: the bell need not tell it again. Raises ``PermissionDenied`` for another's."""
    if access.asker_id != actor.pk:
        raise PermissionDenied("Only the one who asked can put this answer away.")
    if access.is_granted is not None and access.told_at is None:
        access.told_at = timezone.now()
        access.save(update_fields=["told_at"])
