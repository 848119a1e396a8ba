"""How the caller and their account appear in the API."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import ApiToken, Role, Tenant, TokenScope, User
from accounts.permissions import Right, can

RIGHTS = [(right.name.lower(), f"May {right}") for right in Right]


class UserSerializer(serializers.Serializer[User]):
    name = serializers.CharField()
    email = serializers.EmailField()
    timezone = serializers.CharField(help_text="A name of the IANA time zone database, such as Europe/Paris.")


class TenantSerializer(serializers.Serializer[Tenant]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class TokenSerializer(serializers.Serializer[ApiToken]):
    name = serializers.CharField()
    hint = serializers.CharField(help_text="The token's first characters, as Settings, API tokens, shows them.")
    scope = serializers.ChoiceField(choices=TokenScope.choices)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="Null: it works until it is revoked.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Alice, by a script of hers",
            value={
                "member": 1,
                "user": {"name": "Alice Lindqvist", "email": "alice@northwind.example", "timezone": "Europe/Paris"},
                "tenant": {"id": 1, "name": "Northwind"},
                "role": "owner",
                "rights": [name for name, _ in RIGHTS],
                "token": {
                    "name": "Nightly export",
                    "hint": "prm_x7Qd",
                    "scope": "read",
                    "created_at": "2026-03-02T09:30:00Z",
                    "expires_at": "2026-06-01T09:30:00Z",
                },
            },
        )
    ]
)
class MeSerializer(serializers.Serializer[ApiToken]):
    """The member that a token acts as, what they may do, and the token itself."""

    member = serializers.IntegerField(
        source="membership_id", help_text="The membership's id: what owners and authors are named by."
    )
    user = UserSerializer(source="membership.user")
    tenant = TenantSerializer(source="membership.tenant")
    role = serializers.ChoiceField(choices=Role.choices, source="membership.role")
    rights = serializers.SerializerMethodField(help_text="What the role and the rights given singly allow.")
    token = TokenSerializer(source="*")

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=RIGHTS)))
    def get_rights(self, token: ApiToken) -> list[str]:
        return [right.name.lower() for right in Right if can(token.membership, right)]
