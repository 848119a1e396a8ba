"""Google: the OAuth log-in and Gmail v1, with its uploads, batches and pushes.

Start reading at `routes.py`, then `call.py`: every method passes through it.
"""

from __future__ import annotations

from emulator.google.routes import routes

__all__ = ["routes"]
