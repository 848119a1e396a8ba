"""What is to become of the rows of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Existing(StrEnum):
    """What to do with a row whose address a contact has already; the value is what the page offers."""

    UPDATE = "update"
    SKIP = "skip"
    CREATE = "create"


EXISTING_LABELS = {
    Existing.UPDATE: "Fill in what they lack",
    Existing.SKIP: "Leave them as they are",
    Existing.CREATE: "Add them once more",
}


@dataclass(frozen=True)
class Options:
    """``tags`` are put on all contacts of the file; ``owner_id`` is the membership of who gets the new ones."""

    existing: Existing = Existing.UPDATE
    tags: tuple[str, ...] = ()
    owner_id: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As `contacts.models.Import.options` keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Reads what `to_json` wrote."""
        return cls(
            existing=Existing(values.get("existing", Existing.UPDATE)),
            tags=tuple(values.get("tags", ())),
            owner_id=values.get("owner_id"),
        )
