"""Gmail's query language: grammar (text to tree), terms (tree to filter), index and find (filter to messages)."""

from __future__ import annotations
