"""The seeded year: business conversations, private mail and noise, the same for the same seed.

`stream` makes raw messages with their places in mailboxes, in any amount; `load` puts them into a World.
"""

from __future__ import annotations

from emulator.generator.placing import Copy
from emulator.generator.year import DEMO, stream

__all__ = ["DEMO", "Copy", "stream"]
