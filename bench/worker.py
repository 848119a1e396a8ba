"""A worker that takes in so many messages and says how much memory it held: the process of `bench.mail.memory`."""

from __future__ import annotations

import sys
from itertools import islice

import django
import psutil

EARLY = 1_000


def main(total: int) -> None:
    """Writes the bytes held after the first thousand, the most held after any page, and how many were stored."""
    django.setup()
    from bench import samples
    from bench.mail import PAGE, door_of, store

    owner = samples.account("Memory", samples.addresses(samples.year(EARLY, seed=2)))
    door = door_of(owner)
    messages = samples.year(total, seed=2)
    process = psutil.Process()
    early = most = stored = 0
    for first in range(0, total, PAGE):
        stored += store(owner.tenant_id, door, list(islice(messages, PAGE)), first=first)
        held = process.memory_info().rss
        most = max(most, held)
        if first < EARLY:
            early = most
    sys.stdout.write(f"{early} {most} {stored}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
