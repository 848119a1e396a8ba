"""Forms about contacts. What a value must be like is said in `contacts.data`: these only carry it there and back."""

from __future__ import annotations
