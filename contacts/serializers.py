"""How contacts, tags, notes and saved filters are written and read in the API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from contacts.data import LENGTHS, NOTE_LENGTH, PHONE_LENGTH, TAG_LENGTH, ContactData
from contacts.filters import DEFAULT_SORT, LARGEST_ID, LONGEST_TEXT, MOST_TAGS, SORTS, Criteria
from contacts.models import COLOURS, Contact, Note, SavedFilter
from contacts.operations import FilterData
from contacts.operations.filters import NAME_LENGTH
from contacts.queries import data_of
from crm.lib.rest import PageQuery, StrictSerializer

#: Longer than any address, with room for a name before it: `mailkit.addresses` has the last word.
WRITTEN_ADDRESS = 320
ID: dict[str, Any] = {"min_value": 0, "max_value": LARGEST_ID}
OWNER = "A member's id, as in `me`."


def text_field(name: str) -> serializers.CharField:
    """One of the plain texts of a contact."""
    return serializers.CharField(default="", allow_blank=True, max_length=LENGTHS[name])


def texts_field(most: int, longest: int, help_text: str) -> serializers.ListField:
    """Several texts, in order."""
    item = serializers.CharField(max_length=longest)
    return serializers.ListField(child=item, default=list, max_length=most, help_text=help_text)


# --- Contacts -----------------------------------------------------------------------------------


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A customer",
            value={
                "id": 7,
                "name": "Ines Moreau",
                "first_name": "Ines",
                "last_name": "Moreau",
                "company": "Atelier Lyon",
                "title": "Purchasing",
                "emails": ["ines@atelier-lyon.example"],
                "phones": ["+33 4 72 00 00 00"],
                "tags": ["france", "key account"],
                "owner": 1,
                "owner_name": "Alice Lindqvist",
                "is_private": False,
                "created_at": "2026-03-02T09:30:00Z",
                "updated_at": "2026-03-09T16:05:12.431907Z",
            },
            response_only=True,
        ),
        OpenApiExample(
            "A new customer",
            value={
                "first_name": "Ines",
                "last_name": "Moreau",
                "company": "Atelier Lyon",
                "emails": ["ines@atelier-lyon.example"],
                "tags": ["france"],
            },
            request_only=True,
        ),
    ]
)
class ContactSerializer(StrictSerializer):
    """A contact needs at least a name, a company or an email address."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True, help_text="The best there is to call them.")
    first_name = text_field("first_name")
    last_name = text_field("last_name")
    company = text_field("company")
    title = text_field("title")
    emails = texts_field(20, WRITTEN_ADDRESS, "The first is the main one. Normalised: lower case, ASCII domain.")
    phones = texts_field(20, PHONE_LENGTH, "As people write them.")
    tags = texts_field(50, TAG_LENGTH, "By name; new ones are made.")
    owner = serializers.IntegerField(default=None, allow_null=True, help_text=f"{OWNER} Null: nobody.", **ID)
    owner_name = serializers.CharField(read_only=True, allow_null=True)
    is_private = serializers.BooleanField(default=False, help_text="Seen by its owner alone, who must be you.")
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, instance: Contact) -> dict[str, Any]:
        """Wants a contact with its details (`contacts.queries.with_details`)."""
        data = data_of(instance)
        shown = vars(data) | {
            "id": instance.pk,
            "name": instance.name,
            "owner": data.owner_id,
            "owner_name": str(instance.owner) if instance.owner else None,
            "created_at": instance.created_at,
            "updated_at": instance.updated_at,
        }
        return super().to_representation(shown)


def contact_data(values: dict[str, Any], before: ContactData | None = None) -> ContactData:
    """What `ContactSerializer` has read, over what was there before."""
    changes = _frozen(values)
    if "owner" in changes:
        changes["owner_id"] = changes.pop("owner")
    return replace(before or ContactData(), **changes)


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    """Lists as the tuples that frozen dataclasses hold."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


class CriteriaSerializer(StrictSerializer):
    """Contacts that meet all of these. Days are whole days of UTC, both included."""

    q = serializers.CharField(
        required=False, max_length=LONGEST_TEXT, help_text="Words in names, company, title, phones and addresses."
    )
    owner = serializers.IntegerField(required=False, help_text=f"{OWNER} 0: nobody's.", **ID)
    company = serializers.CharField(required=False, max_length=LONGEST_TEXT)
    address = serializers.CharField(
        required=False, max_length=LONGEST_TEXT, help_text="Exactly this email address, however it is spelt."
    )
    has_email = serializers.BooleanField(required=False)
    created_from = serializers.DateField(required=False)
    created_until = serializers.DateField(required=False)
    updated_from = serializers.DateField(required=False)
    updated_until = serializers.DateField(required=False)
    updated_since = serializers.DateTimeField(required=False, help_text="Changed after this moment.")


class SavedCriteriaSerializer(CriteriaSerializer):
    tags = serializers.ListField(
        child=serializers.IntegerField(**ID), required=False, max_length=MOST_TAGS, help_text="Ids; all must be there."
    )


class ContactQuery(CriteriaSerializer, PageQuery):
    """The query parameters of the list of contacts."""

    tag = serializers.ListField(
        child=serializers.CharField(max_length=TAG_LENGTH),
        required=False,
        max_length=MOST_TAGS,
        help_text="A tag's id or name. Given several times: contacts that have them all.",
    )
    filter = serializers.IntegerField(
        required=False, help_text="A saved filter's id; the other parameters narrow down or replace its own.", **ID
    )
    sort = serializers.ChoiceField(choices=list(SORTS), default=DEFAULT_SORT)


# --- Tags, notes, filters -----------------------------------------------------------------------


@extend_schema_serializer(examples=[OpenApiExample("A tag", value={"id": 3, "name": "key account", "colour": "blue"})])
class TagSerializer(StrictSerializer):
    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=TAG_LENGTH, help_text="One tag of a name, whatever its case.")
    colour = serializers.ChoiceField(choices=COLOURS, default=COLOURS[0])


class NoteQuery(PageQuery):
    """The query parameters of the list of notes."""

    contact = serializers.IntegerField(help_text="The contact whose notes to list, newest first.", **ID)


class NoteTextSerializer(StrictSerializer):
    """What can be changed of a note."""

    text = serializers.CharField(max_length=NOTE_LENGTH, help_text="Plain text; line breaks are kept.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A note",
            value={
                "id": 12,
                "contact": 7,
                "author": 1,
                "author_name": "Alice Lindqvist",
                "text": "Wants the offer before the fair in May.",
                "created_at": "2026-03-09T16:05:12.431907Z",
                "edited_at": None,
            },
        )
    ]
)
class NoteSerializer(NoteTextSerializer):
    id = serializers.IntegerField(read_only=True)
    contact = serializers.IntegerField(source="contact_id", **ID)
    author = serializers.IntegerField(source="author_id", read_only=True, allow_null=True)
    author_name = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(read_only=True)
    edited_at = serializers.DateTimeField(read_only=True, allow_null=True)

    def get_author_name(self, note: Note) -> str | None:
        return str(note.author) if note.author else None


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A filter that the team shares",
            value={"id": 2, "name": "Key accounts", "owner": 1, "is_shared": True, "criteria": {"tags": [3]}},
        )
    ]
)
class FilterSerializer(StrictSerializer):
    """One's own, or shared with the team."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=NAME_LENGTH)
    owner = serializers.IntegerField(source="owner_id", read_only=True)
    is_shared = serializers.BooleanField(default=False, help_text="Only the owner and admins of the account share.")
    criteria = SavedCriteriaSerializer(help_text="At least one.")


def filter_data(values: dict[str, Any], before: FilterData | None = None) -> FilterData:
    """What `FilterSerializer` has read, over what was there before."""
    changes = dict(values)
    if "criteria" in changes:
        changes["criteria"] = criteria_of(changes["criteria"])
    return replace(before, **changes) if before else FilterData(**changes)


def data_of_filter(saved: SavedFilter) -> FilterData:
    """The filter as a program edits it."""
    return FilterData(name=saved.name, criteria=Criteria.from_json(saved.criteria), is_shared=saved.is_shared)


def criteria_of(values: dict[str, Any], before: Criteria | None = None) -> Criteria:
    """What a reader of criteria has read, over those there were before."""
    return replace(before or Criteria(), **_frozen(values))
