"""What every app shares and no app owns; it knows none of them."""

from __future__ import annotations
