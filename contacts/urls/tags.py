"""Tags live among the settings: `crm.urls` mounts these there."""

from __future__ import annotations

from django.urls import path

from contacts.views import tags

urlpatterns = [
    path("", tags.tag_list, name="tag_list"),
    path("<int:tag_id>/", tags.tag_edit, name="tag_edit"),
    path("<int:tag_id>/merge/", tags.tag_merge, name="tag_merge"),
    path("<int:tag_id>/delete/", tags.tag_delete, name="tag_delete"),
]
