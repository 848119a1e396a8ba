"""How emails, their parties, links and sources are written in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from contacts.data import TAG_LENGTH
from contacts.filters import LARGEST_ID, MOST_TAGS
from contacts.models import Contact, Note
from contacts.serializers import NoteSerializer
from crm.lib.rest import PageQuery, StrictSerializer
from emails.models import Email, Link, Party
from emails.queries import Box, Entry, Kind, Listed, Opened, Who, is_readable
from emails.searching import LONGEST

ID: dict[str, Any] = {"min_value": 1, "max_value": LARGEST_ID}
#: That a list can be narrowed down to at once.
MOST_MEMBERS = 50
ACCESS = ("full", "subject")
STATES = ("stored", "not_stored", "excluded")

# --- What is asked for --------------------------------------------------------------------------


class EmailQuery(PageQuery):
    """The query parameters of the list of emails."""

    box = serializers.ChoiceField(choices=[box.value for box in Box], default=Box.ALL.value)
    contact = serializers.IntegerField(required=False, help_text="Stored for this contact.", **ID)
    member = serializers.ListField(
        child=serializers.IntegerField(**ID),
        required=False,
        max_length=MOST_MEMBERS,
        help_text="Brought by this member: their mailbox, say. Given several times: by any of them.",
    )
    tag = serializers.ListField(
        child=serializers.CharField(max_length=TAG_LENGTH),
        required=False,
        max_length=MOST_TAGS,
        help_text="Stored for a contact with this tag, by id or name. Given several times: with all of them.",
    )
    filter = serializers.IntegerField(
        required=False, help_text="Stored for a contact that a saved filter finds, by id.", **ID
    )
    thread = serializers.IntegerField(required=False, help_text="Of this conversation.", **ID)
    q = serializers.CharField(
        required=False,
        max_length=LONGEST,
        help_text='What to search for, as on the page: `lyon "last pallet" from:ines has:attachment -tag:done`.',
    )
    folded = serializers.BooleanField(
        default=False, help_text="Of each conversation only the last email that meets all that is given."
    )
    since = serializers.DateTimeField(required=False, help_text="Sent at this moment or later.")
    until = serializers.DateTimeField(required=False, help_text="Sent before this moment.")


class TimelineQuery(PageQuery):
    """The query parameters of a contact's timeline."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind], default=Kind.ALL.value)


class ContactSerializer(StrictSerializer):
    """Names a contact."""

    contact = serializers.IntegerField(help_text="A contact's id.", **ID)

    class Meta:
        ref_name = "EmailContact"


class MoveSerializer(StrictSerializer):
    """Names the contact that has the email, and the one that shall have it."""

    def get_fields(self) -> dict[str, Any]:
        """``from`` is a word of Python's, so that no attribute can be called so."""
        return {
            "from": serializers.IntegerField(help_text="The contact that has it.", **ID),
            "to": serializers.IntegerField(help_text="The contact that shall have it.", **ID),
        }


# --- What is answered ---------------------------------------------------------------------------


class MailAddressSerializer(StrictSerializer):
    name = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True, help_text="Normalised; empty where the message names none.")


class SenderSerializer(StrictSerializer):
    name = serializers.CharField(source="from_name", allow_blank=True)
    address = serializers.CharField(
        source="from_address", allow_blank=True, help_text="Normalised; empty where the message names none."
    )


class ContactNameSerializer(StrictSerializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class AccessField(serializers.ChoiceField):
    """How much its reader sees of an email, by whether they see more than its subject."""

    def __init__(self, **given: Any) -> None:
        super().__init__(choices=ACCESS, **given)

    def to_representation(self, value: Any) -> str:
        return "full" if value else "subject"


EXAMPLE: dict[str, Any] = {
    "id": 41,
    "thread": 12,
    "direction": "in",
    "from": {"name": "Ines Moreau", "address": "ines@atelier-lyon.example"},
    "subject": "Re: Delivery dates for the Lyon order",
    "snippet": "Thanks Alice, the 4th works. One thing: can the last pallet go to…",
    "sent_at": "2026-11-04T10:42:00Z",
    "contacts": [{"id": 7, "name": "Ines Moreau"}],
    "has_attachments": True,
    "size": 252_310,
    "access": "full",
    "problem": "",
}


@extend_schema_serializer(examples=[OpenApiExample("An email", value=EXAMPLE, response_only=True)])
class EmailSerializer(StrictSerializer):
    """An email of a list; wants a `Listed`."""

    id = serializers.IntegerField()
    thread = serializers.IntegerField(source="thread_id", help_text="The conversation: see `threads/{id}/`.")
    direction = serializers.ChoiceField(choices=Email.Direction.choices)
    subject = serializers.CharField(allow_blank=True)
    snippet = serializers.CharField(allow_blank=True, help_text="The beginning of what it says.")
    sent_at = serializers.DateTimeField()
    contacts = ContactNameSerializer(many=True, help_text="Those that it is stored for and you can see, by name.")
    has_attachments = serializers.BooleanField()
    size = serializers.IntegerField(help_text="In bytes.")
    access = AccessField(
        source="is_readable",
        help_text="`full`, or `subject` where its owner shows you no more: then what tells more is empty, null or 0.",
    )
    problem = serializers.CharField(allow_blank=True, help_text="Why only its headers are here: `too-large`, say.")

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"from": SenderSerializer(source="*")}


class StandingSerializer(ContactNameSerializer):
    state = serializers.ChoiceField(choices=STATES, help_text="Whether the email is stored for this contact.")
    excluded_by = serializers.CharField(
        allow_blank=True, help_text="The entry of the exclusion list that covers the address, if one does."
    )

    class Meta:
        ref_name = "PartyContact"


class PartySerializer(MailAddressSerializer):
    """An address in the message, and who that is here."""

    role = serializers.ChoiceField(choices=Party.Role.choices, help_text="`bcc` is shown to who sent it alone.")
    member = serializers.IntegerField(allow_null=True, help_text="The member whose own address it is.")
    state = serializers.ChoiceField(
        choices=[*STATES, "no_contact"], help_text="The best state of its contacts; `no_contact` where it has none."
    )
    contacts = StandingSerializer(many=True, help_text="Contacts that you can see and that have this address.")


class LinkSerializer(StrictSerializer):
    """For whom it is stored, since when, and by whom."""

    contact = ContactNameSerializer()
    by = serializers.ChoiceField(choices=Link.By.choices)
    stored_by = serializers.IntegerField(source="stored_by_id", allow_null=True)
    stored_at = serializers.DateTimeField()


class SourceSerializer(StrictSerializer):
    """Where it was seen."""

    kind = serializers.CharField(source="door.kind", help_text="`gmail`, `graph`, `import`, `capture` or `compose`.")
    member = serializers.IntegerField(source="door.member_id")
    member_name = serializers.CharField(source="door.member")
    address = serializers.CharField(source="door.address")
    seen_at = serializers.DateTimeField()


class AttachmentSerializer(StrictSerializer):
    """A file: its content is at `emails/{id}/attachments/{position}/`."""

    position = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes.")
    is_inline = serializers.BooleanField(help_text="Whether the body shows it itself.")


class OpenedSerializer(EmailSerializer):
    """An email with all that hangs on it; wants an `Opened`."""

    message_id = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True, help_text="What a person reads, made from HTML where need be.")
    has_html = serializers.BooleanField()
    stored_at = serializers.DateTimeField()
    parties = PartySerializer(many=True)
    links = LinkSerializer(many=True)
    sources = SourceSerializer(many=True)
    attachments = AttachmentSerializer(many=True)

    class Meta:
        ref_name = "OpenedEmail"

    def to_representation(self, instance: Opened) -> dict[str, Any]:
        email = instance.email
        shown = {
            **{field.attname: getattr(email, field.attname) for field in email._meta.fields if field.name != "search"},
            "is_readable": is_readable(email),
            "parties": [_party(who) for who in instance.parties],
            "contacts": [link.contact for link in instance.links],
            "links": instance.links,
            "sources": instance.sources,
            "attachments": instance.attachments,
        }
        return super().to_representation(shown)


class ThreadSerializer(StrictSerializer):
    """A conversation across all mailboxes of the account, oldest first: what you can see of it."""

    id = serializers.IntegerField()
    emails = EmailSerializer(many=True)


class EntrySerializer(StrictSerializer):
    """An email or a note; the other one is null."""

    kind = serializers.ChoiceField(choices=["email", "note"])
    at = serializers.DateTimeField()
    email = EmailSerializer(allow_null=True)
    note = NoteSerializer(allow_null=True)

    class Meta:
        ref_name = "TimelineEntry"

    def to_representation(self, instance: Entry) -> dict[str, Any]:
        note = instance if isinstance(instance, Note) else None
        email = instance if isinstance(instance, Listed) else None
        at = instance.created_at if isinstance(instance, Note) else instance.sent_at
        return super().to_representation({"kind": "note" if note else "email", "at": at, "email": email, "note": note})


def _named(contact: Contact) -> dict[str, Any]:
    return {"id": contact.pk, "name": contact.name}


def _party(who: Who) -> dict[str, Any]:
    return {
        "role": who.party.role,
        "name": who.party.name,
        "address": who.party.address,
        "member": who.member and who.member.pk,
        "state": who.state,
        "contacts": [
            _named(one.contact) | {"state": one.state, "excluded_by": one.excluded_by} for one in who.contacts
        ],
    }
