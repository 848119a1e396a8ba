"""The API of accounts, and the base of every API view."""

from __future__ import annotations

from typing import cast

from rest_framework.request import Request

from accounts.models import ApiToken, Membership
from accounts.serializers import MeSerializer
from crm.lib.endpoints import Endpoint, EndpointView


class MemberAPIView(EndpointView):
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
    @Endpoint("me", "Who am I, and what may I do", answer=MeSerializer)
    def get(self, request: Request) -> ApiToken:
        return self.token
