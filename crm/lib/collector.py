"""Python's garbage collector, in a process that serves requests."""

from __future__ import annotations

import gc


def settle() -> None:
    """For when all is loaded: what is there by now stays to the end, and is looked through no more.

    At its usual pace, of 700 objects, the collector runs a hundred times while a page is made, and now and then goes
    through all that Django has loaded: an eighth of the time of a page, and most of what makes one page slower than the
    next. Only cycles wait for it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
