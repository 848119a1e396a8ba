from __future__ import annotations

from django.apps import AppConfig


class ExclusionsConfig(AppConfig):
    name = "exclusions"

    def ready(self) -> None:
        # Excludes what excluded contacts get later, puts the switch on their pages, and says who is excluded (R9).
        from emails.queries.judging import add_judge
        from exclusions import receivers  # noqa: F401
        from exclusions.queries import judge
        from exclusions.views import contact  # noqa: F401

        add_judge(judge)
