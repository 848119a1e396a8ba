"""The Django project: settings, URLs, the task queue's entry point, and what every app shares (`crm.lib`)."""

from __future__ import annotations

from crm.celery import app as celery_app

__all__ = ["celery_app"]
