"""How it is written in the API who sees whose emails."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from crm.lib.rest import StrictSerializer
from emails.models import Access, Visibility
from emails.queries.sharing import BY_WORD, WORDS

CHOICES = [
    ("everyone", "Everyone who sees the contact"),
    ("subject", "Subject, people and time alone"),
    ("only_me", "Nobody but you"),
]


class VisibilityField(serializers.ChoiceField):
    """A `Visibility`, by its word."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=CHOICES, **options)

    def to_representation(self, value: Any) -> str:
        return WORDS[Visibility(value)]


class VisibilitySerializer(StrictSerializer):
    """What the member says; null where they have said nothing."""

    visibility = VisibilityField(allow_null=True)


def visibility_in(body: dict[str, Any]) -> Visibility | None:
    """What a `VisibilitySerializer` has read."""
    word = body["visibility"]
    return None if word is None else BY_WORD[word]


class AskedSerializer(StrictSerializer):
    """How many colleagues were asked, and how to say it."""

    asked = serializers.IntegerField()
    message = serializers.CharField()


class AnswerSerializer(StrictSerializer):
    """Whether the colleague may read."""

    granted = serializers.BooleanField()


class MemberNameSerializer(StrictSerializer):
    id = serializers.IntegerField()
    name = serializers.CharField()

    class Meta:
        ref_name = "MemberName"


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Ada asks Bob",
            value={
                "id": 3,
                "thread": 12,
                "email": 41,
                "subject": "Re: Delivery dates for the Lyon order",
                "asker": {"id": 2, "name": "Ada Brandt"},
                "owner": {"id": 3, "name": "Bob Marsh"},
                "asked_at": "2026-11-26T09:30:00Z",
                "granted": None,
                "answered_at": None,
            },
            response_only=True,
        )
    ]
)
class AccessSerializer(StrictSerializer):
    """A colleague asks another to read a conversation; wants one of `sharing.access_requests`."""

    id = serializers.IntegerField(source="pk")
    thread = serializers.IntegerField(source="thread_id")
    email = serializers.IntegerField(source="email_id", help_text="The latest of the conversation that you can see.")
    subject = serializers.CharField(allow_blank=True)
    asker = serializers.SerializerMethodField(help_text="Who wants to read.")
    owner = serializers.SerializerMethodField(help_text="Whose mail it is.")
    asked_at = serializers.DateTimeField()
    granted = serializers.BooleanField(source="is_granted", allow_null=True, help_text="Null while it waits.")
    answered_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "AccessRequest"

    @extend_schema_field(MemberNameSerializer)
    def get_asker(self, access: Access) -> dict[str, Any]:
        return {"id": access.asker_id, "name": str(access.asker)}

    @extend_schema_field(MemberNameSerializer)
    def get_owner(self, access: Access) -> dict[str, Any]:
        return {"id": access.owner_id, "name": str(access.owner)}
