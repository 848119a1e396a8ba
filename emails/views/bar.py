"""The bar above the list: what it is narrowed down to, as chips, and the menus that narrow it down further."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Membership
from contacts.models import SavedFilter, Tag
from emails.forms import ListQuery
from emails.views.side import list_url

#: Where a query leads: the address of a list.
Url = Callable[[ListQuery], str]


@dataclass(frozen=True)
class Choice:
    """A link to the same list with one condition more or less."""

    label: str
    url: str
    on: bool = False


@dataclass(frozen=True)
class Bar:
    """What ``emails/_bar.html`` shows; ``clear`` is the address of the box without any condition."""

    chips: Sequence[Choice]
    members: Sequence[Choice]
    tags: Sequence[Choice]
    filters: Sequence[Choice]
    clear: str

    @classmethod
    def of(
        cls,
        me: Membership,
        query: ListQuery,
        *,
        members: Sequence[Membership],
        tags: Sequence[Tag],
        filters: Sequence[SavedFilter],
        url: Url = list_url,
    ) -> Bar:
        """The bar for ``query``, whose choices lead to where ``url`` says; among these that there are."""
        others = [one for one in members if one.pk != me.pk and (one.is_active or one.pk in query.members)]
        names = {one.pk: _name(me, one) for one in members}
        return cls(
            chips=list(_chips(query, _Names(names, tags, filters), url)),
            members=[_toggle(query, "members", one.pk, names[one.pk], url) for one in [me, *others]],
            tags=[_toggle(query, "tags", tag.pk, tag.name, url) for tag in tags],
            filters=[
                Choice(one.name, url(query.but(filter_id=None if on else one.pk)), on)
                for one in filters
                for on in [one.pk == query.filter_id]
            ],
            clear=url(ListQuery(box=query.box)),
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.chips)


class _Names:
    """What the ids in a query are called; what is gone says so, since it finds nothing."""

    def __init__(self, members: Mapping[int, str], tags: Iterable[Tag], filters: Iterable[SavedFilter]) -> None:
        self.members = members
        self.tags = {tag.pk: tag.name for tag in tags}
        self.filters = {one.pk: one.name for one in filters}


def _chips(query: ListQuery, names: _Names, url: Url) -> Iterator[Choice]:
    """What is asked for, each with the way to do without it."""
    if query.q:
        yield Choice(f"“{query.q}”", url(query.but(q="")), on=True)
    if query.members:
        label = ", ".join(names.members.get(one, "somebody unknown") for one in query.members)
        yield Choice(label, url(query.but(members=())), on=True)
    for one in query.tags:
        yield Choice(f"Tag: {names.tags.get(one, 'deleted')}", url(query.toggled("tags", one)), on=True)
    if query.filter_id:
        label = f"Filter: {names.filters.get(query.filter_id, 'deleted')}"
        yield Choice(label, url(query.but(filter_id=None)), on=True)


def _toggle(query: ListQuery, kind: str, value: int, label: str, url: Url) -> Choice:
    return Choice(label, url(query.toggled(kind, value)), on=value in getattr(query, kind))


def _name(me: Membership, member: Membership) -> str:
    return "You" if member.pk == me.pk else str(member)
