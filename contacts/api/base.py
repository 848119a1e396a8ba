"""What the API views of contacts share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings

from accounts.api import MemberAPIView
from contacts.data import InvalidContact
from contacts.operations import InvalidFilter, InvalidNote, InvalidTag, StaleContact
from crm.lib.rest import PreconditionFailed

WHOLE = api_settings.NON_FIELD_ERRORS_KEY
GONE = OpenApiResponse(description="It is gone. Whoever's token it was can take it back on the pages for a while.")


class ContactsAPIView(MemberAPIView):
    """Says in the API's terms what operations on contacts refuse."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, StaleContact):
            exc = PreconditionFailed()
        elif isinstance(exc, InvalidContact | InvalidNote | InvalidTag | InvalidFilter):
            exc = ValidationError(_by_field(exc.problems))
        return super().handle_exception(exc)


def _by_field(problems: Mapping[str, list[str]]) -> dict[str, Any]:
    """``{"emails.0": […]}`` as DRF nests it, under the API's names; what concerns the whole, under none."""
    nested: dict[str, Any] = {}
    for path, sentences in problems.items():
        name, _, item = path.partition(".")
        name = {"owner_id": "owner", "contact": WHOLE}.get(name, name)
        nested.setdefault(name, {})[item or WHOLE] = sentences
    return nested
