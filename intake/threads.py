"""Which conversation an email belongs to: messages that share a key (`mailkit.threads`) are one thread.

History comes newest first (E3), replies before what they reply to. So a message may turn out to tie two threads that
were were apart; then the first of them, by id, takes the emails and keys of the others. The empty rows stay: what else
refers to a thread loses nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from psycopg2.sql import SQL, Identifier

from crm.lib import bulk
from crm.lib.tenancy import current_tenant_id
from emails.operations.joining import join_sharing
from intake.holding import hold_threads

KEY_COLUMNS = (bulk.Column("key"), bulk.Column("thread_id", "bigint"))


@dataclass(frozen=True, slots=True)
class Group:
    """Keys that belong together, and the threads that they have been in so far, lowest id first."""

    keys: frozenset[str]
    threads: tuple[int, ...]


def grouped(families: Iterable[Sequence[str]], threads: Mapping[str, int]) -> list[Group]:
    """Joins families of keys that share one, or a thread; ``threads`` says which thread a key is in. Pure."""
    parents: dict[str | int, str | int] = {}

    def root(node: str | int) -> str | int:
        parents.setdefault(node, node)
        while parents[node] != node:
            # Halves the way for the next who goes it.
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    for family in families:
        for key in family:
            parents[root(key)] = root(family[0])
            if key in threads:
                parents[root(threads[key])] = root(family[0])
    groups: defaultdict[str | int, list[str | int]] = defaultdict(list)
    for node in list(parents):
        groups[root(node)].append(node)
    return [
        Group(
            frozenset(node for node in nodes if isinstance(node, str)),
            tuple(sorted(node for node in nodes if isinstance(node, int))),
        )
        for nodes in groups.values()
    ]


def assign(families: Mapping[str, Sequence[str]], before: Collection[int] = ()) -> dict[str, int]:
    """The thread of each fingerprint, by its keys: found, merged or made. In the scope of the tenant.

    ``before`` are emails whose rows the same transaction will hold.
    """
    if not families:
        return {}
    names = sorted({key for keys in families.values() for key in keys})
    there = _threads_of(names)
    found = grouped(families.values(), there)
    fresh = _make(sum(not group.threads for group in found))
    given = _given(found, fresh)
    ours: dict[str, int] = dict(
        bulk.insert(
            "emails_threadkey",
            KEY_COLUMNS,
            [(key, given[key]) for key in names if key not in there],
            conflict=["key"],
            returning=["key", "thread_id"],
        )
    )
    # Nobody else sees those that are new until this ends, so that only the others may have changed.
    others = [key for key in names if key not in ours]
    there = ours | _settled(others, {thread for group in found for thread in group.threads}, fresh)
    into = {thread: group.threads[0] for group in grouped(families.values(), there) for thread in group.threads}
    _merge({thread: first for thread, first in into.items() if thread != first}, before)
    return {fingerprint: into[there[keys[0]]] for fingerprint, keys in families.items()}


def _given(groups: Iterable[Group], fresh: Iterable[int]) -> dict[str, int]:
    unused = iter(fresh)
    given: dict[str, int] = {}
    for group in groups:
        given.update(dict.fromkeys(group.keys, group.threads[0] if group.threads else next(unused)))
    return given


def _settled(names: Sequence[str], expected: Collection[int], fresh: Iterable[int]) -> dict[str, int]:
    """Which thread each key is in, with these threads held: another worker merges them before or after, not now.

    They are held in ascending order, so that two workers never wait in a circle. A second round comes where
    another has merged one meanwhile; what it emptied nobody else waits for.
    """
    _hold(expected)
    held = {*expected, *fresh}
    while new := set((there := _threads_of(names)).values()) - held:
        _hold(new)
        held |= new
    return there


def _threads_of(names: Sequence[str]) -> dict[str, int]:
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, thread_id FROM emails_threadkey WHERE tenant_id = %s AND key = ANY(%s)",
            [current_tenant_id(), list(names)],
        )
        return dict(cursor.fetchall())


def _make(count: int) -> list[int]:
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO emails_thread (tenant_id, created_at) SELECT %s, now() FROM generate_series(1, %s) "
            "RETURNING id",
            [current_tenant_id(), count],
        )
        return [thread for (thread,) in cursor.fetchall()]


def _hold(threads: Collection[int]) -> None:
    if threads:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT FROM emails_thread WHERE tenant_id = %s AND id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                [current_tenant_id(), list(threads)],
            )


def _merge(into: Mapping[int, int], before: Collection[int]) -> None:
    if not into:
        return
    hold_threads(into, before)
    join_sharing(into)
    for table in ("emails_threadkey", "emails_email"):
        statement = SQL(
            "UPDATE {} AS moved SET thread_id = merged.first "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS merged (thread, first) "
            "WHERE moved.thread_id = merged.thread AND moved.thread_id = ANY(%s)"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement.format(Identifier(table)), [list(into), list(into.values()), list(into)])
