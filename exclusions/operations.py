"""Writers of the exclusion list: the one way in for all the doors to it (R14)."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from accounts import audit
from accounts.models import Membership
from exclusions import queries
from exclusions.models import Exclusion
from exclusions.rules import InvalidRule, Kind, read


class InvalidExclusion(ValueError):
    """The text cannot be excluded; the message says why, for the reader."""


def exclude(*, actor: Membership, value: str) -> Exclusion:
    """Excludes an address, or a domain with its subdomains, for the whole account (R7); touches no stored mail (R12).

    Who has the same entry already gets that one. Raises `InvalidExclusion`.
    """
    try:
        rule = read(value)
    except InvalidRule as error:
        raise InvalidExclusion(str(error)) from error
    exclusion, is_new = Exclusion.objects.get_or_create(
        value=rule.value, created_by=actor, defaults={"kind": _KINDS[rule.kind]}
    )
    if is_new:
        audit.record(actor, "exclusion.added", f"excluded {exclusion}", on=exclusion)
    return exclusion


def include(*, actor: Membership, exclusion: Exclusion) -> None:
    """Takes an entry off the list; from this moment mail is stored again (R12). Twice does no harm.

    The same value may still be excluded by a colleague's entry. Raises ``PermissionDenied`` for another's entry,
    unless the actor is owner or admin (R7).
    """
    if not queries.visible_exclusions(actor).filter(pk=exclusion.pk).exists():
        if Exclusion.objects.filter(pk=exclusion.pk).exists():
            raise PermissionDenied("This entry is a colleague's: only they, the owner or an admin may remove it.")
        return
    audit.record(actor, "exclusion.removed", f"no longer excludes {exclusion}", on=exclusion)
    exclusion.delete()


_KINDS = {Kind.ADDRESS: Exclusion.Kind.ADDRESS, Kind.DOMAIN: Exclusion.Kind.DOMAIN}
