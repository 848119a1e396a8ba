"""Conversations, and what happened with a contact."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import queries as contacts
from crm.lib.rest import NoQuery, page_of, page_response, read_query
from emails import queries
from emails.api.base import EmailsAPIView
from emails.queries import Kind
from emails.serializers import EntrySerializer, ThreadSerializer, TimelineQuery


class ThreadDetail(EmailsAPIView):
    @extend_schema(
        operation_id="get_thread",
        summary="Read a conversation",
        description="What you can see of it; of a very long one, the latest 100 emails.",
        responses=ThreadSerializer,
    )
    def get(self, request: Request, thread_id: int) -> Response:
        read_query(NoQuery, request)
        emails = queries.thread_of(self.member, thread_id)
        if not emails:
            raise Http404
        return Response(ThreadSerializer({"id": thread_id, "emails": emails}).data)


class ContactTimeline(EmailsAPIView):
    @extend_schema(
        operation_id="list_contact_timeline",
        summary="List what happened with a contact",
        description="Emails and notes, newest first.",
        parameters=[TimelineQuery],
        responses=page_of(EntrySerializer),
    )
    def get(self, request: Request, contact_id: int) -> Response:
        given = read_query(TimelineQuery, request)
        contact = contacts.get_contact(self.member, contact_id)
        page = queries.timeline_page(self.member, contact, Kind(given.pop("kind")), **given)
        return page_response(request, page, EntrySerializer)
