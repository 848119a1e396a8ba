"""Scopes, and what people and administrators have allowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from emulator.microsoft import directory
from emulator.microsoft.entra.aadsts import AadstsError
from emulator.world import World

RESOURCE = "https://graph.microsoft.com/"
OPENID = ("openid", "profile", "email", "offline_access")
GRAPH_SCOPES = {
    "user.read": ("User.Read", "Sign you in and read your profile"),
    "mail.readbasic": ("Mail.ReadBasic", "Read your basic mail"),
    "mail.read": ("Mail.Read", "Read your mail"),
    "mail.readwrite": ("Mail.ReadWrite", "Read and write access to your mail"),
    "mail.send": ("Mail.Send", "Send mail as you"),
    "mailboxsettings.read": ("MailboxSettings.Read", "Read your mailbox settings"),
    "mailboxsettings.readwrite": ("MailboxSettings.ReadWrite", "Read and write to your mailbox settings"),
}


@dataclass(slots=True)
class Consents:
    """Graph scopes in their own spelling, by (client, address) and, of administrators, by (client, tenant)."""

    people: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    tenants: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)


def read_scopes(text: str) -> list[str]:
    """In their own spelling and without the resource. Raises AadstsError for one that there is not."""
    found = []
    for asked in text.split():
        name = asked[len(RESOURCE) :] if asked.lower().startswith(RESOURCE) else asked
        if name.lower() in OPENID:
            found.append(name.lower())
        elif name.lower() in GRAPH_SCOPES:
            found.append(GRAPH_SCOPES[name.lower()][0])
        elif name.lower() == ".default":
            found.append(".default")
        else:
            raise AadstsError(70011, detail=asked)
    return list(dict.fromkeys(found))


def graph_only(scopes: Iterable[str]) -> frozenset[str]:
    return frozenset(scope for scope in scopes if scope not in {*OPENID, ".default"})


def allowed(world: World, client: str, address: str) -> frozenset[str]:
    """What this client may have of this person, by either consent."""
    consents = world.section(Consents)
    by_admin = consents.tenants.get((client, directory.home_tenant(address)), frozenset())
    return consents.people.get((client, address), frozenset()) | by_admin


def consent(world: World, client: str, address: str, scopes: Iterable[str]) -> None:
    """The person's own; it adds to what they allowed before."""
    people = world.section(Consents).people
    people[client, address] = people.get((client, address), frozenset()) | graph_only(scopes)


def consent_for_all(world: World, client: str, tenant: str, scopes: Iterable[str]) -> None:
    tenants = world.section(Consents).tenants
    tenants[client, tenant] = tenants.get((client, tenant), frozenset()) | graph_only(scopes)


def wants_admin(world: World, client: str, address: str, scopes: Iterable[str]) -> bool:
    """Whether a scope is asked for that only an administrator can allow and none has."""
    restricted = {scope.lower() for scope in world.knobs.entra_admin_scopes}
    by_admin = world.section(Consents).tenants.get((client, directory.home_tenant(address)), frozenset())
    return any(scope.lower() in restricted and scope not in by_admin for scope in scopes)


def descriptions(scopes: Iterable[str]) -> list[str]:
    """What the consent page says of them."""
    found = [GRAPH_SCOPES[scope.lower()][1] for scope in scopes if scope.lower() in GRAPH_SCOPES]
    offline = ["Maintain access to data you have given it access to"] if "offline_access" in set(scopes) else []
    return found + offline
