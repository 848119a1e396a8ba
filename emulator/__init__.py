"""Gmail, Microsoft Graph, their log-ins and the outside world, emulated over HTTP for the demo and the tests.

Stands alone: imports no product code, and no product code imports it. Start reading at `world.py`, run by
`python -m emulator`, steer it by the routes of `control/`. README.md tells the rest.
"""

from __future__ import annotations
