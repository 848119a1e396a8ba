from __future__ import annotations

from django.apps import AppConfig


class EmailsConfig(AppConfig):
    name = "emails"

    def ready(self) -> None:
        # Puts its tabs on the contact's page.
        from emails.views import timeline  # noqa: F401
