"""Connecting a mailbox, and ending that (R21 to R23, E3, E10). The log-in itself is over when these are called."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Membership
from accounts.permissions import Right as MemberRight
from accounts.permissions import require
from crm.lib.queue import enqueue
from emails.models import Door
from emailsync.connections import seal
from emailsync.leases import UNLEASED
from emailsync.models import Mailbox, Run
from emailsync.operations.runs import begin_history, begin_preview, stop_runs, wake_runs
from mailkit.addresses import InvalidAddress, normalise
from providers.base import Granted, Right

Mode = Mailbox.Mode
State = Mailbox.State
#: How much history can be chosen, in days; None is all of it (R21).
HISTORY = (0, 30, 90, 365, None)


class UnableToConnect(Exception):
    """The mailbox cannot be connected, or not so; the text says why and what to do, for the reader."""


@dataclass(frozen=True)
class Choices:
    """What a member wants of a mailbox: the mode, days of history (None: all), and whether mail gets our label."""

    mode: Literal["full", "manual"] = "full"
    history_days: int | None = 90
    wants_label: bool = False

    @property
    def rights(self) -> frozenset[Right]:
        """What to ask the provider for, and nothing more (R22)."""
        if self.mode == "manual":
            return frozenset({Right.SEND})
        return frozenset({Right.READ, Right.SEND} | ({Right.LABEL} if self.wants_label else set()))


@transaction.atomic
def connect(
    *,
    member: Membership,
    provider: Literal["gmail", "graph"],
    granted: Granted,
    choices: Choices,
    aliases: Collection[str] = (),
) -> Mailbox:
    """Keeps a grant as a mailbox that waits for its user's go (`start`); for full mode a preview is begun.

    The same address connected again by the same member is a `reconnect`. Raises `UnableToConnect`;
    ``PermissionDenied`` for full mode without the right to it (R23).
    """
    _require_rights(member, granted, choices)
    address = _normalised(granted.address)
    there = Mailbox.objects.filter(address=address, disconnected_at=None).select_for_update().first()
    if there is not None:
        if there.member_id != member.pk:
            raise UnableToConnect(f"{address} is connected by {there.member} already: one member of an account can.")
        if there.provider != provider:
            raise UnableToConnect(
                f"{address} is connected through {there.get_provider_display()} already: disconnect that first."
            )
        return reconnect(mailbox=there, granted=granted)
    door = _door(member, provider, address, aliases)
    try:
        with transaction.atomic():
            mailbox = Mailbox.objects.create(
                door=door,
                member=member,
                provider=provider,
                address=address,
                name=granted.name[:200],
                mode=choices.mode,
                rights=sorted(granted.rights),
                grant=seal(granted.grant),
                history_days=choices.history_days,
                wants_label=choices.wants_label and Right.LABEL in granted.rights,
            )
    except IntegrityError as error:
        raise UnableToConnect(f"{address} was connected by somebody else just now: reload the page.") from error
    audit.record(member, "mailbox.connected", f"connected {address} ({mailbox.get_mode_display().lower()})", on=mailbox)
    if mailbox.mode == Mode.MANUAL:
        start(member=member, mailbox=mailbox)
    else:
        begin_preview(mailbox)
    return mailbox


def start(*, member: Membership, mailbox: Mailbox, history_days: int | Literal["chosen"] | None = "chosen") -> None:
    """The user has seen what will be stored and says go: live mail from now on, and the history (E3).

    Does nothing for a mailbox that was started before, as a second click would.
    """
    locked = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
    if locked.state != State.WAITING:
        return
    now = timezone.now()
    locked.state = State.ACTIVE
    locked.since = now
    if history_days != "chosen":
        locked.history_days = history_days
    if locked.mode == Mode.FULL:
        require(member, MemberRight.FULL_SYNC)
        # The first poll takes the cursor, and then has the time in between checked (E3).
        locked.next_poll_at = locked.next_watch_at = now
    locked.save()
    previews = Run.objects.filter(mailbox=locked, kind=Run.Kind.PREVIEW)
    stop_runs(previews)
    # It has addresses of people who are no contacts.
    previews.update(result={})
    audit.record(member, "mailbox.started", f"started syncing {locked.address}", on=locked, days=locked.history_days)
    if locked.mode == Mode.FULL:
        begin_history(locked)
        enqueue("emailsync.tasks.poll", mailbox_id=locked.pk)


@transaction.atomic
def reconnect(*, mailbox: Mailbox, granted: Granted) -> Mailbox:
    """A new grant for a mailbox, which goes on where it was (E10).

    Raises `UnableToConnect` for another address; ``PermissionDenied`` without the right that its mode needs (R23).
    """
    if _normalised(granted.address) != mailbox.address:
        raise UnableToConnect(
            f"You logged in as {granted.address}, but this mailbox is {mailbox.address}. Log in as that one; "
            "to connect another mailbox, use Connect."
        )
    locked = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
    if locked.disconnected_at is not None:
        raise UnableToConnect(f"{locked.address} was disconnected meanwhile: connect it anew.")
    now = timezone.now()
    # Whoever works with the old grant loses the row: what it still meets no longer counts.
    locked.lease_token, locked.lease_until = "", None
    locked.grant = seal(granted.grant)
    locked.rights = sorted(granted.rights)
    if locked.mode == Mode.FULL:
        require(mailbox.member, MemberRight.FULL_SYNC)
        if Right.READ not in granted.rights:
            raise UnableToConnect(_unticked("read your mail"))
    if locked.state != State.WAITING:
        locked.state = State.ACTIVE
        if locked.mode == Mode.FULL:
            locked.next_poll_at = locked.next_watch_at = now
    locked.wants_label = locked.wants_label and Right.LABEL in granted.rights
    locked.problem = locked.problem_detail = ""
    locked.problem_at = None
    locked.failures = 0
    locked.save()
    wake_runs(locked.pk)
    Run.objects.filter(mailbox=locked).update(**UNLEASED)
    audit.record(locked.member, "mailbox.reconnected", f"reconnected {locked.address}", on=locked)
    return locked


@transaction.atomic
def disconnect(*, actor: Membership, mailbox: Mailbox) -> None:
    """Ends a connection: nothing more is read, and a task revokes and forgets the grant (E10). Stored mail stays."""
    now = timezone.now()
    # Failures count the tries to revoke from here on.
    gone = Mailbox.objects.filter(pk=mailbox.pk, disconnected_at=None).update(
        state=State.DISCONNECTED,
        disconnected_at=now,
        next_poll_at=now,
        next_watch_at=None,
        next_reconcile_at=None,
        next_label_at=None,
        failures=0,
        **UNLEASED,
    )
    if not gone:
        return
    Door.objects.filter(pk=mailbox.door_id).update(closed_at=now)
    stop_runs(Run.objects.filter(mailbox=mailbox))
    audit.record(actor, "mailbox.disconnected", f"disconnected {mailbox.address}", on=mailbox)
    enqueue("emailsync.tasks.part", mailbox_id=mailbox.pk)


def change_mailbox(*, actor: Membership, mailbox: Mailbox, wants_label: bool) -> None:
    """Switches the label on or off (R42), from now on. Raises `UnableToConnect` where the right to it is missing."""
    if wants_label and Right.LABEL not in mailbox.rights:
        raise UnableToConnect("Postroom may not label mail in this mailbox: reconnect it and allow that.")
    if Mailbox.objects.filter(pk=mailbox.pk).exclude(wants_label=wants_label).update(wants_label=wants_label):
        what = "on" if wants_label else "off"
        audit.record(actor, "mailbox.changed", f"switched the label of {mailbox.address} {what}", on=mailbox)


def note_aliases(mailbox: Mailbox, aliases: Collection[str]) -> None:
    """Keeps the addresses that also reach a mailbox: they are the account's own (R3)."""
    Door.objects.filter(pk=mailbox.door_id).update(aliases=_others(mailbox.address, aliases))


def _others(address: str, aliases: Collection[str]) -> list[str]:
    return sorted({_normalised(alias) for alias in aliases} - {address})


def _door(member: Membership, provider: str, address: str, aliases: Collection[str]) -> Door:
    """The mailbox's door: the one it had when it was connected before, so that what came by it is known."""
    defaults = {"aliases": _others(address, aliases), "closed_at": None}
    door, _ = Door.objects.update_or_create(member=member, kind=provider, address=address, defaults=defaults)
    return door


def _require_rights(member: Membership, granted: Granted, choices: Choices) -> None:
    if choices.history_days not in HISTORY:
        raise UnableToConnect("Choose how much history to read: none, 30, 90 or 365 days, or all.")
    if choices.mode == "full":
        require(member, MemberRight.FULL_SYNC)
    if choices.mode == "full" and Right.READ not in granted.rights:
        raise UnableToConnect(_unticked("read your mail"))
    if choices.mode == "manual" and Right.SEND not in granted.rights:
        raise UnableToConnect(_unticked("send mail for you"))


def _unticked(right: str) -> str:
    return f"You did not allow Postroom to {right}, which this mode needs. Connect again and leave the box ticked."


def _normalised(address: str) -> str:
    try:
        return normalise(address)
    except InvalidAddress as error:
        raise UnableToConnect(f"The provider named an address that cannot be used. {error}") from error
