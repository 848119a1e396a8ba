from __future__ import annotations


class ServerError(Exception):
    """An embedded server cannot be had. The message is for the console: what is wrong, and its remedy."""


class UsageError(Exception):
    """`python -m local` was asked for something it cannot do. The message names the remedy."""
