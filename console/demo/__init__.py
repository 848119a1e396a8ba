"""The demo's data and its loader: two invented companies that make furniture, and everybody they deal with."""

from __future__ import annotations
