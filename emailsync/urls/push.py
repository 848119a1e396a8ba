"""Where the providers say that something happened (E9)."""

from __future__ import annotations

from django.urls import path

from emailsync.views import pushes

urlpatterns = [
    path("gmail/", pushes.gmail_push, name="gmail_push"),
    path("graph/", pushes.graph_push, name="graph_push"),
]
