"""Google's log-in: the authorize page, tokens, and who somebody is."""

from __future__ import annotations
