from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CrmConfig(AppConfig):
    name = "crm"

    def ready(self) -> None:
        """Registers every task, so that `crm.lib.queue.enqueue` knows the queue of one it only names."""
        autodiscover_modules("tasks")
