"""Settings > Apps and Integrations > Email > Excluded Emails."""

from __future__ import annotations

from django.urls import path

from exclusions.views import pages

urlpatterns = [
    path("", pages.excluded_settings, name="excluded_settings"),
    path("preview/", pages.exclusion_preview, name="exclusion_preview"),
    path("add/", pages.exclusion_add, name="exclusion_add"),
    path("missed/", pages.exclusion_missed, name="exclusion_missed"),
    path("<int:exclusion_id>/remove/", pages.exclusion_remove, name="exclusion_remove"),
    path("<int:exclusion_id>/edit/", pages.exclusion_edit, name="exclusion_edit"),
    path("removals/<int:removal_id>/", pages.removal_progress, name="removal_progress"),
    path("removals/<int:removal_id>/restore/", pages.removal_restore, name="removal_restore"),
]
