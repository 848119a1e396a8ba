"""Gmail and Microsoft Graph behind one protocol. It knows no database and no Django: see `providers.base`."""

from __future__ import annotations
