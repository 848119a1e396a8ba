"""Whose mailbox it is."""

from __future__ import annotations

from providers.base import Identity, Provider
from tests.providers.graph.conftest import BOB, Outlook


def test_a_mailbox_names_its_other_addresses(outlook: Outlook, bob: Provider) -> None:
    outlook.act("knobs", graph_aliases={BOB: ["Sales@northwind.example", "b@northwind.example"]})
    assert bob.identity() == Identity(BOB, ("sales@northwind.example", "b@northwind.example"))


def test_only_addresses_of_mail_count(outlook: Outlook, bob: Provider) -> None:
    person = {
        "mail": "Bob@Northwind.example",
        "userPrincipalName": "bob_outside.example#EXT#@northwind.example",
        "proxyAddresses": ["SMTP:bob@northwind.example", "smtp:b@northwind.example", "X500:/o=x", "sip:b@x.example", 7],
        "otherMails": ["home@x.example"],
    }
    outlook.act("faults", path="/graph/v1.0/me", status=200, body=person)
    aliases = ("b@northwind.example", "bob_outside.example#ext#@northwind.example", "home@x.example")
    assert bob.identity() == Identity(BOB, aliases)
