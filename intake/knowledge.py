"""What deciding a page needs from the database: a handful of queries, however long the page or any list.

Every query asks by the page's own few keys, addresses and fingerprints, along an index. All of it runs in the scope
of the tenant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace

from django.utils import timezone

from accounts.models import Duplicates, ExcludedSender
from crm.lib.bulk import rows, run
from crm.lib.tenancy import current_tenant_id
from exclusions.rules import values_covering
from intake import stored
from intake.exclude import Exclusions
from intake.match import Candidate, in_order
from intake.page import Decided, Knowledge
from intake.verdict import Outcome
from mailkit.addresses import InvalidAddress, normalise


class ClosedTo(LookupError):
    """There is no such door in the tenant."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a tenant wants mail to be stored."""

    first_only: bool
    others_of_excluded: bool


# --- Taking turns --------------------------------------------------------------------------------


def share_turn(door_id: int) -> None:
    """Lets pages of other doors be stored at the same time until the transaction ends, but not of this one.

    And waits for `take_turn`: what that sees of contacts and emails, and what a page sees of them, always adds up.
    """
    run(
        "SELECT pg_advisory_xact_lock_shared(hashtextextended('intake', %s)), "
        "pg_advisory_xact_lock(hashtextextended('intake.door', %s))",
        [current_tenant_id(), door_id],
    )


def take_turn() -> None:
    """Waits until no page of the tenant is being stored, and keeps others from it until the transaction ends.

    For what changes more than a page's own rows; a page that takes emails away is such a one.
    """
    run("SELECT pg_advisory_xact_lock(hashtextextended('intake', %s))", [current_tenant_id()])


# --- A page --------------------------------------------------------------------------------------


def load(
    door_id: int,
    *,
    keys: Collection[str],
    addresses: Collection[str],
    fingerprints: Collection[str],
    again: bool = False,
) -> Knowledge:
    """All that is known of messages with these keys, parties and fingerprints. Raises `ClosedTo`.

    ``again`` also brings the emails of those that were stored before, with their parties.
    """
    viewer, settings = _door(door_id)
    decisions = _decisions(door_id, keys)
    before = {decided.email_id for decided in decisions.values() if decided.email_id is not None}
    relinked = stored.by_id(before) if again else {}
    named = {party.address for email in relinked.values() for party in email.parties if party.address}
    named.update(addresses)
    known = about(named, settings, viewer=viewer)
    return replace(known, decisions=decisions, emails=stored.by_fingerprint(fingerprints), relinked=relinked)


def about(addresses: Collection[str], settings: Settings, *, viewer: int) -> Knowledge:
    """What is known of these normalised addresses, for the mailboxes of a member.

    Contacts first: an address that a contact gets is excluded in the same transaction where its switch is off (R13),
    so that whoever sees the address sees the entry.
    """
    candidates = candidates_for(addresses)
    return Knowledge(
        viewer=viewer,
        first_only=settings.first_only,
        exclusions=Exclusions(
            own=own_addresses().intersection(addresses) if addresses else frozenset(),
            excluded=excluded_among(addresses),
            others_of_excluded=settings.others_of_excluded,
        ),
        candidates=candidates,
    )


def settings_of_tenant() -> Settings:
    """The settings of the tenant in scope."""
    [(duplicates, excluded_sender)] = rows(
        "SELECT duplicates, excluded_sender FROM accounts_tenant WHERE id = %s", [current_tenant_id()]
    )
    return _settings(duplicates, excluded_sender)


def own_addresses() -> frozenset[str]:
    """The account's own addresses (R3): log-ins of active members, open doors and their aliases."""
    found = rows(
        "SELECT person.email FROM accounts_membership member JOIN accounts_user person ON person.id = member.user_id "
        "WHERE member.tenant_id = %(tenant)s AND member.deactivated_at IS NULL AND person.is_active "
        "UNION SELECT unnest(aliases || address) FROM emails_door WHERE tenant_id = %(tenant)s AND closed_at IS NULL",
        {"tenant": current_tenant_id()},
    )
    return frozenset(_spelling(address) for (address,) in found)


def excluded_among(addresses: Collection[str]) -> frozenset[str]:
    """Those of the normalised addresses that an entry of the list covers, one that has not ended (R7)."""
    values = {address: values_covering(address) for address in addresses}
    asked = sorted({value for covering in values.values() for value in covering})
    if not asked:
        return frozenset()
    found = rows(
        "SELECT DISTINCT value FROM exclusions_exclusion WHERE tenant_id = %s AND value = ANY(%s) "
        "AND (ends_at IS NULL OR ends_at > %s)",
        [current_tenant_id(), asked, timezone.now()],
    )
    entries = {value for (value,) in found}
    return frozenset(address for address, covering in values.items() if not entries.isdisjoint(covering))


def candidates_for(addresses: Collection[str]) -> dict[str, tuple[Candidate, ...]]:
    """The live contacts of the tenant that have these addresses, as `intake.match` wants them."""
    if not addresses:
        return {}
    having = rows(
        "SELECT email, contact_id FROM contacts_address WHERE tenant_id = %s AND email = ANY(%s)",
        [current_tenant_id(), sorted(addresses)],
    )
    if not having:
        return {}
    # A query of its own: in one, PostgreSQL likes to look at every contact while its statistics are behind.
    live = rows(
        "SELECT id, created_at, CASE WHEN is_private THEN owner_id END FROM contacts_contact "
        "WHERE tenant_id = %s AND id = ANY(%s) AND deleted_at IS NULL",
        [current_tenant_id(), sorted({contact_id for _, contact_id in having})],
    )
    contacts = {row[0]: Candidate(*row) for row in live}
    found: defaultdict[str, list[Candidate]] = defaultdict(list)
    for address, contact_id in having:
        if contact_id in contacts:
            found[address].append(contacts[contact_id])
    return {address: in_order(some) for address, some in found.items()}


def addresses_of_contacts(contact_ids: Collection[int]) -> frozenset[str]:
    """All addresses of these contacts."""
    found = rows(
        "SELECT DISTINCT email FROM contacts_address WHERE tenant_id = %s AND contact_id = ANY(%s)",
        [current_tenant_id(), sorted(contact_ids)],
    )
    return frozenset(address for (address,) in found)


# --- How -----------------------------------------------------------------------------------------


def _door(door_id: int) -> tuple[int, Settings]:
    found = rows(
        "SELECT door.member_id, tenant.duplicates, tenant.excluded_sender FROM emails_door door "
        "JOIN accounts_tenant tenant ON tenant.id = door.tenant_id WHERE door.tenant_id = %s AND door.id = %s",
        [current_tenant_id(), door_id],
    )
    if not found:
        raise ClosedTo(f"There is no door {door_id} in this account.")
    viewer, duplicates, excluded_sender = found[0]
    return viewer, _settings(duplicates, excluded_sender)


def _settings(duplicates: str, excluded_sender: str) -> Settings:
    return Settings(duplicates == Duplicates.FIRST, excluded_sender == ExcludedSender.OTHERS)


def _decisions(door_id: int, keys: Collection[str]) -> dict[str, Decided]:
    found = rows(
        "SELECT key, outcome, reason, attempts, received_at, email_id, decided_at FROM emails_decision "
        "WHERE tenant_id = %s AND door_id = %s AND key = ANY(%s)",
        [current_tenant_id(), door_id, sorted(keys)],
    )
    return {key: Decided(Outcome(outcome), *rest) for key, outcome, *rest in found}


def _spelling(address: str) -> str:
    """As parties are spelled (R2); log-ins are only lowered."""
    try:
        return address.lower() if address.isascii() else normalise(address)
    except InvalidAddress:
        return address.lower()
