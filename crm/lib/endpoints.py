"""An endpoint of the API, said once: what it takes and what it answers, for the schema and for the code alike."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from crm.lib.rest import LOCATION, NoQuery, StrictSerializer, created, page_of, page_response, read_body, read_query

P = ParamSpec("P")
V = TypeVar("V", bound="EndpointView")
#: What operations refuse -> how the API says it.
Refusals = Mapping[type[Exception], Callable[[Any], Exception]]


@dataclass(frozen=True)
class Endpoint:
    """Decorates a view's method, which gives back what is to be answered; a `Response` of its own goes out as it is.

    ``answer`` writes one object, ``many`` a list, ``page`` a `crm.lib.pagination.Page`; without them the status is all.
    ``partial`` leaves out of the body what the request leaves out. ``at`` is the URL name of what was made.
    """

    operation_id: str
    summary: str
    _: KW_ONLY
    description: str = ""
    query: type[StrictSerializer] = NoQuery
    body: type[StrictSerializer] | None = None
    partial: bool = False
    answer: type[Serializer[Any]] | OpenApiResponse | None = None
    many: type[Serializer[Any]] | None = None
    page: type[Serializer[Any]] | None = None
    status: int = 200
    at: str = ""
    #: Of bytes, which a method answers itself.
    media: str = ""
    headers: tuple[OpenApiParameter, ...] = ()
    #: Further answers, for the schema.
    also: Mapping[int, Any] = field(default_factory=dict)

    def __call__(self, method: Callable[Concatenate[V, Request, P], object]) -> Callable[..., Response]:
        @extend_schema(**self._schema())
        @functools.wraps(method)
        def handle(view: V, request: Request, *args: P.args, **kwargs: P.kwargs) -> Response:
            view.endpoint = self
            if request.method in {"GET", "HEAD"}:
                # At once: a parameter that nobody knows is refused, whoever looks at the others.
                view.given = self.read(request)
            found = method(view, request, *args, **kwargs)
            return found if isinstance(found, Response) else self._response(request, found)

        return handle

    def read(self, request: Request) -> dict[str, Any]:
        """What `EndpointView.given` is."""
        if self.body is None:
            return read_query(self.query, request)
        return read_body(self.body, request, partial=self.partial)

    def _response(self, request: Request, found: Any) -> Response:
        if self.page:
            return page_response(request, found, self.page)
        if self.many:
            return Response(self.many(found, many=True).data)
        serializer = self.answer.response if isinstance(self.answer, OpenApiResponse) else self.answer
        data = serializer(found).data if serializer else None
        return created(request, data, self.at, found.pk) if self.at else Response(data, status=self.status)

    def _schema(self) -> dict[str, Any]:
        # The schema cannot show a query without parameters.
        query = [] if self.query is NoQuery else [self.query]
        return {
            "operation_id": self.operation_id,
            "summary": self.summary,
            "description": self.description,
            "parameters": [*self.headers, *query, *([LOCATION] if self.at else [])],
            "request": self.body,
            "responses": self._answers(),
        }

    def _answers(self) -> dict[Any, Any]:
        if self.media:
            return {(200, self.media): OpenApiTypes.BINARY}
        answer = page_of(self.page) if self.page else self.many(many=True) if self.many else self.answer
        return {201 if self.at else self.status: answer, **self.also}


class EndpointView(APIView):
    """A view whose methods are each an `Endpoint`: load, which is 404 without, make one call down, give back what it
    found."""

    refusals: ClassVar[Refusals] = {}
    #: Under what the schema lists its endpoints; the first word of the path unless it says otherwise.
    tag: ClassVar[str] = ""
    endpoint: Endpoint

    @functools.cached_property
    def given(self) -> dict[str, Any]:
        """The query of a GET, the body of any other method, as the endpoint's serializer reads it.

        A body is read when it is first asked for: so whoever may not know of an object hears 404, whatever they send.
        Raises DRF's `ValidationError`.
        """
        return self.endpoint.read(self.request)

    def handle_exception(self, exc: Exception) -> Response:
        say = next((say for kind, say in self.refusals.items() if isinstance(exc, kind)), None)
        return super().handle_exception(say(exc) if say else exc)
