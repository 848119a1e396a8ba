"""Files of contacts, read and written: CSV in whatever shape, and vCard 2.1 to 4.0. Pure: no Django, no database."""

from __future__ import annotations
