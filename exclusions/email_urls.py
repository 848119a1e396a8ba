"""Excluded Emails on the Email page."""

from __future__ import annotations

from django.urls import path

from exclusions.views import pages

urlpatterns = [path("excluded/", pages.excluded_emails, name="excluded_emails")]
