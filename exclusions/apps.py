from __future__ import annotations

from django.apps import AppConfig


class ExclusionsConfig(AppConfig):
    name = "exclusions"

    def ready(self) -> None:
        from emails.queries.judging import add_judge
        from exclusions import receivers  # noqa: F401
        from exclusions.queries import judge

        add_judge(judge)
