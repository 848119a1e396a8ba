"""What goes wrong: the providers refuse, tokens and histories end, workers die, two of them meet, and Redis forgets."""

from __future__ import annotations

from random import Random
from typing import Any

from django.db import connection
from django.utils import timezone

from crm.lib.tenancy import tenant_scope
from emailsync import operations, tasks
from emailsync.models import Mailbox
from tests.emailsync.history.chance import Chance, Killed
from tests.emailsync.history.stage import Stage

ROUTES = {
    "gmail": (
        "/gmail/v1/users/me/history",
        "/gmail/v1/users/me/messages",
        "/gmail/v1/users/me/messages/*",
        "/gmail/v1/users/me/profile",
        "/batch*",
        "/token",
        "/gmail/*",
    ),
    "graph": (
        "/graph/v1.0/*/messages/delta*",
        "/graph/v1.0/me/mailfolders/delta*",
        "/graph/v1.0/$batch",
        "/graph/v1.0/me/messages*",
        "/graph/*/$value",
        "/*/oauth2/v2.0/token",
        "/graph/*",
    ),
}
FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 500},
    {"status": 502, "body": "<html>Bad gateway</html>"},
    {"status": 503, "headers": {"Retry-After": "1"}},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"cut_after": -1},
    {"cut_after": 30},
)
KNOBS: dict[str, tuple[Any, ...]] = {
    "delta_repeats": (0, 1, 3),
    "delta_empty_pages": (0, 1),
    "delta_destination_silent": (False, True),
    "delta_partial_updates": (True, False),
    "delta_expired_code": ("SyncStateNotFound", "syncStateNotFound", "resyncRequired"),
    "history_for_present_labels": (False, True),
    "google_refusal": ("metric", "exhausted", "retry-after"),
}


class Trouble:
    """Each method is a step; it answers what it did, for the diary."""

    def __init__(self, stage: Stage, rng: Random, chance: Chance) -> None:
        self.stage = stage
        self.rng = rng
        self.chance = chance

    # --- Sync goes on ---

    def poll(self) -> str:
        box, mailbox = self.rng.choice(self.stage.boxes)
        self._run(lambda: tasks.poll(tenant_id=self.stage.tenant_id, mailbox_id=mailbox.pk))
        return f"poll {box.address}"

    def push(self) -> str:
        """A hint that there is something (E9)."""
        box, mailbox = self.rng.choice(self.stage.boxes)
        with tenant_scope(self.stage.tenant_id):
            operations.make_due(mailbox.pk)
        self._run(self.stage.crm.workers.work)
        return f"push to {box.address}"

    def sync(self) -> str:
        self._run(lambda: self.stage.crm.sync(*(mailbox for _, mailbox in self.stage.boxes)))
        return "sync all"

    def check(self) -> str:
        """A day is over (E8)."""
        box, mailbox = self.rng.choice(self.stage.boxes)
        with tenant_scope(self.stage.tenant_id):
            Mailbox.objects.filter(pk=mailbox.pk).update(next_reconcile_at=timezone.now())
        self._run(self.stage.crm.workers.work)
        return f"daily check of {box.address}"

    # --- And is disturbed ---

    def fault(self) -> str:
        box, _ = self.rng.choice(self.stage.boxes)
        path, what = self.rng.choice(ROUTES[box.provider]), self.rng.choice(FAULTS)
        times, after = self.rng.choice([1, 1, 2, 3]), self.rng.choice([0, 0, 1, 2])
        self.stage.world.fault(path, times=times, after=after, **what)
        return f"fault {what} on {path}, {times} times after {after}"

    def kill(self) -> str:
        """kill -9 somewhere in the next work; what it holds is free after three minutes, or not yet."""
        self.chance.arm(self.rng.randrange(25))
        done = self.rng.choice([self.poll, self.sync, self.push])()
        self.chance.disarm()
        if self.rng.random() < 0.5:
            self.stage.leases_run_out()
        return f"kill in: {done}"

    def rival(self) -> str:
        """A second worker takes a mailbox from under the hands of the first, whose lease had run out (E1)."""
        _, mailbox = self.rng.choice(self.stage.boxes)

        def come() -> None:
            if self.rng.random() < 0.7:
                self.stage.leases_run_out()
            tasks.poll(tenant_id=self.stage.tenant_id, mailbox_id=mailbox.pk)

        self.chance.arm(self.rng.randrange(12), come)
        done = self.rng.choice([self.poll, self.sync])()
        self.chance.disarm()
        return f"two workers in: {done}"

    def lose_queue(self) -> str:
        """Redis is killed: every task that waits is gone."""
        self.stage.crm.workers.sent.clear()
        connection.run_on_commit.clear()
        return "redis forgets"

    def expire_token(self) -> str:
        box, _ = self.rng.choice(self.stage.boxes)
        self.stage.world.post("expire-token", address=box.address)
        return f"token of {box.address} ends"

    def expire_history(self) -> str:
        box, _ = self.rng.choice(self.stage.boxes)
        self.stage.world.post("expire-history", address=box.address)
        return f"history of {box.address} is forgotten"

    def turn_knob(self) -> str:
        name = self.rng.choice(sorted(KNOBS))
        value = self.rng.choice(KNOBS[name])
        self.stage.world.post("knobs", **{name: value})
        return f"{name} = {value}"

    def _run(self, work: Any) -> None:
        try:
            work()
        except Killed:
            if self.rng.random() < 0.3:
                self.lose_queue()
