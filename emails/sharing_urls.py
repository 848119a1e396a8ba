"""Under ``email/``: who sees one's emails, asking for those of colleagues, and answering."""

from __future__ import annotations

from django.urls import path

from emails.views import sharing

urlpatterns = [
    path("doors/<int:door_id>/sharing/", sharing.door_sharing, name="door_sharing"),
    path("contacts/<int:contact_id>/sharing/", sharing.contact_sharing, name="contact_sharing"),
    path("threads/<int:thread_id>/sharing/", sharing.thread_sharing, name="thread_sharing"),
    path("<int:email_id>/ask/", sharing.access_ask, name="access_ask"),
    path("requests/<int:access_id>/answer/", sharing.access_answer, name="access_answer"),
    path("requests/<int:access_id>/put-away/", sharing.access_put_away, name="access_put_away"),
]
