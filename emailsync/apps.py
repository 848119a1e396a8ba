from __future__ import annotations

from django.apps import AppConfig


class EmailsyncConfig(AppConfig):
    name = "emailsync"

    def ready(self) -> None:
        # Connects its functions to what apps below say, tells them what is looked for, and says on the Email page how
        # syncing goes.
        from emailsync import receivers  # noqa: F401
        from emailsync.queries import looked_for
        from emailsync.views import foot  # noqa: F401
        from exclusions.queries import add_watch

        add_watch(looked_for)
