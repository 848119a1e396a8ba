"""What the API views of contacts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import ValidationError
from rest_framework.settings import api_settings

from accounts.api import MemberAPIView
from accounts.models import Membership
from contacts import queries
from contacts.data import InvalidContact
from contacts.operations import FilterData, InvalidFilter, InvalidNote, InvalidTag, StaleContact
from contacts.serializers import data_of_filter
from crm.lib.endpoints import Refusals
from crm.lib.lower import lowered
from crm.lib.rest import InvalidParameters, PreconditionFailed

WHOLE = api_settings.NON_FIELD_ERRORS_KEY
GONE = OpenApiResponse(description="It is gone. Whoever's token it was can take it back on the pages for a while.")


class ContactsAPIView(MemberAPIView):
    refusals: ClassVar[Refusals] = {
        StaleContact: lambda _: PreconditionFailed(),
        **dict.fromkeys(
            (InvalidContact, InvalidNote, InvalidTag, InvalidFilter),
            lambda refused: ValidationError(_by_field(refused.problems)),
        ),
    }


def _by_field(problems: Mapping[str, list[str]]) -> dict[str, Any]:
    """``{"emails.0": […]}`` as DRF nests it, under the API's names; what concerns the whole, under none."""
    nested: dict[str, Any] = {}
    for path, sentences in problems.items():
        name, _, item = path.partition(".")
        name = {"owner_id": "owner", "contact": WHOLE}.get(name, name)
        nested.setdefault(name, {})[item or WHOLE] = sentences
    return nested


def filter_named(member: Membership, filter_id: int) -> FilterData:
    """What a saved filter of the member's, or a shared one, asks for. Raises `InvalidParameters`."""
    try:
        return data_of_filter(queries.get_filter(member, filter_id))
    except Http404 as error:
        raise InvalidParameters({"filter": [f"You have no filter {filter_id}: see filters/."]}) from error


def tags_named(texts: Sequence[str]) -> list[int]:
    """The ids of tags given by id or name. Raises `InvalidParameters`."""
    tags = {tag.name: tag.pk for tag in queries.list_tags()}
    keys = lowered([*tags, *texts])
    known = {keys[name]: tag_id for name, tag_id in tags.items()}
    known |= {str(tag_id): tag_id for tag_id in tags.values()}
    unknown = [text for text in texts if keys[text] not in known]
    if unknown:
        raise InvalidParameters({"tag": [f"There is no tag {text!r}: see tags/." for text in unknown]})
    return [known[keys[text]] for text in texts]
