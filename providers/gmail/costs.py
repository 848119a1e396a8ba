"""What each call costs in quota units, by the two price lists.

https://developers.google.com/workspace/gmail/api/reference/quota. Projects made since 2026-05 have the new list and
6,000 units a minute for each user; those that used the API in the half year before keep the old one and 15,000.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

PriceList = Literal["new", "old"]


class Method(StrEnum):
    """The methods that we call, by their names in the discovery document."""

    PROFILE = "getProfile"
    LIST = "messages.list"
    GET = "messages.get"
    HISTORY = "history.list"
    MODIFY = "messages.modify"
    MODIFY_MANY = "messages.batchModify"
    LABELS = "labels.list"
    NEW_LABEL = "labels.create"
    ALIASES = "settings.sendAs.list"
    WATCH = "watch"
    STOP = "stop"


_BOTH: Mapping[Method, int] = {
    Method.PROFILE: 1,
    Method.LIST: 5,
    Method.HISTORY: 2,
    Method.MODIFY: 5,
    Method.MODIFY_MANY: 50,
    Method.LABELS: 1,
    Method.NEW_LABEL: 5,
    Method.ALIASES: 1,
    Method.WATCH: 100,
    Method.STOP: 50,
}
PRICES: Mapping[PriceList, Mapping[Method, int]] = {
    "new": {**_BOTH, Method.GET: 20},
    "old": {**_BOTH, Method.GET: 5},
}
