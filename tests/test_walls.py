"""S1: whatever URL or API object of Northwind Charlie of Globex tries, it is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from accounts.models import ApiToken, Invitation, Membership
from contacts.models import Contact, Import, Note, SavedFilter, Tag
from crm.lib.tenancy import tenant_scope
from emails import originals
from emails.models import Access, Door, Email, Thread
from emailsync.models import Mailbox
from exclusions.models import Exclusion, Removal
from tests.conftest import Globex, Northwind
from tests.emails.factory import WITH_A_FILE
from tests.factories import one_of_each

#: What a number in a URL means, by its name.
NUMBERS: dict[str, type[models.Model]] = {
    "access_id": Access,
    "contact_id": Contact,
    "door_id": Door,
    "email_id": Email,
    "exclusion_id": Exclusion,
    "filter_id": SavedFilter,
    "import_id": Import,
    "invitation_id": Invitation,
    "mailbox_id": Mailbox,
    "member_id": Membership,
    "note_id": Note,
    "removal_id": Removal,
    "tag_id": Tag,
    "thread_id": Thread,
    "token_id": ApiToken,
}
#: What is counted within another object.
WITHIN = {"position": 0}
#: What nobody but its maker can reach, the account's owner included.
OWN = {"access_id", "door_id", "filter_id", "import_id", "mailbox_id", "removal_id", "token_id"}
METHODS = ("get", "post", "put", "patch", "delete")


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every route of the project that names objects: its text and the names of its numbers."""
    for pattern in patterns:
        text = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, text)
        elif pattern.pattern.converters and not text.startswith("auth/"):
            yield text, tuple(pattern.pattern.converters)


ROUTES = [(text, names) for text, names in routes(get_resolver().url_patterns) if "<int:" in text]
every_route = pytest.mark.parametrize(("route", "names"), ROUTES, ids=[text for text, _ in ROUTES])


def address(route: str, names: tuple[str, ...], rows: dict[type[models.Model], models.Model]) -> str:
    """The route with Northwind's numbers in it."""
    for name in names:
        number = WITHIN[name] if name in WITHIN else rows[NUMBERS[name]].pk
        route = route.replace(f"<int:{name}>", str(number))
    return f"/{route}"


def keep_original(email: models.Model) -> None:
    """Gives the email an original, without which it has no files to find."""
    Email.objects.filter(pk=email.pk).update(original=originals.keep(WITH_A_FILE))


def answers(client: Client, url: str) -> set[int]:
    """The statuses of all methods."""
    return {getattr(client, method)(url).status_code for method in METHODS}


def test_there_are_routes_to_try() -> None:
    assert len(ROUTES) > 20


@every_route
def test_charlie_finds_nothing_of_northwind(
    route: str,
    names: tuple[str, ...],
    northwind: Northwind,
    globex: Globex,
    client_of: Callable[[Membership], Client],
    api_of: Callable[[Membership], APIClient],
) -> None:
    with tenant_scope(northwind.tenant.pk):
        url = address(route, names, one_of_each(northwind.bob))
    charlie = api_of(globex.charlie) if route.startswith("api/") else client_of(globex.charlie)
    seen = answers(charlie, url)
    assert 404 in seen
    assert seen <= {404, 405}


@every_route
def test_a_stranger_finds_the_door_shut(
    route: str, names: tuple[str, ...], northwind: Northwind, client: Client
) -> None:
    with tenant_scope(northwind.tenant.pk):
        url = address(route, names, one_of_each(northwind.bob))
    assert answers(client, url) <= {302, 401, 405}


@every_route
def test_those_of_northwind_do_find_it(
    route: str,
    names: tuple[str, ...],
    northwind: Northwind,
    client_of: Callable[[Membership], Client],
    api_of: Callable[[Membership], APIClient],
) -> None:
    # Else the walls would be proven by routes that nobody can reach.
    owner = northwind.bob if OWN & set(names) else northwind.alice
    with tenant_scope(northwind.tenant.pk):
        rows = one_of_each(northwind.bob)
        keep_original(rows[Email])
        url = address(route, names, rows)
        also = Tag.objects.create(name="also")
    member = api_of(owner) if route.startswith("api/") else client_of(owner)
    seen = {member.get(url).status_code, member.post(url, {"into": also.pk}).status_code}
    assert seen - {404, 405}
