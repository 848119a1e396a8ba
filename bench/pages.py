"""Pages and API of contacts: as quick at fifty thousand rows as at five hundred."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from accounts import operations
from accounts.middleware import TENANT_KEY
from accounts.models import Membership, TokenScope, User
from bench.figures import Figure, compare
from crm.lib.tenancy import tenant_scope

SMALL, LARGE = 500, 50_000
#: Section 9's bound for pages between small and large.
BUDGET = 1.5

CONTACTS = """
    INSERT INTO contacts_contact (tenant_id, first_name, last_name, company, company_key, title, phones, is_private,
                                  sort_name, search_text, created_at, updated_at, owner_id)
    SELECT %(tenant)s, 'Given' || n, 'Family' || n, 'Company ' || n %% 1000, 'company ' || n %% 1000, 'Buyer', '{}',
           false, 'family' || n || ', given' || n,
           CASE n WHEN 7 THEN 'needle ' ELSE '' END || 'given' || n || ' family' || n,
           now() - n * interval '1 minute', now() - n * interval '1 minute', %(owner)s
    FROM generate_series(1, %(count)s) AS n
"""
ADDRESSES = """
    INSERT INTO contacts_address (tenant_id, contact_id, email, position, created_at)
    SELECT tenant_id, id, 'person' || id || '@company.example', 0, now() FROM contacts_contact
"""


def figures() -> Iterator[Figure]:
    """The list, deep in the list, a search without and with hits, and the API's list."""
    small, large = populated("Small", SMALL), populated("Large", LARGE)
    # Only their owner may; autovacuum would do so a minute later.
    connections["owner"].cursor().execute("ANALYZE")
    listing = reverse("contact_list")
    for name, query in {
        "contact list": {},
        "contact list by company": {"sort": "company"},
        "contact search, one hit": {"q": "needle"},
        "contact search, no hit": {"q": "nobody has this name"},
    }.items():
        yield compare(
            f"{name} at {LARGE:,} contacts",
            partial(get, browser(large), listing, query),
            yardstick=(f"the same at {SMALL:,}", partial(get, browser(small), listing, query)),
            budget=BUDGET,
        )
    yield compare(
        f"API contacts at {LARGE:,} contacts",
        partial(get, program(large), "/api/v1/contacts/", {}),
        yardstick=(f"the same at {SMALL:,}", partial(get, program(small), "/api/v1/contacts/", {})),
        budget=BUDGET,
    )


def populated(name: str, count: int) -> Membership:
    """A tenant with ``count`` contacts, made by PostgreSQL itself."""
    user = User.objects.create_user(f"owner@{name.lower()}.example", name=f"{name} owner")
    owner = operations.create_account(user=user, name=name)
    with tenant_scope(owner.tenant_id), connection.cursor() as cursor:
        cursor.execute(CONTACTS, {"tenant": owner.tenant_id, "owner": owner.pk, "count": count})
        cursor.execute(ADDRESSES)
    return owner


def browser(member: Membership) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(member.user)
    session = client.session
    session[TENANT_KEY] = member.tenant_id
    session.save()
    return client


def program(member: Membership) -> Client:
    """A program with a token."""
    with tenant_scope(member.tenant_id):
        _, key = operations.create_token(member=member, name="bench", scope=TokenScope.READ, expires_at=None)
    return Client(headers={"Authorization": f"Bearer {key}"})


def get(client: Client, path: str, query: dict[str, str]) -> None:
    """One request; anything but a page is an error of the benchmark."""
    answer = client.get(path, query)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
