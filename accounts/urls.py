from __future__ import annotations

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.home, name="home"),
    path("no-account/", views.no_account, name="no_account"),
    path("accounts/new/", views.create_account, name="create_account"),
    path("accounts/switch/", views.switch_account, name="switch_account"),
    path("invitations/<str:key>/", views.accept_invitation, name="accept_invitation"),
    path("undo/", views.undo_view, name="undo"),
]
