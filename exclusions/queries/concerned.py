"""Which addresses of contacts an entry covers, and what is stored because of them (R12)."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import CharField, F, Func, Value

from accounts.models import Membership
from contacts.models import Address, Contact
from emails.queries.excluding import Concerned
from emails.queries.excluding import concerned as concerned_by
from exclusions.queries.own import own_addresses
from exclusions.rules import Kind, Rule, values_covering


def concerned(member: Membership, rules: Collection[Rule], contact: Contact | None = None) -> Concerned:
    """How many contacts and stored emails these entries concern, as far as the member sees them; or one contact's."""
    return concerned_by(member, covered_addresses(rules), contact)


def covered_addresses(rules: Collection[Rule]) -> frozenset[str]:
    """The addresses of live contacts that these cover; own ones are left out (R3)."""
    addresses = {rule.value for rule in rules if rule.kind is Kind.ADDRESS}
    domains = {rule.value for rule in rules if rule.kind is Kind.DOMAIN}
    live = Address.objects.filter(contact__deleted_at=None)
    found = set(live.filter(email__in=sorted(addresses)).values_list("email", flat=True)) if addresses else set()
    if domains:
        found.update(_below(domains))
    return frozenset(found - {own.address for own in own_addresses(among=found)} if found else ())


def _below(domains: Collection[str]) -> list[str]:
    """By way of the domains that contacts have at all: thousands of entries cost no more than one."""
    live = Address.objects.filter(contact__deleted_at=None).annotate(
        domain=Func(F("email"), Value("@"), Value(2), function="split_part", output_field=CharField())
    )
    there = live.order_by().values_list("domain", flat=True).distinct()
    meant = [domain for domain in there if not set(values_covering(f"anybody@{domain}")).isdisjoint(domains)]
    return list(live.filter(domain__in=meant).values_list("email", flat=True))
