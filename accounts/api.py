"""The API of accounts, and the base of every API view."""

from __future__ import annotations

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import ApiToken, Membership
from accounts.serializers import MeSerializer
from crm.lib.rest import NoQuery, read_query


class MemberAPIView(APIView):
    """A view that only tokens reach: it knows whose, and runs in the scope of their tenant."""

    # Without OPTIONS: there is a schema.
    http_method_names = ("get", "post", "put", "patch", "delete", "head")

    @property
    def token(self) -> ApiToken:
        """The token that the request came with; `integrations.authentication` lets nobody in without one."""
        return cast("ApiToken", self.request.auth)

    @property
    def member(self) -> Membership:
        """The member that the token acts as."""
        return self.token.membership


class Me(MemberAPIView):
    @extend_schema(operation_id="me", summary="Who am I, and what may I do", responses=MeSerializer, tags=["me"])
    def get(self, request: Request) -> Response:
        read_query(NoQuery, request)
        return Response(MeSerializer(self.token).data)
