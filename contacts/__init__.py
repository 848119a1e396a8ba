"""The people a team writes with: contacts, their addresses, tags, notes and filters."""

from __future__ import annotations
