"""Links between what is stored already and contacts that are new or changed (R6, E5), by the rules of new mail.

In the scope of the tenant, and in `knowledge.take_turn`: no page is stored meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from intake import knowledge, stored
from intake.decide import judge
from intake.match import addresses_of
from intake.store import write_links

#: Emails that are judged at once: what a worker holds of them in memory.
BITE: Final = 5_000


def link_stored(contact_ids: Collection[int], *, now: datetime) -> int:
    """Links stored emails with those of these contacts that their parties lead to; answers how many links are new.

    An email is judged as it would be if it came now, once more through each door that it came by. Where there is a
    row for it and the contact, removed or not, that stays as it is (R18). The emails are held (`intake.holding`).
    """
    email_ids = named_in(contact_ids)
    bites = [email_ids[start : start + BITE] for start in range(0, len(email_ids), BITE)]
    return sum(_link(bite, contact_ids, now) for bite in bites)


def named_in(contact_ids: Collection[int]) -> list[int]:
    """The stored emails that name one of these contacts in From, To or Cc, by id."""
    return stored.naming(knowledge.addresses_of_contacts(contact_ids) - knowledge.own_addresses())


def _link(email_ids: Sequence[int], contact_ids: Collection[int], now: datetime) -> int:
    emails = [email for email in stored.by_id(email_ids).values() if not email.is_deleted]
    viewers = stored.viewers([email.id for email in emails])
    named = {address for email in emails for address in addresses_of(email.parties)}
    known = knowledge.about(named, knowledge.settings_of_tenant(), viewer=0)
    for_viewer = {viewer: replace(known, viewer=viewer) for seen_by in viewers.values() for viewer in seen_by}
    pairs = {
        (email.id, contact_id): email.sent_at
        for email in emails
        for viewer in viewers[email.id]
        for contact_id in judge(email.parties, for_viewer[viewer], email).contacts
        if contact_id in contact_ids
    }
    return write_links(pairs, now)
