from __future__ import annotations

from django.urls import path

from emails.views import activity

urlpatterns = [
    path("", activity.activity, name="activity"),
    path("sums/", activity.activity_sums, name="activity_sums"),
    path("export/", activity.activity_export, name="activity_export"),
]
