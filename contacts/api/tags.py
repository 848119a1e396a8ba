"""Tags, which are the whole account's."""

from __future__ import annotations

from rest_framework.request import Request

from contacts import operations, queries
from contacts.api.base import GONE, ContactsAPIView
from contacts.models import Tag
from contacts.serializers import TagSerializer
from crm.lib.endpoints import Endpoint
from crm.lib.pagination import Page, keyset_page
from crm.lib.rest import PageQuery


class Tags(ContactsAPIView):
    @Endpoint("list_tags", "List tags", query=PageQuery, page=TagSerializer)
    def get(self, request: Request) -> Page[Tag]:
        return keyset_page(queries.tags(), order=["name"], **self.given)

    @Endpoint("create_tag", "Add a tag", body=TagSerializer, answer=TagSerializer, at="api_tag")
    def post(self, request: Request) -> Tag:
        return operations.create_tag(actor=self.member, **self.given)


class TagDetail(ContactsAPIView):
    @Endpoint("get_tag", "Read a tag", answer=TagSerializer)
    def get(self, request: Request, tag_id: int) -> Tag:
        return queries.get_tag(tag_id)

    @Endpoint(
        "update_tag",
        "Rename or recolour a tag",
        description="For the owner and admins of the account.",
        body=TagSerializer,
        partial=True,
        answer=TagSerializer,
    )
    def patch(self, request: Request, tag_id: int) -> Tag:
        tag = queries.get_tag(tag_id)
        return operations.update_tag(
            actor=self.member, tag=tag, **{"name": tag.name, "colour": tag.colour, **self.given}
        )

    @Endpoint(
        "delete_tag",
        "Delete a tag",
        description="Takes it off every contact. For the owner and admins of the account.",
        answer=GONE,
        status=204,
    )
    def delete(self, request: Request, tag_id: int) -> None:
        operations.delete_tag(actor=self.member, tag=queries.get_tag(tag_id))
