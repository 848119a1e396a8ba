from __future__ import annotations

from django.urls import path

from emails.views import content, filing, listing, reader, suggesting

urlpatterns = [
    path("", listing.email_list, name="email_list"),
    path("suggestions/", suggesting.email_suggestions, name="email_suggestions"),
    path("counts/", listing.email_counts, name="email_counts"),
    path("news/", listing.email_news, name="email_news"),
    path("delete/", listing.emails_delete, name="emails_delete"),
    path("<int:email_id>/", reader.email_detail, name="email_detail"),
    path("<int:email_id>/message/", reader.email_message, name="email_message"),
    path("<int:email_id>/thread/", reader.email_thread, name="email_thread"),
    path("<int:email_id>/delete/", filing.email_delete, name="email_delete"),
    path("<int:email_id>/store/", filing.email_store, name="email_store"),
    path("<int:email_id>/unstore/", filing.email_unstore, name="email_unstore"),
    path("<int:email_id>/move/", filing.email_move, name="email_move"),
    path("<int:email_id>/choose/", filing.email_choose, name="email_choose"),
    path("<int:email_id>/contact/", filing.email_contact, name="email_contact"),
    path("<int:email_id>/body/", content.email_body, name="email_body"),
    path("<int:email_id>/body/remote/", content.email_body_with_remote, name="email_body_with_remote"),
    path("<int:email_id>/print/", content.email_print, name="email_print"),
    path("<int:email_id>/original/", content.email_original, name="email_original"),
    path("<int:email_id>/raw/", content.email_raw, name="email_raw"),
    path("<int:email_id>/attachments/", content.email_attachments, name="email_attachments"),
    path(
        "<int:email_id>/attachments/<int:position>/view/", content.email_attachment_view, name="email_attachment_view"
    ),
    path("<int:email_id>/attachments/<int:position>/pdf/", content.email_pdf, name="email_pdf"),
    path("<int:email_id>/attachments/<int:position>/", content.email_attachment, name="email_attachment"),
]
