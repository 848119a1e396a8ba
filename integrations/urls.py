"""Every address of the API, in the order of DESIGN.md section 8. The views belong to the apps below."""

from __future__ import annotations

from django.urls import include, path, re_path

from accounts import api as accounts
from contacts import api as contacts
from integrations import api

v1 = [
    path("", api.Root.as_view(), name="api_root"),
    path("contacts/", contacts.Contacts.as_view(), name="api_contacts"),
    path("contacts/<int:contact_id>/", contacts.ContactDetail.as_view(), name="api_contact"),
    path("tags/", contacts.Tags.as_view(), name="api_tags"),
    path("tags/<int:tag_id>/", contacts.TagDetail.as_view(), name="api_tag"),
    path("filters/", contacts.Filters.as_view(), name="api_filters"),
    path("filters/<int:filter_id>/", contacts.FilterDetail.as_view(), name="api_filter"),
    path("notes/", contacts.Notes.as_view(), name="api_notes"),
    path("notes/<int:note_id>/", contacts.NoteDetail.as_view(), name="api_note"),
    path("me/", accounts.Me.as_view(), name="api_me"),
]
urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", api.Schema.as_view(), name="api_schema"),
    path("docs/", api.Docs.as_view(), name="api_docs"),
    re_path("", api.Nowhere.as_view()),
]
