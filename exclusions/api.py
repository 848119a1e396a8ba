"""The list for programs: the fourth way to the same operations (R14)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import MemberAPIView
from accounts.undo import UnableToUndo
from contacts import queries as contacts
from crm.lib.pagination import keyset_page
from crm.lib.rest import (
    LOCATION,
    NoQuery,
    PageQuery,
    PreconditionFailed,
    created,
    page_of,
    page_response,
    read_body,
    read_query,
)
from exclusions import operations, queries
from exclusions.lists import Line
from exclusions.models import Exclusion
from exclusions.operations import InvalidExclusion, Judged, Locked, Outcome, Wish
from exclusions.public import PUBLIC_DOMAINS
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

TAGS = ["exclusions"]
#: For ``responses``: somebody else may have been quicker. The schema has the rest.
STALE = {412: OpenApiResponse()}
GONE = OpenApiResponse(description="From now on its mail is stored again. What was missed is imported on request only.")


class ExclusionsAPIView(MemberAPIView):
    """Says in the API's terms what the operations refuse."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, InvalidExclusion):
            exc = ValidationError({exc.field: [str(exc)]})
        elif isinstance(exc, Locked):
            exc = ValidationError({"enabled": [str(exc)]})
        elif isinstance(exc, UnableToUndo):
            exc = PreconditionFailed(str(exc))
        return super().handle_exception(exc)


class Exclusions(ExclusionsAPIView):
    @extend_schema(
        operation_id="list_exclusions",
        summary="List what is excluded",
        description="The newest first. Owner and admins see all entries, members their own.",
        parameters=[ExclusionQuery],
        responses=page_of(ExclusionSerializer),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        given = read_query(ExclusionQuery, request)
        found = queries.search(self.member, given.pop("q", ""))
        page = keyset_page(found, order=["-created_at"], **given)
        return page_response(request, page, ExclusionSerializer)

    @extend_schema(
        operation_id="create_exclusion",
        summary="Exclude an address or a domain",
        description=(
            "For the whole account, from the next message on; a domain with its subdomains. What is stored stays, and "
            "the answer says how much that is, unless `remove_stored`. 200 with the entry where you have it already."
        ),
        parameters=[LOCATION],
        request=ExcludeSerializer,
        responses={201: ExcludedSerializer, 200: ExcludedSerializer},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        given = read_body(ExcludeSerializer, request)
        lines = [Line(given["value"])]
        done = operations.exclude_many(actor=self.member, lines=lines, wish=_wish(given))
        [judged] = done.judgement.lines
        if judged.entry is None:
            raise ValidationError(_refused(judged))
        data = excluded_data(done, judged)
        if judged.outcome is Outcome.ALREADY:
            return Response(data)
        return created(request, data, "api_exclusion", judged.entry.pk)


class ExclusionsBulk(ExclusionsAPIView):
    @extend_schema(
        operation_id="create_exclusions",
        summary="Exclude many at once",
        description="Up to 500. What can be is excluded; the answer says of each value what became of it, and why.",
        request=BulkSerializer,
        responses=ListedSerializer,
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        given = read_body(BulkSerializer, request)
        lines = [Line(value, number) for number, value in enumerate(given["values"], start=1)]
        done = operations.exclude_many(actor=self.member, lines=lines, wish=_wish(given))
        found = done.judgement.concerned
        shown = {
            "added": len(done.entries),
            "contacts": found.contacts,
            "stored_emails": found.emails,
            "removal": done.removal.pk if done.removal else None,
            "results": done.judgement.lines,
        }
        return Response(ListedSerializer(shown).data)


class ExclusionPreview(ExclusionsAPIView):
    @extend_schema(
        operation_id="preview_exclusion",
        summary="What an entry would do",
        description="Writes nothing.",
        parameters=[PreviewQuery],
        responses=PreviewSerializer,
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        value = read_query(PreviewQuery, request)["value"]
        judgement = operations.judge_lines(self.member, [Line(value)])
        [judged] = judgement.lines
        found = judgement.public[0][1] if judgement.public else judgement.concerned
        shown = {
            "value": judged.value,
            "kind": judged.rule.kind.value if judged.rule else None,
            "outcome": judged.outcome.value,
            "note": judged.note,
            "contacts": found.contacts,
            "stored_emails": found.emails,
        }
        return Response(PreviewSerializer(shown).data)


class OwnAddresses(ExclusionsAPIView):
    @extend_schema(
        operation_id="list_own_addresses",
        summary="List the account's own addresses",
        description="Log-ins, mailboxes and aliases of users. Mail among them is never stored; none can be removed.",
        responses=OwnAddressSerializer(many=True),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        read_query(NoQuery, request)
        return Response(OwnAddressSerializer(queries.own_addresses(), many=True).data)


class ExclusionsMissed(ExclusionsAPIView):
    @extend_schema(
        operation_id="import_missed",
        summary="Import what was missed",
        description=(
            "Looks through the mailboxes for mail that was kept out while a value was excluded: an address of a "
            "contact, or a domain whose entry ended or was deleted in the last 30 days. 400 while that goes on."
        ),
        request=MissedSerializer,
        responses={202: OpenApiResponse(MissedAnswerSerializer, description="It is looked for now.")},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        value = read_body(MissedSerializer, request)["value"]
        done = operations.import_missed(actor=self.member, values=[operations.value_of(value)])
        return Response(MissedAnswerSerializer({"contacts": done.count, "message": done.message}).data, status=202)


class Removals(ExclusionsAPIView):
    @extend_schema(
        operation_id="list_removals",
        summary="List what was removed with exclusions",
        description="Your own removals of the last 30 days that you can take back, the newest first.",
        parameters=[PageQuery],
        responses=page_of(RemovalSerializer),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        page = keyset_page(queries.removals_of(self.member), order=["-at"], **read_query(PageQuery, request))
        return page_response(request, page, RemovalSerializer)


class RemovalRestore(ExclusionsAPIView):
    @extend_schema(
        operation_id="restore_removal",
        summary="Bring removed emails back",
        description="Exactly those that this removal took away; the exclusion stays. Once: then it is 404.",
        request=None,
        responses={200: RestoredSerializer, **STALE},
        tags=TAGS,
    )
    def post(self, request: Request, removal_id: int) -> Response:
        removal = queries.get_removal(self.member, removal_id)
        return Response(RestoredSerializer(operations.restore(actor=self.member, removal=removal)).data)


class ExclusionDetail(ExclusionsAPIView):
    @extend_schema(operation_id="get_exclusion", summary="Read an entry", responses=ExclusionSerializer, tags=TAGS)
    def get(self, request: Request, exclusion_id: int) -> Response:
        read_query(NoQuery, request)
        return Response(ExclusionSerializer(queries.get_exclusion(self.member, exclusion_id)).data)

    @extend_schema(
        operation_id="update_exclusion",
        summary="Change its reason or its end",
        request=ChangeSerializer,
        responses=ExclusionSerializer,
        tags=TAGS,
    )
    def patch(self, request: Request, exclusion_id: int) -> Response:
        entry = queries.get_exclusion(self.member, exclusion_id)
        given = {"reason": entry.reason, "ends_at": entry.ends_at, **read_body(ChangeSerializer, request, partial=True)}
        return Response(ExclusionSerializer(operations.change(actor=self.member, exclusion=entry, **given)).data)

    @extend_schema(
        operation_id="delete_exclusion", summary="Take an entry off the list", responses={204: GONE}, tags=TAGS
    )
    def delete(self, request: Request, exclusion_id: int) -> Response:
        operations.include(actor=self.member, exclusion=queries.get_exclusion(self.member, exclusion_id))
        return Response(status=204)


class ContactEmailSync(ExclusionsAPIView):
    @extend_schema(
        operation_id="get_contact_email_sync",
        summary="Whether a contact's mail is stored",
        responses=SwitchStateSerializer,
        tags=TAGS,
    )
    def get(self, request: Request, contact_id: int) -> Response:
        read_query(NoQuery, request)
        return self._shown(contact_id)

    @extend_schema(
        operation_id="set_contact_email_sync",
        summary="Switch Email Sync of a contact on or off",
        description=(
            "Off excludes all its addresses, those too that it gets later; on takes these entries off. 400 where it is "
            "locked: the reason says by what."
        ),
        request=SwitchSerializer,
        responses=SwitchStateSerializer,
        tags=TAGS,
    )
    def put(self, request: Request, contact_id: int) -> Response:
        contact = contacts.get_contact(self.member, contact_id)
        operations.switch(actor=self.member, contact=contact, **read_body(SwitchSerializer, request))
        return self._shown(contact_id)

    def _shown(self, contact_id: int) -> Response:
        contact = contacts.get_contact(self.member, contact_id)
        return Response(SwitchStateSerializer(queries.switch_of(self.member, contact)).data)


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
