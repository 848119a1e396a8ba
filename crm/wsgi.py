"""The web's entry point for gunicorn: ``gunicorn crm.wsgi``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from crm.lib import collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

application = get_wsgi_application()
collector.settle()
