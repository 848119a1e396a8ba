"""Every address of the API, in the order of DESIGN.md section 8. The views belong to the apps below."""

from __future__ import annotations

from django.urls import include, path, re_path

from accounts import api as accounts
from contacts import api as contacts
from emails import api as emails
from emailsync import api as emailsync
from exclusions import api as exclusions
from integrations import api

v1 = [
    path("", api.Root.as_view(), name="api_root"),
    path("contacts/", contacts.Contacts.as_view(), name="api_contacts"),
    path("contacts/<int:contact_id>/", contacts.ContactDetail.as_view(), name="api_contact"),
    path("contacts/<int:contact_id>/timeline/", emails.ContactTimeline.as_view(), name="api_contact_timeline"),
    path("activity/", emails.Activity.as_view(), name="api_activity"),
    path("activity/sums/", emails.ActivitySums.as_view(), name="api_activity_sums"),
    path("contacts/<int:contact_id>/visibility/", emails.ContactVisibility.as_view(), name="api_contact_visibility"),
    path("emails/", emails.Emails.as_view(), name="api_emails"),
    path("emails/<int:email_id>/", emails.EmailDetail.as_view(), name="api_email"),
    path("emails/<int:email_id>/store/", emails.EmailStore.as_view(), name="api_email_store"),
    path("emails/<int:email_id>/unstore/", emails.EmailUnstore.as_view(), name="api_email_unstore"),
    path("emails/<int:email_id>/move/", emails.EmailMove.as_view(), name="api_email_move"),
    path("emails/<int:email_id>/raw/", emails.EmailRaw.as_view(), name="api_email_raw"),
    path(
        "emails/<int:email_id>/attachments/<int:position>/",
        emails.EmailAttachment.as_view(),
        name="api_email_attachment",
    ),
    path("emails/<int:email_id>/request-access/", emails.EmailRequestAccess.as_view(), name="api_email_access"),
    path("access-requests/", emails.AccessRequests.as_view(), name="api_access_requests"),
    path("access-requests/<int:access_id>/", emails.AccessRequest.as_view(), name="api_access_request"),
    path("threads/<int:thread_id>/", emails.ThreadDetail.as_view(), name="api_thread"),
    path("threads/<int:thread_id>/visibility/", emails.ThreadVisibility.as_view(), name="api_thread_visibility"),
    path("tags/", contacts.Tags.as_view(), name="api_tags"),
    path("tags/<int:tag_id>/", contacts.TagDetail.as_view(), name="api_tag"),
    path("filters/", contacts.Filters.as_view(), name="api_filters"),
    path("filters/<int:filter_id>/", contacts.FilterDetail.as_view(), name="api_filter"),
    path("notes/", contacts.Notes.as_view(), name="api_notes"),
    path("notes/<int:note_id>/", contacts.NoteDetail.as_view(), name="api_note"),
    path("contacts/<int:contact_id>/email-sync/", exclusions.ContactEmailSync.as_view(), name="api_contact_email_sync"),
    path("exclusions/", exclusions.Exclusions.as_view(), name="api_exclusions"),
    path("exclusions/bulk/", exclusions.ExclusionsBulk.as_view(), name="api_exclusions_bulk"),
    path("exclusions/preview/", exclusions.ExclusionPreview.as_view(), name="api_exclusion_preview"),
    path("exclusions/own/", exclusions.OwnAddresses.as_view(), name="api_own_addresses"),
    path("exclusions/import-missed/", exclusions.ExclusionsMissed.as_view(), name="api_exclusions_missed"),
    path("exclusions/removals/", exclusions.Removals.as_view(), name="api_removals"),
    path(
        "exclusions/removals/<int:removal_id>/restore/",
        exclusions.RemovalRestore.as_view(),
        name="api_removal_restore",
    ),
    path("exclusions/<int:exclusion_id>/", exclusions.ExclusionDetail.as_view(), name="api_exclusion"),
    path("mailboxes/", emailsync.Mailboxes.as_view(), name="api_mailboxes"),
    path("mailboxes/<int:mailbox_id>/", emailsync.MailboxDetail.as_view(), name="api_mailbox"),
    path("mailboxes/<int:mailbox_id>/sync/", emailsync.MailboxSync.as_view(), name="api_mailbox_sync"),
    path(
        "mailboxes/<int:mailbox_id>/disconnect/", emailsync.MailboxDisconnect.as_view(), name="api_mailbox_disconnect"
    ),
    path("sync/status/", emailsync.SyncStatus.as_view(), name="api_sync_status"),
    path("me/", accounts.Me.as_view(), name="api_me"),
]
urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", api.Schema.as_view(), name="api_schema"),
    path("docs/", api.Docs.as_view(), name="api_docs"),
    re_path("", api.Nowhere.as_view()),
]
