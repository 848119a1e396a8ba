"""The list as the API speaks of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from crm.lib.rest import PageQuery, StrictSerializer
from exclusions.models import REASON_LENGTH, Exclusion, Removal
from exclusions.operations import Excluded, Judged, Outcome
from exclusions.queries import SwitchState

#: Longer than any address with a name; what is no address is told so.
VALUE_LENGTH = 500
#: As many as fit into a body.
MOST_AT_ONCE = 500
EXAMPLE = {
    "id": 7,
    "kind": "domain",
    "value": "private.example",
    "reason": "My doctor",
    "created_by": {"id": 3, "name": "Bob Marsh"},
    "created_at": "2026-11-26T09:00:00Z",
    "ends_at": None,
    "has_ended": False,
    "door": "api",
}
CONCERNED = {
    "contacts": serializers.IntegerField(help_text="Contacts that have such an address, as far as you see them."),
    "stored_emails": serializers.IntegerField(
        help_text="Emails stored for them because of it, that you can read: up to 20,000."
    ),
}
OUTCOME = serializers.ChoiceField(choices=[(outcome.value, outcome.value) for outcome in Outcome])
CONFIRM = "True where a domain that strangers share, such as gmail.com, is meant all the same."
REMOVE = "Also remove the stored emails; `removals/` brings them back for 30 days."
REMOVED = serializers.IntegerField(allow_null=True, help_text="What was removed, to be brought back; null is nothing.")


class AuthorSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="__str__")


@extend_schema_serializer(examples=[OpenApiExample("A domain", value=EXAMPLE, response_only=True)])
class ExclusionSerializer(serializers.Serializer[Any]):
    """An entry: an address, or a domain with its subdomains, whose mail is stored for nobody in the account."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=Exclusion.Kind.choices)
    value = serializers.CharField(help_text="In the one spelling: small letters, domains in ASCII.")
    reason = serializers.CharField(allow_blank=True)
    created_by = AuthorSerializer()
    created_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True, help_text="From then on it acts no more; null is never.")
    has_ended = serializers.BooleanField(help_text="Ended entries are shown for 30 days.")
    door = serializers.ChoiceField(choices=Exclusion.Door.choices, help_text="Where it was made.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A domain",
            value=EXAMPLE | {"outcome": "added", "note": "", "contacts": 3, "stored_emails": 41, "removal": None},
            response_only=True,
        )
    ]
)
class ExcludedSerializer(ExclusionSerializer):
    """An entry that was asked for, and what it concerns."""

    outcome = OUTCOME
    note = serializers.CharField(allow_blank=True, help_text="For the reader: what else covers it.")
    contacts = CONCERNED["contacts"]
    stored_emails = CONCERNED["stored_emails"]
    removal = REMOVED


class ExclusionQuery(PageQuery):
    q = serializers.CharField(
        required=False, max_length=200, help_text="Words of the value, the reason or the author’s name."
    )


class PreviewQuery(StrictSerializer):
    value = serializers.CharField(max_length=VALUE_LENGTH, trim_whitespace=True)


class ChangeSerializer(StrictSerializer):
    """What of an entry can be changed."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=REASON_LENGTH)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample("A domain", value={"value": "private.example", "reason": "My doctor"}, request_only=True),
    ]
)
class ExcludeSerializer(ChangeSerializer):
    """An entry to make."""

    value = serializers.CharField(
        max_length=VALUE_LENGTH, help_text="An address, with or without a name, or a domain, such as lyon.example."
    )
    confirm_public = serializers.BooleanField(required=False, default=False, help_text=CONFIRM)
    remove_stored = serializers.BooleanField(required=False, default=False, help_text=REMOVE)


class BulkSerializer(ChangeSerializer):
    """Many entries to make, with one reason and one end."""

    values = serializers.ListField(
        child=serializers.CharField(max_length=VALUE_LENGTH, allow_blank=True), min_length=1, max_length=MOST_AT_ONCE
    )
    confirm_public = serializers.BooleanField(required=False, default=False, help_text=CONFIRM)
    remove_stored = serializers.BooleanField(required=False, default=False, help_text=REMOVE)


class LineSerializer(serializers.Serializer[Any]):
    """What became of one of many."""

    line = serializers.IntegerField(source="line.number", help_text="Its place in the request, from 1 on.")
    value = serializers.CharField(allow_blank=True)
    outcome = OUTCOME
    note = serializers.CharField(allow_blank=True, help_text="For the reader: what is wrong, or what else covers it.")
    exclusion = serializers.SerializerMethodField()

    @extend_schema_field(serializers.IntegerField(allow_null=True, help_text="The entry; null where there is none."))
    def get_exclusion(self, judged: Judged) -> int | None:
        return judged.entry.pk if judged.entry else None


class ListedSerializer(serializers.Serializer[Any]):
    """What became of many, and what those that were added concern."""

    added = serializers.IntegerField()
    contacts = CONCERNED["contacts"]
    stored_emails = CONCERNED["stored_emails"]
    removal = REMOVED
    results = LineSerializer(many=True)


class PreviewSerializer(serializers.Serializer[Any]):
    """What an entry would do."""

    value = serializers.CharField()
    kind = serializers.ChoiceField(choices=Exclusion.Kind.choices, allow_null=True)
    outcome = OUTCOME
    note = serializers.CharField(allow_blank=True)
    contacts = CONCERNED["contacts"]
    stored_emails = CONCERNED["stored_emails"]


class OwnAddressSerializer(serializers.Serializer[Any]):
    """An address of a user: left out by itself, with no entry to remove."""

    address = serializers.CharField()
    member = AuthorSerializer()
    what = serializers.CharField(help_text="What it is theirs by: log-in, mailbox, or alias of one.")


class MissedSerializer(StrictSerializer):
    value = serializers.CharField(max_length=VALUE_LENGTH, help_text="What was excluded.")


class MissedAnswerSerializer(serializers.Serializer[Any]):
    contacts = serializers.IntegerField(help_text="Whose mail is looked for now.")
    message = serializers.CharField()


class RemovalSerializer(serializers.Serializer[Any]):
    """Stored emails that you have removed because their contacts are excluded, and can bring back."""

    id = serializers.IntegerField(source="pk")
    excluded = serializers.CharField(source="label", help_text="The entry, or the addresses.")
    state = serializers.ChoiceField(choices=Removal.State.choices)
    removed = serializers.IntegerField(source="done", help_text="Times that an email went from a contact, so far.")
    removed_at = serializers.DateTimeField(source="at")
    kept_until = serializers.DateTimeField(help_text="From then on they cannot be brought back.")


class RestoredSerializer(serializers.Serializer[Any]):
    emails = serializers.IntegerField(source="count", help_text="How many are back.")
    message = serializers.CharField()


class SwitchSerializer(StrictSerializer):
    enabled = serializers.BooleanField(help_text="False excludes all addresses of the contact, later ones too.")
    remove_stored = serializers.BooleanField(required=False, default=False, help_text=REMOVE)


class SwitchedAddressSerializer(serializers.Serializer[Any]):
    address = serializers.CharField()
    excluded = serializers.BooleanField(source="is_excluded")


class SwitchStateSerializer(serializers.Serializer[Any]):
    """The Email Sync switch of a contact."""

    enabled = serializers.BooleanField(source="is_on", help_text="Whether mail is stored for all its addresses.")
    state = serializers.ChoiceField(choices=[(state.value, state.value) for state in SwitchState])
    reason = serializers.CharField(allow_blank=True, help_text="Why it is locked, or partly.")
    addresses = SwitchedAddressSerializer(many=True)


def excluded_data(done: Excluded, judged: Judged) -> dict[str, Any]:
    """What `ExcludedSerializer` shows."""
    found = done.judgement.concerned
    shown = dict(ExclusionSerializer(judged.entry).data)
    return shown | {
        "outcome": judged.outcome.value,
        "note": judged.note,
        "contacts": found.contacts,
        "stored_emails": found.emails,
        "removal": done.removal.pk if done.removal else None,
    }
