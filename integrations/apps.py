from __future__ import annotations

from django.apps import AppConfig
from rest_framework.settings import api_settings


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        """Stops the start, rather than the first call, where API_RATE is no rate."""
        # Needs the models, which are there only now.
        from integrations.throttling import read_rate

        for rate in api_settings.DEFAULT_THROTTLE_RATES.values():
            read_rate(str(rate))
