from __future__ import annotations

from django.apps import AppConfig


class EmailsConfig(AppConfig):
    name = "emails"

    def ready(self) -> None:
        # Lets what was said of a contact follow its addresses, puts its tabs and the reader's settings on the contact's
        # page, and questions into the bell.
        from emails import receivers  # noqa: F401
        from emails.views import sharing, timeline  # noqa: F401
