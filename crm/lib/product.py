"""What the product is called where it leaves its own pages: in people's mailboxes."""

from __future__ import annotations

from typing import Final

NAME: Final = "Postroom"
#: The label (Gmail) or category (Outlook) by which people keep a message out, or take a stored one away.
NEVER: Final = f"{NAME}: never"
