from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Connects its functions to allauth's signals, whose models are only there by now.
        from accounts import receivers  # noqa: F401
