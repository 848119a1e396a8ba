"""Runs a house of made-up parts: `fake_house.py JSON`, a list of the parts' fields."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local import config, run, servers
from local.errors import ServerError, UsageError
from local.parts import Part, Port
from local.supervisor import Patience


def part(
    *, python: str, program: str = sys.executable, port: str = "", needs: Sequence[str] = (), **fields: Any
) -> Part:
    fields["made_from"] = tuple(map(Path, fields.get("made_from", ())))
    fields["makes"] = Path(fields["makes"]) if "makes" in fields else None
    number = getattr(settings, port.lower()).number if port else 0
    return Part(
        command=(program, "-c", python),
        needs=tuple(needs),
        port=Port(port, number) if port else None,
        ready_url=f"http://127.0.0.1:{number}/" if port else None,
        **fields,
    )


try:
    settings = config.read(os.environ)
    house = [part(**fields) for fields in json.loads(sys.argv[1])]
    patience = Patience(first_pause=0.05, between_looks=0.1)
    sys.exit(run.run(house, settings, environment=os.environ, patience=patience))
except (ServerError, UsageError) as error:
    servers.say(str(error))
    sys.exit(2)
