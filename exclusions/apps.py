from __future__ import annotations

from django.apps import AppConfig


class ExclusionsConfig(AppConfig):
    name = "exclusions"
