"""Conversations, and what happened with a contact."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.request import Request

from contacts import queries as contacts
from crm.lib.endpoints import Endpoint
from crm.lib.pagination import Page
from emails import queries
from emails.api.base import EmailsAPIView
from emails.queries import Kind
from emails.serializers import EntrySerializer, ThreadSerializer, TimelineQuery


class ThreadDetail(EmailsAPIView):
    @Endpoint(
        "get_thread",
        "Read a conversation",
        description="What you can see of it; of a very long one, the latest 100 emails.",
        answer=ThreadSerializer,
    )
    def get(self, request: Request, thread_id: int) -> dict[str, Any]:
        emails = queries.thread_of(self.member, thread_id)
        if not emails:
            raise Http404
        return {"id": thread_id, "emails": emails}


class ContactTimeline(EmailsAPIView):
    @Endpoint(
        "list_contact_timeline",
        "List what happened with a contact",
        description="Emails and notes, newest first.",
        query=TimelineQuery,
        page=EntrySerializer,
    )
    def get(self, request: Request, contact_id: int) -> Page[Any]:
        contact = contacts.get_contact(self.member, contact_id)
        kind, cursor, limit = Kind(self.given["kind"]), self.given.get("cursor"), self.given["limit"]
        return queries.timeline_page(self.member, contact, kind, cursor=cursor, limit=limit)
