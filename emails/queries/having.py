"""That emails have something: rows of another table that name them."""

from __future__ import annotations

from typing import Any, Final, Protocol

from django.db.models import BooleanField, Exists, Func, OuterRef, Q, QuerySet

from crm.lib.bulk import is_among

ANY: Final = Q()
#: As many as cost less to bring and sort than the walk that finds thirty among a hundred times as many.
FEW: Final = 5_000


class Has(Protocol):
    """Of rows with a column ``email``: that an email has one of them, and ``then`` holds of it.

    ``among``, where it is given, are these rows and others, found without asking each of them whether it may be seen:
    of a mailbox whose mail is hidden, all would be asked for the few that are not.
    """

    def __call__(self, rows: QuerySet[Any], then: Q = ANY, *, among: QuerySet[Any] | None = None) -> Q: ...


class OneByOne(Exists):
    """An EXISTS that is asked of each row in turn.

    PostgreSQL makes a join of one, or a table of all that it finds, and expects too little: it does not know that ids
    and tenants go together. So it brings and sorts all emails of an account for the newest few. Not with an OFFSET.
    """

    template = "EXISTS(%(subquery)s OFFSET 0)"


class _Then(Func):
    """The second condition, asked where the first holds: PostgreSQL begins with the one that it finds cheap."""

    template = "(CASE WHEN %(expressions)s ELSE false END)"
    arg_joiner = " THEN "
    output_field = BooleanField()


def has(rows: QuerySet[Any], then: Q = ANY, *, among: QuerySet[Any] | None = None) -> Q:
    """For who asks for all emails that have one; ``among`` helps nothing there."""
    return Q(Exists(rows.filter(email=OuterRef("pk")))) & then


def has_in_order(rows: QuerySet[Any], then: Q = ANY, *, among: QuerySet[Any] | None = None) -> Q:
    """For who asks for the newest few of them: by their ids where there are few, which costs two queries at most."""
    counted = (rows if among is None else among).order_by()
    # Many are not brought: the index alone tells that there is one more.
    if counted[FEW : FEW + 1].exists():
        return _one_by_one(rows, then)
    ids = set(counted.values_list("email_id", flat=True))
    return is_among("pk", ids) & (then if among is None else _one_by_one(rows, then))


def _one_by_one(rows: QuerySet[Any], then: Q) -> Q:
    found = OneByOne(rows.filter(email=OuterRef("pk")))
    return Q(_Then(found, then)) if then else Q(found)
