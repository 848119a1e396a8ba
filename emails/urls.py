from __future__ import annotations

from django.urls import path

from emails.views import content, listing, reader, suggesting

urlpatterns = [
    path("", listing.email_list, name="email_list"),
    path("suggestions/", suggesting.email_suggestions, name="email_suggestions"),
    path("delete/", listing.emails_delete, name="emails_delete"),
    path("<int:email_id>/", reader.email_detail, name="email_detail"),
    path("<int:email_id>/delete/", reader.email_delete, name="email_delete"),
    path("<int:email_id>/store/", reader.email_store, name="email_store"),
    path("<int:email_id>/unstore/", reader.email_unstore, name="email_unstore"),
    path("<int:email_id>/body/", content.email_body, name="email_body"),
    path("<int:email_id>/body/remote/", content.email_body_with_remote, name="email_body_with_remote"),
    path("<int:email_id>/raw/", content.email_raw, name="email_raw"),
    path("<int:email_id>/attachments/<int:position>/", content.email_attachment, name="email_attachment"),
]
