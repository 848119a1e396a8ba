"""Messages that cannot be read or are too large, and one letter in five colleagues' mailboxes (E7, R6)."""

from __future__ import annotations

import pytest

from accounts.models import Membership
from crm.lib.tenancy import tenant_scope
from emails.models import Decision, Email, Source
from intake import parse
from mailkit.message import Failed
from tests.conftest import Northwind, make_member
from tests.emailsync.conftest import Connect, Crm, Provider, World

PROVIDERS: list[Provider] = ["gmail", "graph"]
both = pytest.mark.parametrize("provider", PROVIDERS)
ALICE = "alice@northwind.example"
INES = "ines@atelier-lyon.example"
BROKEN = (
    b'Content-Type: multipart/mixed; boundary="\xff"\r\nFrom: ines@atelier-lyon.example\r\n: \x00\x01\r\n--\xff\r\n\x00'
)


def only_email(crm: Crm) -> Email:
    with tenant_scope(crm.cast.tenant.pk):
        return Email.objects.get()


@both
def test_bytes_that_are_hardly_a_message_stop_nothing(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    ines = crm.contact(INES)
    mailbox = connected(northwind.alice, provider)
    world.put(ALICE, provider, BROKEN)
    world.put(ALICE, provider, From=INES, subject="After it")
    crm.sync(mailbox)
    assert "After it" in crm.subjects(ines)
    with tenant_scope(northwind.tenant.pk):
        assert Decision.objects.count() == 2


@both
def test_a_message_that_the_parser_breaks_on_is_kept_by_its_headers_and_the_reason(
    provider: Provider,
    world: World,
    crm: Crm,
    connected: Connect,
    northwind: Northwind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ines = crm.contact(INES)
    mailbox = connected(northwind.alice, provider)
    read = parse.message_of
    broken = Failed("parser", "This message could not be read: KeyError.")
    monkeypatch.setattr(parse, "message_of", lambda content: broken if b"Broken" in content else read(content))
    world.put(ALICE, provider, From=INES, subject="Broken")
    world.put(ALICE, provider, From=INES, subject="Whole")
    crm.sync(mailbox)
    assert sorted(crm.subjects(ines)) == ["Broken", "Whole"]
    with tenant_scope(northwind.tenant.pk):
        [email] = Email.objects.filter(subject="Broken")
    assert (email.problem, email.text, bool(email.original)) == ("parser", "", True)


@both
def test_a_message_above_50_mb_is_kept_by_its_headers_and_the_reason(
    provider: Provider, world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    ines = crm.contact(INES)
    mailbox = connected(northwind.alice, provider)
    body = "\r\n".join(["x" * 998] * (52 * 1024 + 1024))
    world.put(ALICE, provider, From=INES, subject="All the plans", body=body, Message_ID="<plans@atelier-lyon.example>")
    world.put(ALICE, provider, From=INES, subject="Small")
    crm.sync(mailbox)
    assert sorted(crm.subjects(ines)) == ["All the plans", "Small"]
    with tenant_scope(northwind.tenant.pk):
        [email] = Email.objects.filter(subject="All the plans")
    assert (email.problem, email.text, email.original) == ("too-large", "", "")


def test_one_letter_in_five_mailboxes_is_one_email_with_five_sources(
    world: World, crm: Crm, connected: Connect, northwind: Northwind
) -> None:
    ines = crm.contact(INES)
    team: list[tuple[Membership, Provider]] = [
        (northwind.alice, "gmail"),
        (northwind.bob, "graph"),
        (northwind.ada, "gmail"),
        (make_member(northwind.tenant, "finn@northwind.example", "Finn"), "graph"),
        (make_member(northwind.tenant, "gina@northwind.example", "Gina"), "gmail"),
    ]
    mailboxes = [connected(member, provider) for member, provider in team]
    to = ", ".join(member.user.email for member, _ in team)
    letter = world.mail(From=INES, To=to, subject="To all of you", Message_ID="<all@atelier-lyon.example>")
    world.http.post("deliver", content=letter, params={"sender": INES}).raise_for_status()
    crm.sync(*mailboxes)
    assert crm.links() == {("all@atelier-lyon.example", ines.pk)}
    email = only_email(crm)
    with tenant_scope(northwind.tenant.pk):
        doors = set(Source.objects.filter(email=email).values_list("door__address", flat=True))
    assert doors == {member.user.email for member, _ in team}
