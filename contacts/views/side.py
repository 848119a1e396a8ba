"""The side column that all pages about contacts share: the whole list, one's own, and saved filters."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse

from accounts.http import MemberRequest
from accounts.models import Membership
from contacts import queries
from contacts.filters import Criteria
from contacts.forms.listing import ListQuery
from contacts.models import SavedFilter
from contacts.views.answers import list_url, page_or_form


@dataclass(frozen=True)
class Link:
    """A link to the list of contacts, as it asks for this or that."""

    label: str
    url: str
    on: bool = False
    #: For column heads: "ascending" or "descending" where the list is sorted by them.
    order: str = ""


@dataclass(frozen=True)
class Side:
    """The links of the side column; those of filters with the filter itself."""

    everybody: Link
    mine: Link
    filters: list[tuple[SavedFilter, Link]]

    @classmethod
    def of(cls, member: Membership, query: ListQuery | None = None) -> Side:
        """The column beside the list that ``query`` asks for, or beside another page."""
        mine = Criteria(owner=member.pk)
        filters = queries.list_filters(member)
        asked = query.criteria if query else None
        current = next((one for one in filters if query and one.pk == query.filter_id), None)
        return cls(
            everybody=Link("All contacts", list_url(Criteria()), on=asked == Criteria()),
            mine=Link("Yours", list_url(mine), on=current is None and asked == mine),
            filters=[(one, Link(one.name, _url(one), on=one == current)) for one in filters],
        )

    @property
    def saved(self) -> SavedFilter | None:
        """The saved filter that the list shows."""
        return next((saved for saved, link in self.filters if link.on), None)


def beside_list(
    request: MemberRequest, template: str, context: dict[str, object], *, failed: bool = False
) -> HttpResponse:
    """A page about contacts that is not the list, with the same side column."""
    return page_or_form(request, template, {"side": Side.of(request.membership), **context}, failed=failed)


def _url(saved: SavedFilter) -> str:
    return list_url(ListQuery.read_saved(saved).criteria, filter_id=saved.pk)
