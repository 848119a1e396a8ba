"""The list for programs: the fourth way to the same operations (R14)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import MemberAPIView
from accounts.undo import UnableToUndo
from contacts import queries as contacts
from contacts.operations import Done
from crm.lib.endpoints import Endpoint, Refusals
from crm.lib.pagination import Page, keyset_page
from crm.lib.rest import LOCATION, STALE, PageQuery, PreconditionFailed, created
from exclusions import operations, queries
from exclusions.lists import Line
from exclusions.models import Exclusion, Removal
from exclusions.operations import InvalidExclusion, Judged, Locked, Outcome, Wish
from exclusions.public import PUBLIC_DOMAINS
from exclusions.queries import OwnAddress, Switch
from exclusions.serializers import (
    BulkSerializer,
    ChangeSerializer,
    ExcludedSerializer,
    ExcludeSerializer,
    ExclusionQuery,
    ExclusionSerializer,
    ListedSerializer,
    MissedAnswerSerializer,
    MissedSerializer,
    OwnAddressSerializer,
    PreviewQuery,
    PreviewSerializer,
    RemovalSerializer,
    RestoredSerializer,
    SwitchSerializer,
    SwitchStateSerializer,
    excluded_data,
)

GONE = OpenApiResponse(description="From now on its mail is stored again. What was missed is imported on request only.")


class ExclusionsAPIView(MemberAPIView):
    tag = "exclusions"
    refusals: ClassVar[Refusals] = {
        InvalidExclusion: lambda refused: ValidationError({refused.field: [str(refused)]}),
        Locked: lambda refused: ValidationError({"enabled": [str(refused)]}),
        UnableToUndo: lambda refused: PreconditionFailed(str(refused)),
    }


class Exclusions(ExclusionsAPIView):
    @Endpoint(
        "list_exclusions",
        "List what is excluded",
        description="The newest first. Owner and admins see all entries, members their own.",
        query=ExclusionQuery,
        page=ExclusionSerializer,
    )
    def get(self, request: Request) -> Page[Exclusion]:
        given = dict(self.given)
        found = queries.search(self.member, given.pop("q", ""))
        return keyset_page(found, order=["-created_at"], **given)

    @Endpoint(
        "create_exclusion",
        "Exclude an address or a domain",
        description=(
            "For the whole account, from the next message on; a domain with its subdomains. What is stored stays, and "
            "the answer says how much that is, unless `remove_stored`. 200 with the entry where you have it already."
        ),
        body=ExcludeSerializer,
        answer=ExcludedSerializer,
        status=201,
        headers=(LOCATION,),
        also={200: ExcludedSerializer},
    )
    def post(self, request: Request) -> Response:
        lines = [Line(self.given["value"])]
        done = operations.exclude_many(actor=self.member, lines=lines, wish=_wish(self.given))
        [judged] = done.judgement.lines
        if judged.entry is None:
            raise ValidationError(_refused(judged))
        data = excluded_data(done, judged)
        if judged.outcome is Outcome.ALREADY:
            return Response(data)
        return created(request, data, "api_exclusion", judged.entry.pk)


class ExclusionsBulk(ExclusionsAPIView):
    @Endpoint(
        "create_exclusions",
        "Exclude many at once",
        description="Up to 500. What can be is excluded; the answer says of each value what became of it, and why.",
        body=BulkSerializer,
        answer=ListedSerializer,
    )
    def post(self, request: Request) -> dict[str, Any]:
        lines = [Line(value, number) for number, value in enumerate(self.given["values"], start=1)]
        done = operations.exclude_many(actor=self.member, lines=lines, wish=_wish(self.given))
        found = done.judgement.concerned
        return {
            "added": len(done.entries),
            "contacts": found.contacts,
            "stored_emails": found.emails,
            "removal": done.removal.pk if done.removal else None,
            "results": done.judgement.lines,
        }


class ExclusionPreview(ExclusionsAPIView):
    @Endpoint(
        "preview_exclusion",
        "What an entry would do",
        description="Writes nothing.",
        query=PreviewQuery,
        answer=PreviewSerializer,
    )
    def get(self, request: Request) -> dict[str, Any]:
        judgement = operations.judge_lines(self.member, [Line(self.given["value"])])
        [judged] = judgement.lines
        found = judgement.public[0][1] if judgement.public else judgement.concerned
        return {
            "value": judged.value,
            "kind": judged.rule.kind.value if judged.rule else None,
            "outcome": judged.outcome.value,
            "note": judged.note,
            "contacts": found.contacts,
            "stored_emails": found.emails,
        }


class OwnAddresses(ExclusionsAPIView):
    @Endpoint(
        "list_own_addresses",
        "List the account's own addresses",
        description="Log-ins, mailboxes and aliases of users. Mail among them is never stored; none can be removed.",
        many=OwnAddressSerializer,
    )
    def get(self, request: Request) -> Sequence[OwnAddress]:
        return queries.own_addresses()


class ExclusionsMissed(ExclusionsAPIView):
    @Endpoint(
        "import_missed",
        "Import what was missed",
        description=(
            "Looks through the mailboxes for mail that was kept out while a value was excluded: an address of a "
            "contact, or a domain whose entry ended or was deleted in the last 30 days. 400 while that goes on."
        ),
        body=MissedSerializer,
        answer=OpenApiResponse(MissedAnswerSerializer, description="It is looked for now."),
        status=202,
    )
    def post(self, request: Request) -> dict[str, Any]:
        value = operations.value_of(self.given["value"])
        done = operations.import_missed(actor=self.member, values=[value])
        return {"contacts": done.count, "message": done.message}


class Removals(ExclusionsAPIView):
    @Endpoint(
        "list_removals",
        "List what was removed with exclusions",
        description="Your own removals of the last 30 days that you can take back, the newest first.",
        query=PageQuery,
        page=RemovalSerializer,
    )
    def get(self, request: Request) -> Page[Removal]:
        return keyset_page(queries.removals_of(self.member), order=["-at"], **self.given)


class RemovalRestore(ExclusionsAPIView):
    @Endpoint(
        "restore_removal",
        "Bring removed emails back",
        description="Exactly those that this removal took away; the exclusion stays. Once: then it is 404.",
        answer=RestoredSerializer,
        also=STALE,
    )
    def post(self, request: Request, removal_id: int) -> Done:
        removal = queries.get_removal(self.member, removal_id)
        return operations.restore(actor=self.member, removal=removal)


class ExclusionDetail(ExclusionsAPIView):
    @Endpoint("get_exclusion", "Read an entry", answer=ExclusionSerializer)
    def get(self, request: Request, exclusion_id: int) -> Exclusion:
        return queries.get_exclusion(self.member, exclusion_id)

    @Endpoint(
        "update_exclusion",
        "Change its reason or its end",
        body=ChangeSerializer,
        partial=True,
        answer=ExclusionSerializer,
    )
    def patch(self, request: Request, exclusion_id: int) -> Exclusion:
        entry = queries.get_exclusion(self.member, exclusion_id)
        given = {"reason": entry.reason, "ends_at": entry.ends_at, **self.given}
        return operations.change(actor=self.member, exclusion=entry, **given)

    @Endpoint("delete_exclusion", "Take an entry off the list", answer=GONE, status=204)
    def delete(self, request: Request, exclusion_id: int) -> None:
        operations.include(actor=self.member, exclusion=queries.get_exclusion(self.member, exclusion_id))


class ContactEmailSync(ExclusionsAPIView):
    @Endpoint("get_contact_email_sync", "Whether a contact's mail is stored", answer=SwitchStateSerializer)
    def get(self, request: Request, contact_id: int) -> Switch:
        return queries.switch_of(self.member, contacts.get_contact(self.member, contact_id))

    @Endpoint(
        "set_contact_email_sync",
        "Switch Email Sync of a contact on or off",
        description=(
            "Off excludes all its addresses, those too that it gets later; on takes these entries off. 400 where it is "
            "locked: the reason says by what."
        ),
        body=SwitchSerializer,
        answer=SwitchStateSerializer,
    )
    def put(self, request: Request, contact_id: int) -> Switch:
        contact = contacts.get_contact(self.member, contact_id)
        operations.switch(actor=self.member, contact=contact, **self.given)
        return queries.switch_of(self.member, contacts.get_contact(self.member, contact_id))


def _wish(given: dict[str, Any]) -> Wish:
    return Wish(
        reason=given.get("reason", ""),
        ends_at=given.get("ends_at"),
        door=Exclusion.Door.API,
        confirmed=PUBLIC_DOMAINS if given["confirm_public"] else (),
        remove_stored=given["remove_stored"],
    )


def _refused(judged: Judged) -> dict[str, list[str]]:
    if judged.outcome is Outcome.PUBLIC:
        return {"confirm_public": [f"{judged.note} Send true if you mean it."]}
    return {"value": [judged.note]}
