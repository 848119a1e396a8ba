"""Tags, which are the whole account's."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import operations, queries
from contacts.api.base import GONE, ContactsAPIView
from contacts.serializers import TagSerializer
from crm.lib.pagination import keyset_page
from crm.lib.rest import LOCATION, NoQuery, PageQuery, created, page_of, page_response, read_body, read_query


class Tags(ContactsAPIView):
    @extend_schema(
        operation_id="list_tags", summary="List tags", parameters=[PageQuery], responses=page_of(TagSerializer)
    )
    def get(self, request: Request) -> Response:
        page = keyset_page(queries.tags(), order=["name"], **read_query(PageQuery, request))
        return page_response(request, page, TagSerializer)

    @extend_schema(
        operation_id="create_tag",
        summary="Add a tag",
        parameters=[LOCATION],
        request=TagSerializer,
        responses={201: TagSerializer},
    )
    def post(self, request: Request) -> Response:
        tag = operations.create_tag(actor=self.member, **read_body(TagSerializer, request))
        return created(request, TagSerializer(tag).data, "api_tag", tag.pk)


class TagDetail(ContactsAPIView):
    @extend_schema(operation_id="get_tag", summary="Read a tag", responses=TagSerializer)
    def get(self, request: Request, tag_id: int) -> Response:
        read_query(NoQuery, request)
        return Response(TagSerializer(queries.get_tag(tag_id)).data)

    @extend_schema(
        operation_id="update_tag",
        summary="Rename or recolour a tag",
        description="For the owner and admins of the account.",
        request=TagSerializer,
        responses=TagSerializer,
    )
    def patch(self, request: Request, tag_id: int) -> Response:
        tag = queries.get_tag(tag_id)
        values = {"name": tag.name, "colour": tag.colour, **read_body(TagSerializer, request, partial=True)}
        return Response(TagSerializer(operations.update_tag(actor=self.member, tag=tag, **values)).data)

    @extend_schema(
        operation_id="delete_tag",
        summary="Delete a tag",
        description="Takes it off every contact. For the owner and admins of the account.",
        responses={204: GONE},
    )
    def delete(self, request: Request, tag_id: int) -> Response:
        operations.delete_tag(actor=self.member, tag=queries.get_tag(tag_id))
        return Response(status=204)
