"""What the team wrote and got in a while."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from accounts.permissions import Right, require
from crm.lib.endpoints import Endpoint
from crm.lib.pagination import Page
from crm.lib.rest import PageQuery, StrictSerializer
from emails import queries
from emails.api.base import EmailsAPIView, wanted
from emails.queries import activity
from emails.serializers import EXAMPLE, EmailQuery, EmailSerializer
from emails.sharing_serializers import MemberNameSerializer

EXAMPLE_MEMBERS: list[dict[str, Any]] = [{"id": 1, "name": "Alice Lindqvist"}]


class ActivityCriteria(StrictSerializer):
    """Whose and which emails, and when."""

    def get_fields(self) -> dict[str, Any]:
        """Those of `EmailQuery` that say so, in the same words."""
        given = EmailQuery().get_fields()
        return {name: given[name] for name in ("member", "tag", "filter", "since", "until")} | super().get_fields()


class ActivityQuery(ActivityCriteria, PageQuery):
    """The query parameters of the list of activity."""

    kind = serializers.ChoiceField(choices=["emails"], default="emails", help_text="There is no other kind yet.")


@extend_schema_serializer(
    examples=[OpenApiExample("An email", value=EXAMPLE | {"members": EXAMPLE_MEMBERS}, response_only=True)]
)
class ActivitySerializer(EmailSerializer):
    """An email, and the members by whom it came; wants a `Deed`."""

    members = MemberNameSerializer(many=True, help_text="In whose mailboxes it is, or who brought it otherwise.")

    def to_representation(self, instance: activity.Deed) -> dict[str, Any]:
        members = [{"id": member.pk, "name": str(member)} for member in instance.brought_by]
        return super().to_representation(vars(instance.email) | {"members": members})


class MemberSumSerializer(StrictSerializer):
    member = serializers.IntegerField(help_text="The member's id.")
    incoming = serializers.IntegerField()
    outgoing = serializers.IntegerField()


class SumsSerializer(StrictSerializer):
    """How many emails there were: each once, and of each member all that they have."""

    incoming = serializers.IntegerField()
    outgoing = serializers.IntegerField()
    members = MemberSumSerializer(many=True)


class Activity(EmailsAPIView):
    @Endpoint(
        "list_activity",
        "List what the team wrote and got",
        description="Emails that you can see, newest first. Needs the right to see the activity page.",
        query=ActivityQuery,
        page=ActivitySerializer,
    )
    def get(self, request: Request) -> Page[activity.Deed]:
        require(self.member, Right.SEE_ACTIVITY)
        found = wanted(self.member, self.given | {"box": queries.Box.ALL.value})
        return activity.activity_page(self.member, found, cursor=self.given.get("cursor"), limit=self.given["limit"])


class ActivitySums(EmailsAPIView):
    @Endpoint(
        "get_activity_sums",
        "Count what the team wrote and got",
        description="Emails that you can see. Needs the right to see the activity page.",
        query=ActivityCriteria,
        answer=SumsSerializer,
    )
    def get(self, request: Request) -> dict[str, Any]:
        require(self.member, Right.SEE_ACTIVITY)
        sums = activity.sums(self.member, wanted(self.member, self.given | {"box": queries.Box.ALL.value}), days=1)
        members = [
            {"member": member_id, "incoming": one.incoming, "outgoing": one.outgoing}
            for member_id, one in sorted(sums.members.items())
        ]
        return {"incoming": sums.whole.incoming, "outgoing": sums.whole.outgoing, "members": members}
