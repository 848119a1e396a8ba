"""`python -m emulator --port N`: the outside world on one port, until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from emulator.app import create_app
from emulator.generator.load import DEMO_MESSAGES, load_demo
from emulator.server import Server
from emulator.world import DEFAULT_SEED, World


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8025, help="0 takes a free one (default 8025)")
    parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1")
    parser.add_argument("--snapshot", type=Path, help="read this file at the start and write it at the end")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="makes ids repeatable")
    parser.add_argument("--demo", action="store_true", help="begin with a year of the demo's mail")
    parser.add_argument("--messages", type=_count, metavar="N", help=f"so many of them (default {DEMO_MESSAGES})")
    parser.add_argument("--push-url", default="", help="where Pub/Sub topics push to that nobody registered")
    options = parser.parse_args()
    world = World(options.seed)
    # A snapshot holds the mail already, and what became of it.
    if (options.demo or options.messages) and not (options.snapshot and options.snapshot.exists()):
        load_demo(world, options.messages or DEMO_MESSAGES)
    app = create_app(world, snapshot_file=options.snapshot, push_url=options.push_url)
    Server(app, host=options.host, port=options.port, on_ready=_announce).run()


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _announce(address: str) -> None:
    sys.stdout.write(f"The outside world is at {address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
