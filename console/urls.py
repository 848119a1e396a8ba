from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from console import views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="profile"), name="settings"),
    path("profile/", views.profile, name="profile"),
    path("account/", views.account_settings, name="account_settings"),
    path("account/mail/", views.mail_rules, name="mail_rules"),
    path("account/hand-over/", views.hand_over, name="hand_over"),
    path("members/", views.members, name="members"),
    path("members/<int:member_id>/", views.member_change, name="member_change"),
    path("members/<int:member_id>/deactivate/", views.member_deactivate, name="member_deactivate"),
    path("members/<int:member_id>/reactivate/", views.member_reactivate, name="member_reactivate"),
    path("invitations/<int:invitation_id>/resend/", views.invitation_resend, name="invitation_resend"),
    path("invitations/<int:invitation_id>/withdraw/", views.invitation_withdraw, name="invitation_withdraw"),
    path("tokens/", views.api_tokens, name="api_tokens"),
    path("tokens/<int:token_id>/revoke/", views.token_revoke, name="token_revoke"),
    path("audit/", views.audit_log, name="audit_log"),
    path("audit/export/", views.audit_export, name="audit_export"),
]
