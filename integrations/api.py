"""The API's root: what there is, its schema, its docs, and what is nowhere."""

from __future__ import annotations

from typing import Any, Final

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import Resolver404, resolve, reverse
from django.utils.decorators import method_decorator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema, inline_serializer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.lib.rest import NoQuery, read_query
from integrations.problems import Refused

#: What the index names -> URL name.
INDEX: Final = {
    "contacts": "api_contacts",
    "emails": "api_emails",
    "notes": "api_notes",
    "tags": "api_tags",
    "filters": "api_filters",
    "exclusions": "api_exclusions",
    "mailboxes": "api_mailboxes",
    "sync": "api_sync_status",
    "me": "api_me",
    "schema": "api_schema",
    "docs": "api_docs",
}
FORMATS: Final = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer]


class Root(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="index",
        summary="What there is",
        description="Open to strangers, so that it can tell them where the docs are.",
        responses=inline_serializer("Index", {name: serializers.URLField() for name in INDEX}),
        tags=["index"],
    )
    def get(self, request: Request) -> Response:
        read_query(NoQuery, request)
        return Response({name: request.build_absolute_uri(reverse(url)) for name, url in INDEX.items()})


class Schema(SpectacularAPIView):
    """OpenAPI 3.1, as JSON unless YAML is asked for; the same for everybody."""

    authentication_classes = ()
    renderer_classes = FORMATS


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI from our own server. Its script is a second request, so that none stands in the page (S6)."""

    authentication_classes = ()
    template_name = "integrations/docs.html"
    url_name = "api_schema"
    title = "Postroom API"

    # Swagger UI sets style attributes of its own making.
    @method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}))
    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)


class Nowhere(APIView):
    """Every address that is none of the API's."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Comes before the question of who asks, how, and how often. Raises `Refused`."""
        raise Refused("not-found", _remedy(request))


def _remedy(request: Request) -> str:
    if not request.path.endswith("/") and _exists(f"{request.path_info}/"):
        return f"Every address ends with a slash: use {request.path}/."
    return f"The API has no address {request.path[:200]}: see {request.build_absolute_uri(reverse('api_docs'))}."


def _exists(path: str) -> bool:
    try:
        return getattr(resolve(path).func, "cls", None) is not Nowhere
    except Resolver404:
        return False
