"""Lists of emails, one, and what is done with it."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import queries as contacts
from crm.lib.rest import NoQuery, page_of, page_response, read_body, read_query
from emails import operations, queries
from emails.api.base import GONE, STALE, EmailsAPIView, wanted
from emails.serializers import ContactSerializer, EmailQuery, EmailSerializer, MoveSerializer, OpenedSerializer


class Emails(EmailsAPIView):
    @extend_schema(
        operation_id="list_emails",
        summary="List emails",
        description="Those that you can see, newest first, that meet all that is given.",
        parameters=[EmailQuery],
        responses=page_of(EmailSerializer),
    )
    def get(self, request: Request) -> Response:
        given = read_query(EmailQuery, request)
        cursor, limit = given.pop("cursor", None), given.pop("limit")
        page_of_emails = queries.conversation_page if given.pop("folded") else queries.email_page
        page = page_of_emails(self.member, wanted(self.member, given), cursor=cursor, limit=limit)
        return page_response(request, page, EmailSerializer)


class EmailDetail(EmailsAPIView):
    @extend_schema(operation_id="get_email", summary="Read an email", responses=OpenedSerializer)
    def get(self, request: Request, email_id: int) -> Response:
        read_query(NoQuery, request)
        return Response(OpenedSerializer(queries.open_email(self.member, email_id)).data)

    @extend_schema(
        operation_id="delete_email",
        summary="Delete an email",
        description="For every contact. No mailbox brings it back.",
        responses={204: GONE},
    )
    def delete(self, request: Request, email_id: int) -> Response:
        email = queries.get_readable_email(self.member, email_id)
        operations.delete_emails(actor=self.member, ids=[email.pk])
        return Response(status=204)


# --- For whom it is stored ----------------------------------------------------------------------


class EmailStore(EmailsAPIView):
    @extend_schema(
        operation_id="store_email",
        summary="Store an email for a contact",
        description="Nothing happens where it is stored already. Brings back what was removed from the contact.",
        request=ContactSerializer,
        responses={200: OpenedSerializer, **STALE},
    )
    def post(self, request: Request, email_id: int) -> Response:
        email = queries.get_email(self.member, email_id)
        contact = contacts.get_contact(self.member, read_body(ContactSerializer, request)["contact"])
        operations.store(actor=self.member, email=email, contact=contact)
        return Response(OpenedSerializer(queries.open_email(self.member, email_id)).data)


class EmailUnstore(EmailsAPIView):
    @extend_schema(
        operation_id="unstore_email",
        summary="Remove an email from a contact",
        description="With its last contact the email goes too. No mailbox brings it back to this contact.",
        request=ContactSerializer,
        responses={204: GONE, **STALE},
    )
    def post(self, request: Request, email_id: int) -> Response:
        email = queries.get_email(self.member, email_id)
        contact = contacts.get_contact(self.member, read_body(ContactSerializer, request)["contact"])
        operations.unstore(actor=self.member, email=email, contact=contact)
        return Response(status=204)


class EmailMove(EmailsAPIView):
    @extend_schema(
        operation_id="move_email",
        summary="Move an email to another contact",
        request=MoveSerializer,
        responses={200: OpenedSerializer, **STALE},
    )
    def post(self, request: Request, email_id: int) -> Response:
        email = queries.get_email(self.member, email_id)
        given = read_body(MoveSerializer, request)
        source, target = (contacts.get_contact(self.member, given[name]) for name in ("from", "to"))
        operations.move(actor=self.member, email=email, source=source, target=target)
        return Response(OpenedSerializer(queries.open_email(self.member, email_id)).data)
