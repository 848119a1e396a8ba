"""Saved filters: one's own, and those that are shared."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import operations, queries
from contacts.api.base import GONE, ContactsAPIView
from contacts.serializers import FilterSerializer, data_of_filter, filter_data
from crm.lib.pagination import keyset_page
from crm.lib.rest import LOCATION, NoQuery, PageQuery, created, page_of, page_response, read_body, read_query


class Filters(ContactsAPIView):
    @extend_schema(
        operation_id="list_filters",
        summary="List saved filters",
        description="One's own, and those that are shared.",
        parameters=[PageQuery],
        responses=page_of(FilterSerializer),
    )
    def get(self, request: Request) -> Response:
        page = keyset_page(queries.saved_filters(self.member), order=["name"], **read_query(PageQuery, request))
        return page_response(request, page, FilterSerializer)

    @extend_schema(
        operation_id="create_filter",
        summary="Save a filter",
        parameters=[LOCATION],
        request=FilterSerializer,
        responses={201: FilterSerializer},
    )
    def post(self, request: Request) -> Response:
        data = filter_data(read_body(FilterSerializer, request))
        saved = operations.create_filter(actor=self.member, data=data)
        return created(request, FilterSerializer(saved).data, "api_filter", saved.pk)


class FilterDetail(ContactsAPIView):
    @extend_schema(operation_id="get_filter", summary="Read a saved filter", responses=FilterSerializer)
    def get(self, request: Request, filter_id: int) -> Response:
        read_query(NoQuery, request)
        return Response(FilterSerializer(queries.get_filter(self.member, filter_id)).data)

    @extend_schema(
        operation_id="update_filter",
        summary="Change a saved filter",
        description="Criteria are replaced as a whole.",
        request=FilterSerializer,
        responses=FilterSerializer,
    )
    def patch(self, request: Request, filter_id: int) -> Response:
        saved = queries.get_filter(self.member, filter_id)
        data = filter_data(read_body(FilterSerializer, request, partial=True), before=data_of_filter(saved))
        return Response(FilterSerializer(operations.update_filter(actor=self.member, saved=saved, data=data)).data)

    @extend_schema(operation_id="delete_filter", summary="Delete a saved filter", responses={204: GONE})
    def delete(self, request: Request, filter_id: int) -> Response:
        operations.delete_filter(actor=self.member, saved=queries.get_filter(self.member, filter_id))
        return Response(status=204)
