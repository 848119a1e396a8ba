"""The table of DESIGN.md section 5 as data, and how exclusions are spelled: for the tests of every way in.

C is a contact, E an excluded one; USER is whose mail it is, USER_2 a colleague; the stranger is no contact. ``letter``
is the name by which a row is found again: its messages have it as subject and in the Message-ID.
"""

from __future__ import annotations

from dataclasses import dataclass

from intake.verdict import Reason
from mailkit.message import Party, Role

USER, USER_2 = "alice@northwind.example", "bob@northwind.example"
C, E, STRANGER = "carla@contoso.example", "eve@private.example", "sam@stranger.example"
#: What is on the list.
EXCLUDED = "private.example"


@dataclass(frozen=True)
class Row:
    """A message, and for whom it is stored, or why for nobody."""

    letter: str
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    by_crm: bool = False
    stored_for: frozenset[str] = frozenset()
    reason: Reason | None = None

    @property
    def parties(self) -> tuple[Party, ...]:
        named = ((Role.FROM, (self.sender,)), (Role.TO, self.to), (Role.CC, self.cc), (Role.BCC, self.bcc))
        return tuple(Party(role, address) for role, addresses in named for address in addresses)

    @property
    def addresses(self) -> frozenset[str]:
        """From, To and Cc (R1)."""
        return frozenset({self.sender, *self.to, *self.cc})

    @property
    def headers(self) -> dict[str, str | None]:
        """As a message has them; one without a Bcc has no such header."""
        return {
            "From": self.sender,
            "To": ", ".join(self.to),
            "Cc": ", ".join(self.cc) or None,
            "Bcc": ", ".join(self.bcc) or None,
            "subject": self.letter,
            "Message_ID": f"<{self.letter.replace(' ', '-')}@table.example>",
        }

    @property
    def decision(self) -> str:
        """As `emails.models.Decision` says it, where the message was judged."""
        return f"skipped:{self.reason}" if self.reason else "stored"


def _for(*addresses: str) -> frozenset[str]:
    return frozenset(addresses)


TABLE = (
    Row("contact to user", C, (USER,), stored_for=_for(C)),
    Row("excluded to user", E, (USER,), reason=Reason.EXCLUDED_SENDER),
    Row("excluded to user and contact", E, (USER,), (C,), reason=Reason.EXCLUDED_SENDER),
    Row("user to contact, excluded in copy", USER, (C,), (E,), stored_for=_for(C)),
    Row("user to excluded and contact", USER, (E, C), stored_for=_for(C)),
    Row("user to excluded", USER, (E,), reason=Reason.EXCLUDED),
    Row("user to excluded, from here", USER, (E,), by_crm=True, stored_for=_for(E)),
    Row("user to colleague", USER, (USER_2,), reason=Reason.OWN_ONLY),
    Row("user to colleague, contact in copy", USER, (USER_2,), (C,), stored_for=_for(C)),
    Row("contact to user, excluded in copy", C, (USER,), (E,), stored_for=_for(C)),
    Row("stranger to user, both in copy", STRANGER, (USER,), (C, E), stored_for=_for(C)),
    Row("user to stranger, contact in blind copy", USER, (STRANGER,), bcc=(C,), reason=Reason.NO_CONTACT),
)
#: What lies in a mailbox, or in a file: nothing that was sent from here (R10).
RECEIVED = tuple(row for row in TABLE if not row.by_crm)


@dataclass(frozen=True)
class Spelling:
    """An entry of the list as it is kept, and how a contact's address stands in From (R2, R7)."""

    letter: str
    entry: str
    sender: str
    #: The contact's own address.
    address: str
    is_excluded: bool


_KOELN = "eva@xn--kln-sna.example"
SPELLINGS = (
    Spelling("address in capitals", "eva@one.example", "Eva <EVA@One.EXAMPLE>", "eva@one.example", True),
    Spelling("domain in capitals", "two.example", "eva@Two.Example", "eva@two.example", True),
    Spelling("subdomain", "three.example", "eva@deep.mail.three.example", "eva@deep.mail.three.example", True),
    Spelling("no subdomain but its end", "four.example", "eva@notfour.example", "eva@notfour.example", False),
    Spelling("domain above", "mail.five.example", "eva@five.example", "eva@five.example", False),
    Spelling("letters of Unicode", "xn--kln-sna.example", "eva@köln.example", _KOELN, True),
    Spelling("in the name alone", "six.example", '"eve@six.example" <eva@six2.example>', "eva@six2.example", False),
    Spelling(
        "behind a name", "seven.example", '"carla@contoso.example" <eva@seven.example>', "eva@seven.example", True
    ),
    Spelling("in a comment", "eight.example", "eva@eight2.example (eve@eight.example)", "eva@eight2.example", False),
    Spelling("another of the domain", "eve@nine.example", "eva@nine.example", "eva@nine.example", False),
    Spelling("with a tag", "eva@ten.example", "eva+news@ten.example", "eva+news@ten.example", False),
)
