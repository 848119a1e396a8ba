"""Settings > Apps and Integrations > Email."""

from __future__ import annotations

from django.urls import path

from emailsync.views import connecting, preview, settings

urlpatterns = [
    path("", settings.email_settings, name="email_settings"),
    path("connect/<slug:provider>/", connecting.mailbox_connect, name="mailbox_connect"),
    path("callback/", connecting.mailbox_callback, name="mailbox_callback"),
    path("<int:mailbox_id>/state/", settings.mailbox_state, name="mailbox_state"),
    path("<int:mailbox_id>/sync/", settings.mailbox_sync, name="mailbox_sync"),
    path("<int:mailbox_id>/label/", settings.mailbox_label, name="mailbox_label"),
    path("<int:mailbox_id>/disconnect/", settings.mailbox_disconnect, name="mailbox_disconnect"),
    path("<int:mailbox_id>/reconnect/", connecting.mailbox_reconnect, name="mailbox_reconnect"),
    path("<int:mailbox_id>/preview/", preview.mailbox_preview, name="mailbox_preview"),
    path("<int:mailbox_id>/preview/progress/", preview.mailbox_preview_progress, name="mailbox_preview_progress"),
    path("<int:mailbox_id>/start/", preview.mailbox_start, name="mailbox_start"),
]
