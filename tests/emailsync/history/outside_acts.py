"""What happens in the world: mail comes, goes, is moved and is thrown away. Drawn by chance, the same for a seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone

from tests.emailsync.history.model import Box, Message
from tests.emailsync.history.stage import Stage

#: Who writes from outside: some become contacts, some never do. One domain is below another, for exclusions.
OUTSIDE = (
    "ines@atelier-lyon.example",
    "luc@atelier-lyon.example",
    "carla@contoso.example",
    "marco@contoso.example",
    "sven@fjord.example",
    "liv@post.fjord.example",
    "kim@kilo.example",
    "noor@nova.example",
)
STRANGERS = ("news@lists.example", "doctor@clinic.example", "bank@savings.example")
TEAM = ("alice@northwind.example", "bob@northwind.example", "ada@northwind.example")
FOLDERS = ("inbox", "archive", "Customers", "Customers/North", "junkemail", "deleteditems")


class OutsideActs:
    """Each method is a step; it answers what it did, for the diary."""

    def __init__(self, stage: Stage, rng: Random, mail: Callable[..., bytes], seed: int) -> None:
        self.stage = stage
        self.rng = rng
        self._mail = mail
        self._seed = seed
        self._count = 0
        self._drafts: list[tuple[Box, str, dict[str, str | None]]] = []

    # --- Mail comes ---

    def deliver(self) -> str:
        """From somebody outside to the team and to others."""
        sender = self.rng.choice(OUTSIDE if self.rng.random() < 0.75 else STRANGERS)
        return self._send(sender, self._headers(sender, [self._own(), *self._some(OUTSIDE, 0.4)]))

    def write(self) -> str:
        """From a mailbox of the team, in Sent."""
        sender = self._own()
        to = self._some((*OUTSIDE, *STRANGERS), 0.6) or [self.rng.choice(TEAM)]
        return self._send(sender, self._headers(sender, to))

    def reply(self) -> str:
        """To a message that lies in a mailbox: the one who got it writes, or somebody else in it."""
        found = self._any(lambda message: message.is_mail)
        if found is None:
            return self.deliver()
        box, message = found
        others = sorted(message.parties - {box.address})
        sender = box.address if self.rng.random() < 0.5 or not others else self.rng.choice(others)
        to = [one for one in sorted(message.parties) if one != sender] or [box.address]
        return self._send(sender, self._headers(sender, to) | {"References": f"<{message.message_id}>"})

    def to_colleagues(self) -> str:
        """Among own addresses; sometimes with somebody outside in copy."""
        sender = self._own()
        return self._send(sender, self._headers(sender, [one for one in TEAM if one != sender], chance=0.3))

    def put(self) -> str:
        """Straight into spam, or into a folder by a filter of the mailbox's."""
        box = self._box()
        sender = self.rng.choice((*OUTSIDE, *STRANGERS))
        folder = self.rng.choice(FOLDERS)
        headers = self._headers(sender, [box.address])
        self.stage.world.put(box.address, box.provider, self._mail(**headers), folder=folder)
        self.stage.happened()
        return f"put {headers['Message_ID']} from {sender} into {folder} of {box.address}"

    def chat(self) -> str:
        """Something that is no mail at all (R20)."""
        box = self._box()
        headers = self._headers(self.rng.choice(OUTSIDE), [box.address])
        where: dict[str, Any] = {"labels": "CHAT"} if box.provider == "gmail" else {"folder": "conversationhistory"}
        self.stage.world.put(box.address, box.provider, self._mail(**headers), **where)
        self.stage.happened()
        return f"chat {headers['Message_ID']} in {box.address}"

    def draft(self) -> str:
        """Begins a letter."""
        box = self._box()
        headers = self._headers(box.address, self._some(OUTSIDE, 0.5) or [OUTSIDE[0]])
        key = self.stage.world.put(box.address, box.provider, self._mail(**headers), folder="drafts")
        self.stage.happened()
        self._drafts.append((box, key, headers))
        return f"draft {headers['Message_ID']} in {box.address}"

    def send_draft(self) -> str:
        """Sends a letter that was begun: the draft is gone, the letter is in Sent under the same Message-ID."""
        if not self._drafts:
            return self.draft()
        box, key, headers = self._drafts.pop()
        if any(each.message_id == str(headers["Message_ID"]).strip("<>") for each in self.stage.truth(box)):
            self.stage.act("delete", address=box.address, id=key)
        return "draft gone, " + self._send(box.address, headers)

    # --- Mail goes about ---

    def move(self) -> str:
        found = self._any(lambda message: message.is_letter)
        if found is None:
            return self.deliver()
        box, message = found
        folder = self.rng.choice(FOLDERS)
        self.stage.act("move", address=box.address, id=message.key, folder=folder)
        return f"move {message.message_id} in {box.address} to {folder}"

    def bring_back(self) -> str:
        """Out of the spam or the trash."""
        found = self._any(lambda message: message.is_letter and not message.is_mail)
        if found is None:
            return self.move()
        box, message = found
        self.stage.act("move", address=box.address, id=message.key, folder="inbox")
        return f"bring back {message.message_id} in {box.address}"

    def label(self) -> str:
        found = self._any(lambda message: message.is_letter)
        if found is None:
            return self.deliver()
        box, message = found
        add = self.rng.choice(["Receipts", "STARRED", "UNREAD", "TRASH", "SPAM", "INBOX"])
        remove = self.rng.choice(["UNREAD", "INBOX", "TRASH", "SPAM", "Receipts"])
        if add != remove:
            self.stage.act("label", address=box.address, id=message.key, add=[add], remove=[remove])
        return f"label {message.message_id} in {box.address} +{add} -{remove}"

    def delete(self) -> str:
        found = self._any(lambda message: message.is_letter)
        if found is None:
            return self.deliver()
        box, message = found
        self.stage.act("delete", address=box.address, id=message.key)
        return f"delete {message.message_id} in {box.address}"

    # --- Chance ---

    def _box(self) -> Box:
        return self.rng.choice(self.stage.boxes)[0]

    def _own(self) -> str:
        return self._box().address

    def _some(self, people: tuple[str, ...], chance: float) -> list[str]:
        return [one for one in self.rng.sample(people, 3) if self.rng.random() < chance]

    def _any(self, wanted: Callable[[Message], bool]) -> tuple[Box, Message] | None:
        """One of the messages in a mailbox, younger ones sooner."""
        box = self._box()
        found = [message for message in self.stage.truth(box) if wanted(message)]
        if not found:
            return None
        return box, found[max(self.rng.randrange(len(found)), self.rng.randrange(len(found)))]

    def _headers(self, sender: str, to: list[str], chance: float = 0.4) -> dict[str, str | None]:
        self._count += 1
        copies = self._some((*OUTSIDE, *TEAM, *STRANGERS), chance)
        blind = self._some((*OUTSIDE, *TEAM), 0.1)
        return {
            "From": sender,
            "To": ", ".join(to),
            "Cc": ", ".join(copies) or None,
            "Bcc": ", ".join(blind) or None,
            "subject": f"Letter {self._count}",
            "Message_ID": f"<{self._seed}.{self._count}@{sender.partition('@')[2]}>",
        }

    def _send(self, sender: str, headers: dict[str, str | None]) -> str:
        self.stage.deliver(self._mail(**headers), sender)
        named = " ".join(f"{name.lower()}:{headers[name]}" for name in ("To", "Cc", "Bcc") if headers[name])
        return f"{headers['Message_ID']} from {sender} {named}"


def history(stage: Stage, rng: Random, mail: Callable[..., bytes], boxes: list[tuple[str, str]]) -> None:
    """What lies in the mailboxes before they are connected: of the last hours, and of some weeks ago."""
    for number in range(24):
        address, provider = rng.choice(boxes)
        other = rng.choice((*OUTSIDE, *STRANGERS))
        sender, to = rng.choice([(other, address), (address, other)])
        hours = rng.choice([1, 5, 19, 40 * 24])
        folder = rng.choice(["inbox", "sentitems", "archive", *(["junkemail", "deleteditems"] if hours < 20 else [])])
        date = (timezone.now() - timedelta(hours=hours, minutes=number)).isoformat()
        raw = mail(From=sender, To=to, subject=f"Earlier {number}", Message_ID=f"<earlier.{number}@earlier.example>")
        stage.world.put(address, provider, raw, folder=folder, date=date)
