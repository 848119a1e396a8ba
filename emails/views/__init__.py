"""Pages about emails."""

from __future__ import annotations
