"""Taking stored mail away again: its mailbox's owner has put the label on it that keeps it out.

Where nobody but that member has brought the email, it is gone for the whole account: its words, parties, links,
attachments and sightings are deleted, and what stays is a mark without content that a later sighting does not find.
Where colleagues' mailboxes have it too, it stays for them; only this sighting goes, with what the account knew by it
alone: links to the member's private contacts, and the Bcc of what they sent (R1, R37). What a user had deleted before
goes too, and taking that back brings nothing; its mark still tells a later sighting that it was deleted (R18).

The decision about the message says ``never`` from then on, and holds while the label is on: no sync, walk or
retro-match brings the message back. With the label off it comes in as if it were new. A second copy of the email
through one of the member's doors is decided ``never-copy``, and stays out.

In the scope of the tenant, and in `knowledge.take_turn`: no page is stored meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef

from accounts import audit
from crm.lib.bulk import run
from crm.lib.product import NEVER
from crm.lib.tenancy import current_tenant_id
from emails.models import Attachment, Decision, Door, Email, Link, Party, Source
from intake.verdict import Reason

#: No fingerprint of a message begins so. Of what a user had deleted it stays, and another moment is that of no undo.
_EMPTIED: Final = """
    UPDATE emails_email SET
        fingerprint = CASE WHEN deleted_at IS NULL THEN '-' || id ELSE fingerprint END,
        message_id = '', from_address = '', from_name = '', subject = '', snippet = '', text = '', search = '',
        original = '', problem = '', has_attachments = false, has_html = false, deleted_at = %s
    WHERE tenant_id = %s AND id = ANY(%s)
"""


def withdraw(door_id: int, copies: Mapping[str, int], now: datetime) -> list[str]:
    """Takes away what came through a door: the ids of emails by the keys of the copies that carry the label.

    Answers the digests of originals that no email refers to any more: to be forgotten once this is committed.
    """
    found = Email.objects.filter(pk__in=set(copies.values())).order_by("pk")
    emails = {email.pk: email for email in found.only("original").select_for_update()}
    if not emails:
        return []
    door = Door.objects.select_related("member__user").get(pk=door_id)
    others = Source.objects.filter(email__in=emails).exclude(door__member=door.member_id)
    shared = set(others.values_list("email_id", flat=True))
    alone = emails.keys() - shared
    _part(door, {key: email_id for key, email_id in copies.items() if email_id in shared}, now)
    _erase(door, alone, now)
    count = len(emails)
    summary = f"took {count} email{'' if count == 1 else 's'} away by the label “{NEVER}” in {door.address}"
    # Without the subjects: who reads the audit log need not see the emails.
    audit.record(door.member, "email.withdrawn", summary, on=door, gone=sorted(alone), kept_by_others=sorted(shared))
    return [emails[pk].original for pk in sorted(alone) if emails[pk].original]


def _erase(door: Door, email_ids: Collection[int], now: datetime) -> None:
    """Emails that nobody else has brought."""
    if not email_ids:
        return
    sources = Source.objects.filter(email__in=email_ids)
    doors, keys = zip(*sources.values_list("door_id", "key"), strict=True)
    run(
        "UPDATE emails_decision SET outcome = %s, reason = %s, email_id = NULL, decided_at = %s "
        "FROM unnest(%s::bigint[], %s::text[]) AS copy (door_id, key) "
        "WHERE tenant_id = %s AND emails_decision.door_id = copy.door_id AND emails_decision.key = copy.key",
        [Decision.Outcome.SKIPPED, Reason.NEVER_COPY, now, list(doors), list(keys), current_tenant_id()],
    )
    sources.delete()
    for model in (Link, Party, Attachment):
        model.objects.filter(email__in=email_ids).delete()
    run(_EMPTIED, [now, current_tenant_id(), sorted(email_ids)])


def _part(door: Door, copies: Mapping[str, int], now: datetime) -> None:
    """Emails that colleagues have too: what was known by this member's sighting alone goes with it."""
    if not copies:
        return
    Source.objects.filter(door=door, key__in=copies).delete()
    email_ids = set(copies.values())
    still = Source.objects.filter(email__in=email_ids, door__member=door.member_id)
    left = email_ids - set(still.values_list("email_id", flat=True))
    private = Link.objects.filter(email__in=left, by=Link.By.AUTO, contact__is_private=True)
    private.filter(contact__owner=door.member_id).delete()
    sent = Email.objects.filter(pk__in=left, from_address__in=[door.address, *door.aliases])
    Party.objects.filter(email__in=sent, role=Party.Role.BCC).delete()
    # As after taking it off the last contact (R17).
    live = Link.objects.filter(email=OuterRef("pk"), removed_at=None)
    Email.objects.filter(~Exists(live), pk__in=email_ids, deleted_at=None).update(deleted_at=now)
