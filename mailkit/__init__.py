"""A pure library about mail: it knows no database, no network and no Django."""

from __future__ import annotations
