"""What the API views of emails share."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import ValidationError

from accounts.api import MemberAPIView
from accounts.models import Membership
from contacts.api.base import filter_named, tags_named
from contacts.filters import Criteria
from crm.lib.endpoints import Refusals
from crm.lib.rest import InvalidParameters, PreconditionFailed
from emails.operations import ChangedMeanwhile, Excluded
from emails.queries import Box, Wanted, search_problems
from emails.searching import Search, parse

GONE = OpenApiResponse(description="It is gone. Whoever's token it was can take it back on the pages for a while.")


class EmailsAPIView(MemberAPIView):
    refusals: ClassVar[Refusals] = {
        ChangedMeanwhile: lambda refused: PreconditionFailed(str(refused)),
        Excluded: lambda refused: ValidationError(str(refused)),
    }


def wanted(member: Membership, given: dict[str, Any]) -> Wanted:
    """What `EmailQuery` has read.

    Raises `InvalidParameters` for tags and filters that are not there, and a search that cannot be understood.
    """
    criteria = filter_named(member, given["filter"]).criteria if "filter" in given else Criteria()
    if "tag" in given:
        criteria = criteria.but(tags=tuple(dict.fromkeys([*criteria.tags, *tags_named(given["tag"])])))
    return Wanted(
        box=Box(given["box"]),
        members=tuple(given.get("member", ())),
        criteria=criteria,
        search=_search(given.get("q", "")),
        **{name: given.get(name) for name in ("contact", "thread", "since", "until")},
    )


def _search(text: str) -> Search:
    search = parse(text, today=timezone.localdate())
    if problems := search_problems(search):
        raise InvalidParameters({"q": problems})
    return search
