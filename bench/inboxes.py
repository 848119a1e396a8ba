"""Accounts full of emails, made by PostgreSQL itself: five million in minutes.

As in life: one account is large, a few are middling, the rest small; words and contacts follow Zipf; conversations
have a few emails each; some have two contacts, or were seen in two mailboxes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import psycopg2
from psycopg2 import extensions

from bench.figures import say
from emails.words import Texts, sections, vector

#: Different texts that emails have: a word of one alone is in one email of so many.
TEXTS = 20_000
VOCABULARY = 40_000
#: Every email of a conversation lies within so many others.
SPREAD = 60
TABLES = ("emails_thread", "emails_email", "emails_party", "emails_source", "emails_link")


@dataclass(frozen=True)
class Account:
    """An account to be filled: its members' ids with their doors', its own id, and with how many emails."""

    tenant: int
    members: Sequence[int]
    emails: int


def sizes(emails: int, accounts: int) -> list[int]:
    """So many emails spread over accounts: a tenth in one, a hundredth in each of five, the rest alike."""
    large, middling = emails // 10, min(5, accounts - 2)
    rest = emails - large - middling * (emails // 100)
    small = accounts - 1 - middling
    return [large, *[emails // 100] * middling, *[rest // small] * small]


def fill(url: str, accounts: Sequence[Account]) -> None:
    """Makes contacts and emails of all the accounts; ``url`` is a superuser's, whom no policy binds."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        # Keys hold by the way the rows are made, and checking them takes longer than making them.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'; SET synchronous_commit = off")
        cursor.execute("SELECT setseed(0.5)")
        _texts(cursor)
        _accounts(cursor, accounts)
        _contacts(cursor)
        indexes = list(_indexes_away(cursor))
        for name, statement in STATEMENTS.items():
            say(f"Making {name}.")
            cursor.execute(statement)
        for statement in indexes:
            say(f"Indexing: {statement[:90]}")
            cursor.execute(statement)
        cursor.execute("DROP TABLE bench_mail, bench_text, bench_account")
        for table in (*TABLES, "contacts_contact"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def _texts(cursor: extensions.cursor) -> None:
    say("Making texts.")
    chance = random.Random(1)
    words = [word(number) for number in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))
    cursor.execute("CREATE UNLOGGED TABLE bench_text (id int PRIMARY KEY, subject text, said text, search tsvector)")
    for start in range(0, TEXTS, 1000):
        rows = []
        for number in range(start, start + 1000):
            subject = " ".join(chance.choices(words, cum_weights=weights, k=4)).capitalize()
            said = " ".join(chance.choices(words, cum_weights=weights, k=chance.randrange(20, 90)))
            rows.append((number, subject, said, sections(Texts(subject=subject, said=said), 10_000)))
        cursor.execute(
            f"INSERT INTO bench_text SELECT id, subject, said, {vector('spaced')}"
            " FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS given (id, subject, said, spaced)",
            [list(column) for column in zip(*rows, strict=True)],
        )


def word(number: int) -> str:
    """The first are the commonest: ``common`` is in nearly every text, ``seldom`` in very few."""
    named = {0: "common", 40: "pallet", 41: "delivery", VOCABULARY - 1: "seldom"}
    syllables = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te")
    text, rest = "", number + 12
    while rest:
        rest, digit = divmod(rest, 12)
        text += syllables[digit]
    return named.get(number, text)


def _accounts(cursor: extensions.cursor, accounts: Sequence[Account]) -> None:
    cursor.execute("""
        CREATE UNLOGGED TABLE bench_account (tenant bigint PRIMARY KEY, emails int, before bigint, contacts int,
                                             contacts_before bigint, members bigint[], doors bigint[])
    """)
    before = contacts_before = 0
    for one in accounts:
        contacts = max(20, one.emails // 25)
        cursor.execute(
            "INSERT INTO emails_door (tenant_id, member_id, kind, address, aliases, created_at, visibility)"
            " SELECT %s, member, 'gmail', 'member' || member || '@office.example', '{}', now(), 2"
            " FROM unnest(%s::bigint[]) AS member RETURNING id",
            [one.tenant, list(one.members)],
        )
        doors = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO bench_account VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [one.tenant, one.emails, before, contacts, contacts_before, list(one.members), doors],
        )
        before, contacts_before = before + one.emails, contacts_before + contacts


def _contacts(cursor: extensions.cursor) -> None:
    say("Making contacts.")
    for statement in CONTACTS:
        cursor.execute(statement)


def _indexes_away(cursor: extensions.cursor) -> Iterator[str]:
    """Drops the indexes that belong to no key, and answers how to make them again."""
    for table in TABLES:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
            [table, table],
        )
        for name, statement in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')
            yield statement


CONTACTS = (
    """
    INSERT INTO contacts_contact (id, tenant_id, first_name, last_name, company, company_key, title, phones, is_private,
                                  sort_name, search_text, created_at, updated_at, owner_id)
    SELECT contacts_before + n, tenant, 'Given' || n, 'Family' || n, 'Company ' || n % 1000, 'company ' || n % 1000,
           '', '{}', n % 50 = 7, 'family' || n || ' given' || n, 'given' || n || ' family' || n, now(), now(),
           members[1]
    FROM bench_account, generate_series(1, contacts) AS n
    """,
    """
    INSERT INTO contacts_address (tenant_id, contact_id, email, position, created_at)
    SELECT tenant, contacts_before + n, 'person' || n || '@company' || n % 1000 || '.example', 0, now()
    FROM bench_account, generate_series(1, contacts) AS n
    """,
    """
    INSERT INTO contacts_tag (tenant_id, name, colour)
    SELECT tenant, name, 'blue' FROM bench_account, unnest(ARRAY['customer', 'key account']) AS name
    """,
    """
    INSERT INTO contacts_contacttag (tenant_id, contact_id, tag_id)
    SELECT one.tenant, contacts_before + n, tag.id FROM bench_account AS one
    JOIN contacts_tag AS tag ON tag.tenant_id = one.tenant, generate_series(1, contacts) AS n
    WHERE n % CASE tag.name WHEN 'customer' THEN 5 ELSE 50 END = 0
    """,
)
#: By the number of a conversation: whose it is, and in whose mailbox.
_CHANCE = "(abs(hashint8(thread + {salt})) % 1000003) / 1000003.0"
_PARTIES = vector(
    "concat_ws(E'\\x1f', 'ref' || n, CASE WHEN is_sent THEN 'member office' ELSE spaced END,"
    " CASE WHEN is_sent THEN spaced ELSE 'member office' END, '')"
)
STATEMENTS = {
    "mail": f"""
        CREATE UNLOGGED TABLE bench_mail AS
        SELECT before + n AS id, tenant, n, before + thread + 1 AS thread,
               1 + floor(contacts * power({_CHANCE.format(salt="before")}, 3))::int AS contact,
               contacts, contacts_before,
               1 + floor(cardinality(members) * power({_CHANCE.format(salt="7")}, 2))::int AS member, doors, members,
               now() - (emails - n) * (interval '5 years' / emails) AS sent_at,
               random() < 0.4 AS is_sent, floor(random() * {TEXTS})::int AS text, random() AS dice
        FROM (
            SELECT *, greatest(0, n - floor({SPREAD} * power(random(), 3))::int) / 3 AS thread
            FROM bench_account, generate_series(1, emails) AS n
        ) AS threaded
    """,
    "conversations": """
        INSERT INTO emails_thread (id, tenant_id, created_at) SELECT DISTINCT thread, tenant, now() FROM bench_mail
    """,
    "emails": f"""
        INSERT INTO emails_email (id, tenant_id, fingerprint, message_id, thread_id, direction, from_address, from_name,
                                  subject, sent_at, snippet, text, size, has_html, has_attachments, is_tracked,
                                  has_quote, original, problem, search, stored_at)
        SELECT mail.id, tenant, md5(n::text), n || '@mail.example', thread, CASE WHEN is_sent THEN 'out' ELSE 'in' END,
               CASE WHEN is_sent THEN own ELSE address END, CASE WHEN is_sent THEN 'Member' ELSE name END,
               subject || ' ref' || n, sent_at, left(said, 200), said, 4000, true, dice < 0.2,
               is_sent AND dice > 0.9, dice > 0.98, '', '',
               bench_text.search || {_PARTIES}, sent_at
        FROM (
            SELECT *, members[member] AS owner, 'member' || members[member] || '@office.example' AS own,
                   'person' || contact || '@company' || contact % 1000 || '.example' AS address,
                   'Given' || contact || ' Family' || contact AS name,
                   'given' || contact || ' family' || contact || ' person' || contact || ' company' || contact % 1000
                   || ' example' AS spaced
            FROM bench_mail
        ) AS mail JOIN bench_text ON bench_text.id = mail.text
        ORDER BY tenant, sent_at
    """,
    "parties": """
        INSERT INTO emails_party (tenant_id, email_id, role, address, name, position)
        SELECT tenant, id, role, CASE WHEN is_sent = (role = 'from') AND role <> 'cc' THEN
                   'member' || members[member] || '@office.example'
               ELSE 'person' || who || '@company' || who % 1000 || '.example' END,
               CASE WHEN is_sent = (role = 'from') AND role <> 'cc' THEN 'Member' ELSE 'Given' || who END, position
        FROM bench_mail, LATERAL (
            VALUES ('from', 0, contact), ('to', 1, contact), ('cc', 2, 1 + (contact + n) % contacts)
        ) AS party (role, position, who)
        WHERE role <> 'cc' OR dice < 0.3
        ORDER BY tenant, sent_at
    """,
    "sources": """
        INSERT INTO emails_source (tenant_id, email_id, door_id, key, thread_key, labels, seen_at)
        SELECT tenant, id, doors[1 + (member - 1 + other) % cardinality(doors)], n || '-' || other, '', '{}', sent_at
        FROM bench_mail, generate_series(0, 1) AS other WHERE other = 0 OR (dice < 0.1 AND cardinality(doors) > 1)
        ORDER BY tenant, sent_at
    """,
    "links": """
        INSERT INTO emails_link (tenant_id, email_id, contact_id, by, stored_at, sent_at)
        SELECT DISTINCT ON (tenant, sent_at, id, who) tenant, id, contacts_before + who, 'auto', sent_at, sent_at
        FROM bench_mail, LATERAL (VALUES (0, contact), (1, 1 + (contact + n) % contacts)) AS link (other, who)
        WHERE other = 0 OR dice < 0.15
        ORDER BY tenant, sent_at, id, who
    """,
}
