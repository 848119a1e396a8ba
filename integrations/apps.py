from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        """Stops the start, rather than the first call, where API_RATE is no rate."""
        # Needs the models, which are there only now.
        from integrations.throttling import read_rate

        for rate in settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"].values():
            read_rate(rate)
