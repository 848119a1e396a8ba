"""Messages to measure by, and accounts whose contacts they concern."""

from __future__ import annotations

import mailbox
import os
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from pathlib import Path

from django.db import connection

from accounts import operations
from accounts.models import Membership, User
from crm.lib.tenancy import tenant_scope
from emulator.generator.year import stream
from mailkit.addresses import InvalidAddress, normalise

ALICE, BOB = "alice@northwind.example", "bob@northwind.example"
#: A mailbox in a file (mbox), to measure by one's own mail instead of the emulator's.
MBOX = "BENCH_MBOX"

_CONTACTS = """
    INSERT INTO contacts_contact (tenant_id, first_name, last_name, company, company_key, title, phones, is_private,
                                  sort_name, search_text, created_at, updated_at, owner_id)
    SELECT %(tenant)s, '', email, '', '', '', '{}', false, email, email, now(), now(), %(owner)s
    FROM unnest(%(emails)s) AS email
"""
_ADDRESSES = """
    INSERT INTO contacts_address (tenant_id, contact_id, email, position, created_at)
    SELECT tenant_id, id, last_name, 0, now() FROM contacts_contact
"""


def messages(count: int) -> list[bytes]:
    """So many messages of a year of Alice's, or those of the file that `MBOX` names."""
    if path := os.environ.get(MBOX):
        return [bytes_ for bytes_, _ in zip(_mbox(Path(path)), range(count), strict=False)]
    return list(year(count))


def year(count: int, seed: int = 1) -> Iterator[bytes]:
    """So many messages of the emulator's, one after the other."""
    copies = stream(seed, count, end=datetime.now(UTC), mailboxes={ALICE: "google"})
    return (copy.raw for copy in copies)


def addresses(raws: Iterable[bytes]) -> set[str]:
    """Everybody whom the messages name, but ourselves."""
    parser = BytesHeaderParser()
    found: set[str] = set()
    for raw in raws:
        headers = parser.parsebytes(raw)
        values = [str(value) for name in ("From", "To", "Cc") for value in headers.get_all(name, [])]
        found.update(address for _, address in getaddresses(values))
    return {address for each in found if (address := _normalised(each)) and not address.startswith("alice@northwind.")}


def account(name: str, contacts: Collection[str], *, login: str = ALICE) -> Membership:
    """A new account of one member, with a contact for each of these addresses."""
    user = User.objects.filter(email=login).first() or User.objects.create_user(login, name="Alice")
    owner = operations.create_account(user=user, name=name)
    with tenant_scope(owner.tenant_id), connection.cursor() as cursor:
        cursor.execute(_CONTACTS, {"tenant": owner.tenant_id, "owner": owner.pk, "emails": sorted(contacts)})
        cursor.execute(_ADDRESSES)
    return owner


def _mbox(path: Path) -> Iterator[bytes]:
    box = mailbox.mbox(path, create=False)
    return (box.get_bytes(key) for key in box.iterkeys())


def _normalised(address: str) -> str:
    try:
        return normalise(address)
    except InvalidAddress:
        return ""
