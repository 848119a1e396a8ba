"""The Email Sync switch on a contact's page."""

from __future__ import annotations

from django.urls import path

from exclusions.views import contact

urlpatterns = [path("<int:contact_id>/email-sync/", contact.contact_email_sync, name="contact_email_sync")]
