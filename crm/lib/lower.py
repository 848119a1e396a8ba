"""Small letters as the database makes them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection


def lowered(texts: Iterable[str]) -> dict[str, str]:
    """Each text with what PostgreSQL's ``lower`` makes of it, by which its unique indexes compare.

    Python's own differs for some letters (İ, a final Σ), and whoever mixes the two misses rows that are there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, lower(text) FROM unnest(%s::text[]) AS text", [sorted(set(texts))])
        return dict(cursor.fetchall())
