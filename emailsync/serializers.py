"""How mailboxes appear in the API. Never with their grants (S2)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from crm.lib.rest import StrictSerializer
from emails.sharing_serializers import VisibilityField
from emailsync.models import Mailbox, Run
from emailsync.overview import Card
from providers.base import Kind, Right

PROVIDERS = [("gmail", "Gmail"), ("graph", "Microsoft 365")]


class ProblemSerializer(serializers.Serializer[Mailbox]):
    """What keeps a mailbox from going on."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in Kind], source="problem")
    detail = serializers.CharField(source="problem_detail")
    since = serializers.DateTimeField(source="problem_at")


class HistorySerializer(serializers.Serializer[Run]):
    """The walk through the history that was chosen at connect."""

    state = serializers.ChoiceField(choices=Run.State.choices)
    progress = serializers.FloatField(help_text="From 0 to 1, as well as one can tell.")
    handled = serializers.IntegerField(help_text="Messages decided so far: the sum of the four that follow.")
    stored = serializers.IntegerField()
    duplicates = serializers.IntegerField(help_text="Stored before, as through a colleague's mailbox.")
    skipped = serializers.IntegerField(help_text="They concern no contact, or are excluded.")
    failed = serializers.IntegerField(help_text="They are tried again.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A Gmail mailbox that reads its history",
            value={
                "id": 1,
                "provider": "gmail",
                "address": "alice@northwind.example",
                "mode": "full",
                "state": "active",
                "rights": ["label", "read", "send"],
                "label": True,
                "visibility": "everyone",
                "since": "2026-03-02T09:30:00Z",
                "history_days": 90,
                "connected_at": "2026-03-02T09:28:11Z",
                "last_look_at": "2026-03-02T09:34:02Z",
                "next_look_at": "2026-03-02T09:34:32Z",
                "problem": None,
                "history": {
                    "state": "running",
                    "progress": 0.62,
                    "handled": 1240,
                    "stored": 1180,
                    "duplicates": 20,
                    "skipped": 39,
                    "failed": 1,
                },
            },
            response_only=True,
        ),
        OpenApiExample("Mark nothing more", value={"label": False}, request_only=True),
        OpenApiExample("Show subjects alone", value={"visibility": "subject"}, request_only=True),
    ]
)
class MailboxSerializer(StrictSerializer):
    """A connected mailbox of the token's member. Connecting wants a browser: it goes through the provider's log-in."""

    id = serializers.IntegerField(source="mailbox.pk", read_only=True)
    provider = serializers.ChoiceField(choices=PROVIDERS, source="mailbox.provider", read_only=True)
    address = serializers.CharField(source="mailbox.address", read_only=True)
    mode = serializers.ChoiceField(choices=Mailbox.Mode.choices, source="mailbox.mode", read_only=True)
    state = serializers.ChoiceField(choices=Mailbox.State.choices, source="mailbox.state", read_only=True)
    rights = serializers.ListField(
        child=serializers.ChoiceField(choices=[(right.value, right.value) for right in Right]),
        source="mailbox.rights",
        read_only=True,
        help_text="What its user has allowed at the provider.",
    )
    label = serializers.BooleanField(  # type: ignore[assignment]  # Fields have an attribute of that name as well.
        source="mailbox.wants_label",
        help_text="Whether what is stored gets the label (Gmail) or category (Outlook) “Postroom” in the mailbox.",
    )
    visibility = VisibilityField(
        source="mailbox.door.visibility",
        help_text="Who sees its emails, where you have said nothing else of a contact or a conversation.",
    )
    since = serializers.DateTimeField(
        source="mailbox.since", read_only=True, allow_null=True, help_text="From here on live mail is stored."
    )
    history_days = serializers.IntegerField(
        source="mailbox.history_days", read_only=True, allow_null=True, help_text="Days before that; null is all."
    )
    connected_at = serializers.DateTimeField(source="mailbox.connected_at", read_only=True)
    last_look_at = serializers.DateTimeField(
        source="mailbox.polled_at", read_only=True, allow_null=True, help_text="The last look that succeeded."
    )
    next_look_at = serializers.DateTimeField(source="mailbox.next_poll_at", read_only=True, allow_null=True)
    problem = serializers.SerializerMethodField(help_text="Null when all is well.")
    history = HistorySerializer(read_only=True, allow_null=True)

    @extend_schema_field(ProblemSerializer(allow_null=True))
    def get_problem(self, card: Card) -> dict[str, Any] | None:
        return dict(ProblemSerializer(card.mailbox).data) if card.mailbox.problem else None


class ChangeSerializer(StrictSerializer):
    """What of a mailbox can be changed."""

    label = serializers.BooleanField()  # type: ignore[assignment]  # As above.
    visibility = VisibilityField()

    class Meta:
        ref_name = "MailboxChange"


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "All is well",
            value={
                "mailbox": 1,
                "address": "alice@northwind.example",
                "state": "active",
                "since": "2026-03-02T09:30:00Z",
                "queued": 0,
                "synced": 857,
                "failed": 2,
            },
        )
    ]
)
class StatusSerializer(serializers.Serializer[Any]):
    """A mailbox and its messages of the last 30 days: an `overview.Status`."""

    mailbox = serializers.IntegerField(source="mailbox.pk")
    address = serializers.CharField(source="mailbox.address")
    state = serializers.ChoiceField(choices=Mailbox.State.choices, source="mailbox.state")
    since = serializers.DateTimeField(source="mailbox.since", allow_null=True)
    queued = serializers.IntegerField(help_text="Failed, and waiting to be tried again.")
    synced = serializers.IntegerField(help_text="Stored, a colleague's copy included.")
    failed = serializers.IntegerField(help_text="Given up.")
