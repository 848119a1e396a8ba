"""Saved filters: one's own, and those that are shared."""

from __future__ import annotations

from rest_framework.request import Request

from contacts import operations, queries
from contacts.api.base import GONE, ContactsAPIView
from contacts.models import SavedFilter
from contacts.serializers import FilterSerializer, data_of_filter, filter_data
from crm.lib.endpoints import Endpoint
from crm.lib.pagination import Page, keyset_page
from crm.lib.rest import PageQuery


class Filters(ContactsAPIView):
    @Endpoint(
        "list_filters",
        "List saved filters",
        description="One's own, and those that are shared.",
        query=PageQuery,
        page=FilterSerializer,
    )
    def get(self, request: Request) -> Page[SavedFilter]:
        return keyset_page(queries.saved_filters(self.member), order=["name"], **self.given)

    @Endpoint("create_filter", "Save a filter", body=FilterSerializer, answer=FilterSerializer, at="api_filter")
    def post(self, request: Request) -> SavedFilter:
        return operations.create_filter(actor=self.member, data=filter_data(self.given))


class FilterDetail(ContactsAPIView):
    @Endpoint("get_filter", "Read a saved filter", answer=FilterSerializer)
    def get(self, request: Request, filter_id: int) -> SavedFilter:
        return queries.get_filter(self.member, filter_id)

    @Endpoint(
        "update_filter",
        "Change a saved filter",
        description="Criteria are replaced as a whole.",
        body=FilterSerializer,
        partial=True,
        answer=FilterSerializer,
    )
    def patch(self, request: Request, filter_id: int) -> SavedFilter:
        saved = queries.get_filter(self.member, filter_id)
        data = filter_data(self.given, before=data_of_filter(saved))
        return operations.update_filter(actor=self.member, saved=saved, data=data)

    @Endpoint("delete_filter", "Delete a saved filter", answer=GONE, status=204)
    def delete(self, request: Request, filter_id: int) -> None:
        operations.delete_filter(actor=self.member, saved=queries.get_filter(self.member, filter_id))
