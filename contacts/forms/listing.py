"""The list of contacts: what its address asks for, and what is done with those that were ticked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from django import forms

from contacts.filters import DEFAULT_SORT, SORTS, Criteria, InvalidCriteria, Selection
from contacts.forms.parts import SUGGEST_COMPANIES, IdsField, line
from contacts.models import SavedFilter
from contacts.operations import FilterData
from contacts.operations.filters import NAME_LENGTH

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
YES_OR_NO = [("", "Any"), ("yes", "With an address"), ("no", "Without an address")]
#: Longer than any criteria are in a URL.
QUERY_LENGTH = 10_000


@dataclass(frozen=True)
class ListQuery:
    """What the URL of the list asks for."""

    criteria: Criteria
    sort: str = DEFAULT_SORT
    filter_id: int | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: Mapping[str, Sequence[str]]) -> ListQuery:
        """Reads a URL's parameters; what cannot be read is left out and told in ``problems``."""
        problems: tuple[str, ...] = ()
        try:
            criteria = Criteria.from_query(query)
        except InvalidCriteria as error:
            criteria, problems = error.readable, tuple(error.problems.values())
        sort = next(iter(query.get("sort", ())), DEFAULT_SORT)
        filter_id = next(iter(query.get("filter", ())), "")
        return cls(
            criteria=criteria,
            sort=sort if sort in SORTS else DEFAULT_SORT,
            filter_id=int(filter_id) if filter_id.isdecimal() and len(filter_id) < 18 else None,
            problems=problems,
        )

    @classmethod
    def read_text(cls, text: str) -> ListQuery:
        """The same from ``q=lyon&sort=-name``."""
        return cls.read(parse_qs(text))

    @classmethod
    def read_saved(cls, saved: SavedFilter) -> ListQuery:
        """What a saved filter asks for, as far as it can be read."""
        try:
            return cls(Criteria.from_json(saved.criteria), filter_id=saved.pk)
        except InvalidCriteria as error:
            return cls(error.readable, filter_id=saved.pk)


class CriteriaForm(forms.Form):
    """The criteria that have no menu of their own. It is sent to the list's URL, and read there by `ListQuery`."""

    company = line("Company", "company", SUGGEST_COMPANIES)
    has_email = forms.ChoiceField(label="Email", required=False, choices=YES_OR_NO)
    created_from = forms.DateField(label="Added from", required=False, widget=DAY)
    created_until = forms.DateField(label="until", required=False, widget=DAY)
    updated_from = forms.DateField(label="Changed from", required=False, widget=DAY)
    updated_until = forms.DateField(label="until", required=False, widget=DAY)

    @classmethod
    def of(cls, criteria: Criteria) -> CriteriaForm:
        """The form filled with the criteria of the page."""
        return cls(initial=dict(criteria.to_pairs()))

    def hidden(self, query: ListQuery) -> list[tuple[str, str]]:
        """What the page asks for besides, to be sent along."""
        kept = [pair for pair in query.criteria.to_pairs() if pair[0] not in self.fields]
        return [*kept, ("sort", query.sort)]


class BulkForm(forms.Form):
    """Something to do with some of the contacts of a list: those ticked, or all that match."""

    # Any number: which of them are contacts that the member can see is for the query to say.
    ids = IdsField(required=False)
    all = forms.BooleanField(required=False)
    query = forms.CharField(required=False, max_length=QUERY_LENGTH)
    do = forms.CharField(required=False, max_length=20)
    tag = forms.CharField(required=False, strip=False)
    untag = forms.IntegerField(required=False, min_value=1)

    @property
    def list_query(self) -> ListQuery:
        """The list that the selection was made on."""
        return ListQuery.read_text(self.cleaned_data.get("query", ""))

    def selection(self) -> Selection:
        """What was selected."""
        if self.cleaned_data["all"]:
            return Selection(criteria=self.list_query.criteria)
        return Selection(ids=tuple(self.cleaned_data["ids"]))


class SavedFilterForm(forms.Form):
    name = forms.CharField(
        strip=False,
        widget=forms.TextInput(attrs={"maxlength": NAME_LENGTH, "autocomplete": "off"}),
        error_messages={"required": "A filter needs a name."},
    )
    is_shared = forms.BooleanField(label="Share with the team", required=False)
    query = forms.CharField(required=False, max_length=QUERY_LENGTH, widget=forms.HiddenInput)

    def filter_data(self) -> FilterData:
        """What was written, as operations take it."""
        found = self.cleaned_data
        return FilterData(
            name=found["name"],
            criteria=ListQuery.read_text(found["query"]).criteria,
            is_shared=found["is_shared"],
        )


class MergeForm(forms.Form):
    """Which contacts become one, and which of them it is."""

    ids = IdsField()
    into = forms.IntegerField(min_value=1, required=False)
