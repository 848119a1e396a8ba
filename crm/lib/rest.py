"""What the API views of every app share: checked input, cursor pages, preconditions (DESIGN.md section 8)."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import parse_etags
from drf_spectacular.drainage import get_override
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema_serializer,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from crm.lib.pagination import Page

PAGE_SIZE = 50
PAGE_SIZE_MAXIMUM = 200


class InvalidParameters(ValidationError):
    """Query parameters are unknown or have bad values; ``detail`` is {name: [sentence, …]}."""


class PreconditionFailed(APIException):
    """The object is no longer as the ``If-Match`` header says (RFC 9110, section 13.1.1)."""

    status_code = 412
    default_code = "changed-meanwhile"
    default_detail = "The object has changed since you read it: read it again, and send its new ETag in If-Match."


@dataclass(frozen=True)
class _JSONKind:
    """Which JSON values go with which fields."""

    fields: tuple[type, ...]
    types: tuple[type, ...]
    name: str


TEXTS = (serializers.CharField, serializers.ChoiceField, serializers.DateField, serializers.DateTimeField)
JSON_KINDS = (
    _JSONKind((serializers.BooleanField,), (bool,), "true or false"),
    # JSON knows one kind of number, so that 1.0 is whole; DRF refuses 1.5 itself.
    _JSONKind((serializers.IntegerField,), (int, float), "a whole number"),
    _JSONKind(TEXTS, (str,), "a text"),
)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses names that it does not know: a misspelt field is an error, not a silent nothing.

    In a body, values of another JSON type as well: DRF would store the number 0 as the text "0".
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            problems = {str(name): [self._remedy(str(name))] for name in data if name not in self.fields}
            if self.context.get("is_json"):
                problems |= _mistyped({name: (self.fields.get(name), value) for name, value in data.items()})
            if problems:
                raise ValidationError(problems)
        return super().to_internal_value(data)

    def _remedy(self, name: str) -> str:
        close = difflib.get_close_matches(name, self.fields, n=1)
        if close:
            return f'Not known here. Did you mean "{close[0]}"?'
        return f"Not known here. Known are: {', '.join(self.fields)}."


def _mistyped(given: Mapping[Any, tuple[Any, Any]]) -> dict[str, Any]:
    """Place -> what to write there instead, for those of the (field, JSON value) that do not go together."""
    problems: dict[str, Any] = {}
    for place, (field, value) in given.items():
        if isinstance(field, serializers.ListField) and isinstance(value, list):
            inner = _mistyped({number: (field.child, item) for number, item in enumerate(value)})
            if inner:
                problems[str(place)] = inner
        elif value is not None:
            wanted = next((kind for kind in JSON_KINDS if isinstance(field, kind.fields)), None)
            if wanted and type(value) not in wanted.types:
                problems[str(place)] = [f"Write {wanted.name}."]
    return problems


class NoQuery(StrictSerializer):
    """The query parameters of an operation that has none."""


class PageQuery(StrictSerializer):
    """The query parameters of every list."""

    cursor = serializers.CharField(
        required=False, help_text="Where the page begins, from `next` or `previous`. Leave it out for the first page."
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=PAGE_SIZE_MAXIMUM, default=PAGE_SIZE, help_text="How many results a page has at most."
    )


def read_query(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """The query parameters as ``serializer`` reads them. Raises `InvalidParameters`."""
    reader = serializer(data=_as_mapping(request.query_params, serializer().fields))
    try:
        reader.is_valid(raise_exception=True)
    except ValidationError as error:
        raise InvalidParameters(error.detail) from error
    return dict(reader.validated_data)


def _as_mapping(parameters: QueryDict, fields: Mapping[str, serializers.Field[Any, Any, Any, Any]]) -> dict[str, Any]:
    """Plain values, since DRF takes a QueryDict for a form, in which an absent box means "no"."""
    return {
        name: values if isinstance(fields.get(name), serializers.ListField) else values[-1]
        for name, values in parameters.lists()
    }


def read_body(serializer: type[StrictSerializer], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """The request's JSON as ``serializer`` reads it; ``partial`` leaves out what the request leaves out.

    Raises DRF's `ValidationError`.
    """
    reader = serializer(data=request.data, partial=partial, context={"is_json": True})
    reader.is_valid(raise_exception=True)
    return dict(reader.validated_data)


# --- Pages --------------------------------------------------------------------------------------


def page_response(request: Request, page: Page[Any], serializer: type[serializers.Serializer[Any]]) -> Response:
    """One page of a list, with the absolute URLs of the pages around it."""
    return Response(
        {
            "next": _page_url(request, page.next),
            "previous": _page_url(request, page.previous),
            "results": serializer(page.items, many=True).data,
        }
    )


def _page_url(request: Request, cursor: str | None) -> str | None:
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor) if cursor else None


@functools.cache
def page_of(item: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """What `page_response` answers, for the schema."""
    url: dict[str, Any] = {"allow_null": True, "help_text": "The address of that page; null where there is none."}
    page = inline_serializer(
        name=f"{item.__name__.removesuffix('Serializer')}Page",
        fields={
            "next": serializers.URLField(**url),
            "previous": serializers.URLField(**url),
            "results": item(many=True),
        },
    )
    examples = [
        OpenApiExample(example.name, {"next": None, "previous": None, "results": [example.value]})
        for example in get_override(item, "examples", [])
        if not example.request_only
    ]
    extend_schema_serializer(examples=examples)(type(page))
    return page


#: For ``responses``: the body or the query names an object that may be missing. The schema has the rest.
MISSING = {404: OpenApiResponse()}


def created(request: Request, data: Any, url_name: str, row_id: int, **headers: str) -> Response:
    """201 with the new object, and where it is from now on."""
    location = request.build_absolute_uri(reverse(url_name, args=[row_id]))
    return Response(data, status=201, headers={"Location": location, **headers})


#: For ``responses``: somebody else may have been quicker. The schema has the rest.
STALE = {412: OpenApiResponse()}
LOCATION = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, description="Where the new object is.", response=[201]
)


# --- Preconditions: nobody overwrites what they have not seen ---------------------------------


def etag_of(changed_at: datetime) -> str:
    """The strong entity tag of an object that was changed last at this moment."""
    return f'"{int(changed_at.timestamp() * 1_000_000):x}"'


def is_conditional(request: Request) -> bool:
    """Whether the request is to act on one version of the object alone."""
    return "If-Match" in request.headers


def require_match(request: Request, etag: str) -> None:
    """Raises `PreconditionFailed` when an ``If-Match`` header names other versions than ``etag``."""
    if is_conditional(request) and not _names(parse_etags(request.headers["If-Match"]), etag):
        raise PreconditionFailed


def is_fresh(request: Request, etag: str) -> bool:
    """Whether the reader has this version already (``If-None-Match``), so that 304 is answer enough."""
    given = parse_etags(request.headers.get("If-None-Match", ""))
    # The weak comparison, RFC 9110 section 13.1.2: proxies that compress weaken our tags.
    return _names([tag.removeprefix("W/") for tag in given], etag)


def _names(given: Iterable[str], etag: str) -> bool:
    return any(tag in {"*", etag} for tag in given)


ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, description="The object's version, for If-Match.", response=[200, 201]
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="An ETag: do it only if the object is still that version. Without it the last writer wins.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="An ETag: answer 304 if the object is still that version.",
)
NOT_MODIFIED = OpenApiResponse(description="The object is still the version that If-None-Match names.")
