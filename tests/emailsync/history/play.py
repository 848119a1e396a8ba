"""A history at random, and after every settling the comparison of what the product holds with the model."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from tests.emailsync.history.chance import Chance
from tests.emailsync.history.inside_acts import InsideActs
from tests.emailsync.history.model import Message, Model, Place
from tests.emailsync.history.outside_acts import OutsideActs
from tests.emailsync.history.privacy import Privacy
from tests.emailsync.history.stage import Stage
from tests.emailsync.history.trouble import Trouble

Item = TypeVar("Item")
Step = Callable[[], str]
Weighted = Sequence[tuple[Step, int]]
#: Rounds that must be enough to settle: each tries all that waits.
ROUNDS = 8
#: Steps after which a history settles in any case.
LONGEST = 30


class Play:
    """Steps drawn by one seed; ``diary`` has the last of them."""

    def __init__(self, stage: Stage, seed: int, chance: Chance, mail: Callable[..., bytes]) -> None:
        self.rng = Random(seed)
        self.stage = stage
        self.chance = chance
        self.model = Model([box for box, _ in stage.boxes])
        self.privacy = Privacy(stage)
        self.diary: deque[str] = deque(maxlen=80)
        self._glimpsed: dict[Place, Message] = {}
        self._unsettled = 0
        self._worked = False
        outside = OutsideActs(stage, self.rng, mail, seed)
        inside = InsideActs(stage, self.rng, self.model)
        trouble = Trouble(stage, self.rng, chance)
        self._kinds: tuple[tuple[Callable[[Step], None], Weighted, int], ...] = (
            (self._in_the_world, _outside(outside), 48),
            (self._in_the_crm, _inside(inside), 9),
            (self._at_work, _work(trouble), 36),
        )

    def run(self, steps: int) -> None:
        """Raises AssertionError where product and model differ."""
        for _ in range(steps):
            [(act, choice, _)] = self.rng.choices(self._kinds, weights=[weight for *_, weight in self._kinds])
            [(step, _)] = self.rng.choices(choice, weights=[weight for _, weight in choice])
            act(step)
            self._unsettled += 1
            if self._unsettled >= LONGEST:
                self.settle()
        self.settle()

    def _in_the_world(self, step: Step) -> None:
        self.diary.append(step())

    def _in_the_crm(self, step: Step) -> None:
        """The rules change only when all was looked at by the old ones: so it is certain what each decided."""
        self.settle()
        self.diary.append(step())
        self.privacy.rules.append(self.stage.rules())
        if step.__name__ == "keep_out":
            # Nothing else happens to the message before it was looked at.
            self.settle()

    def _at_work(self, step: Step) -> None:
        self._glimpse()
        self._worked = True
        self.diary.append(step())

    def _glimpse(self) -> None:
        """What lies in the mail now may be seen now."""
        for box, _ in self.stage.boxes:
            messages = self.stage.truth(box)
            self.privacy.note(box.address, messages)
            self._glimpsed.update({(box.address, one.key): one for one in messages if one.is_mail})

    # --- Settling ---

    def settle(self) -> None:
        """All trouble ends, everybody works until nothing is due, and the CRM has what the rules say."""
        self._unsettled = 0
        self._glimpse()
        self.stage.world.clear_faults()
        self.chance.disarm()
        for number in range(ROUNDS):
            self.stage.leases_run_out()
            self.stage.crm.sync(*(mailbox for _, mailbox in self.stage.boxes))
            # The first may have ended a round through the folders that a killed worker had begun some time ago.
            if (number or not self._worked) and not self.stage.unquiet():
                break
        self._worked = False
        assert not self.stage.unquiet()
        self._tell_model()
        self._compare()
        self.privacy.check()
        self.diary.append("--- settled")

    def _tell_model(self) -> None:
        lying = {box.address: self.stage.truth(box) for box, _ in self.stage.boxes}
        in_mail = {(address, one.key) for address, some in lying.items() for one in some if one.is_mail}
        gone: dict[str, list[Message]] = {address: [] for address in lying}
        for (address, key), message in self._glimpsed.items():
            if (address, key) not in in_mail:
                gone[address].append(message)
        self.model.settle(lying, gone, self.stage.rules(), word=self.stage.word, order=self.stage.order)
        self._glimpsed.clear()

    def _compare(self) -> None:
        _assert_equal("links", self.stage.crm.links(), self.model.links(self.stage.rules()))
        _assert_equal("sightings", self.stage.sightings(), self.model.sightings())
        assert not self.stage.unlinked()
        decisions = self.stage.decisions()
        assert not [place for place, (outcome, _) in decisions.items() if outcome == "failed"]
        for place, decision in self.model.decisions.items():
            if decision.outcome == "stored":
                outcome, message_id = decisions[place]
                assert (outcome in {"stored", "duplicate"}, message_id) == (True, decision.letter[0])
        self._assert_seen(set(decisions))

    def _assert_seen(self, decided: set[Place]) -> None:
        """Whatever came into the mail since the mailbox was connected has a decision (R43)."""
        for box, mailbox in self.stage.boxes:
            since_ms = self.stage.crm.mailbox(mailbox).connected_at.timestamp() * 1000
            came = [one for one in self.stage.truth(box) if one.is_mail and one.received_ms > since_ms]
            missing = [one for one in came if (box.address, one.key) not in decided]
            assert not missing, f"without a decision in {box.address}: {missing}"


def _assert_equal(what: str, found: set[Item], expected: set[Item]) -> None:
    assert found == expected, f"too many {what}: {found - expected}; missing: {expected - found}"


def _outside(acts: OutsideActs) -> Weighted:
    return (
        (acts.deliver, 14),
        (acts.write, 8),
        (acts.reply, 8),
        (acts.to_colleagues, 2),
        (acts.put, 4),
        (acts.chat, 1),
        (acts.draft, 2),
        (acts.send_draft, 2),
        (acts.move, 6),
        (acts.bring_back, 4),
        (acts.label, 3),
        (acts.delete, 3),
    )


def _inside(acts: InsideActs) -> Weighted:
    return (
        (acts.add_contact, 6),
        (acts.change_addresses, 4),
        (acts.merge, 3),
        (acts.delete_contact, 2),
        (acts.undo, 4),
        (acts.exclude, 3),
        (acts.include, 3),
        (acts.end_exclusion, 1),
        (acts.keep_out, 3),
        (acts.let_in, 2),
        (acts.change_settings, 1),
        (acts.delete_email, 2),
        (acts.unstore_email, 2),
        (acts.store_email, 1),
        (acts.move_email, 2),
    )


def _work(trouble: Trouble) -> Weighted:
    return (
        (trouble.poll, 8),
        (trouble.push, 4),
        (trouble.sync, 4),
        (trouble.check, 2),
        (trouble.fault, 8),
        (trouble.kill, 6),
        (trouble.rival, 4),
        (trouble.lose_queue, 1),
        (trouble.expire_token, 2),
        (trouble.expire_history, 2),
        (trouble.turn_knob, 2),
    )
