from __future__ import annotations

from django.urls import include, path

from crm import views

urlpatterns = [
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("metrics", views.metrics_page),
    path("", include("accounts.urls")),
    path("auth/", include("allauth.urls")),
    path("contacts/", include("contacts.urls")),
    path("contacts/", include("exclusions.contact_urls")),
    path("email/", include("emails.urls")),
    path("email/", include("emails.sharing_urls")),
    path("email/", include("exclusions.email_urls")),
    path("activity/", include("emails.urls.activity")),
    path("settings/tags/", include("contacts.urls.tags")),
    path("settings/email/excluded/", include("exclusions.urls")),
    path("settings/email/", include("emailsync.urls")),
    path("settings/", include("console.urls")),
    path("push/", include("emailsync.urls.push")),
    path("api/", include("integrations.urls")),
]

handler404 = "crm.views.not_found"
handler403 = "crm.views.forbidden"
