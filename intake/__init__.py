"""The one way in: match, exclude, fetch, parse, store; used by every source of mail (DESIGN.md section 3)."""

from __future__ import annotations
