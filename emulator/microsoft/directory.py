"""Who is who in Entra: tenants and people, whose ids follow from domain and address."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

from emulator.world import World

ANY_TENANT = ("common", "organizations", "consumers")


def object_id(address: str) -> str:
    """A person's `oid`, which is `id` in Graph."""
    return _uuid(f"person:{address}")


def tenant_id(domain: str) -> str:
    return _uuid(f"tenant:{domain.casefold()}")


def home_tenant(address: str) -> str:
    return tenant_id(address.rpartition("@")[2])


def known_tenant(world: World, name: str) -> bool:
    """Whether a sign-in may go to it: one of the common ones, a domain's name, or the id of a tenant with a
    mailbox.
    """
    return name in ANY_TENANT or "." in name or any(home_tenant(each) == name for each in world.mailboxes)


def at_home(address: str, tenant: str) -> bool:
    """Whether this person can sign in at the tenant that the URL names."""
    domain = address.rpartition("@")[2]
    return tenant in ANY_TENANT or tenant.casefold() in {domain, tenant_id(domain)}


def display_name(address: str) -> str:
    return " ".join(part.capitalize() for part in address.partition("@")[0].replace("_", ".").split(".") if part)


def aliases(world: World, address: str) -> list[str]:
    """The mailbox's other addresses: the knob `graph_aliases`."""
    return [each.lower() for each in world.knobs.graph_aliases.get(address, [])]


def _uuid(text: str) -> str:
    return str(UUID(bytes=blake2b(text.encode(), digest_size=16).digest(), version=4))
