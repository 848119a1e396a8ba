"""The cast (Alice owns Northwind, Ada is an admin, Bob a member; Charlie of Globex must see nothing)."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import hypothesis
import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.dispatch import Signal
from django.template import Context, Template
from django.test import Client, TransactionTestCase
from django.test import client as test_client
from django.test.client import store_rendered_templates  # type: ignore[attr-defined]  # Of Django's own.
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from accounts import operations
from accounts.middleware import TENANT_KEY
from accounts.models import Membership, Role, Tenant, TokenScope, User
from crm.lib.tenancy import tenant_scope
from tests import servers
from tests.kept import Kept

PASSWORD = "postroom-demo"
# A timing is never a test: a busy machine must not fail a property.
hypothesis.settings.register_profile("house", parent=hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("house")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays until the end: looking for garbage among it, again and again, finds none."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def _empty(_case: TransactionTestCase) -> None:
    servers.empty()


TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]  # Of Django's own; see `servers.EMPTY`.


def _note_page(
    store: dict[str, Any], signal: Signal, sender: object, template: Template, context: Context, **_more: Any
) -> None:
    if not (template.name or "").startswith(("ui/", "django/forms/")):
        store_rendered_templates(store, signal, sender, template, context)


# A page is made of hundreds of parts, and Django's client would copy the context of each of them, which took as long as
# a quarter of the rendering. `response.context` is that of pages and their fragments.
test_client.store_rendered_templates = _note_page  # type: ignore[attr-defined]  # As above.


@dataclass(frozen=True)
class Northwind:
    """The account that most tests happen in."""

    tenant: Tenant
    alice: Membership
    ada: Membership
    bob: Membership


@dataclass(frozen=True)
class Globex:
    """The other account."""

    tenant: Tenant
    charlie: Membership


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """`tests.servers` has made this worker's database already."""


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    yield
    cache.clear()


def make_user(email: str, name: str) -> User:
    """A user who can log in with `PASSWORD` and has verified the address."""
    user = User.objects.create_user(email, PASSWORD, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_member(tenant: Tenant, email: str, name: str, role: Role = Role.MEMBER) -> Membership:
    """Another member of a tenant."""
    user = make_user(email, name)
    with tenant_scope(tenant.pk):
        member = Membership.objects.create(user=user, role=role)
        member.tenant  # noqa: B018  # Loaded here, where the scope is open.
    return member


def make_account(name: str, email: str, owner: str) -> Membership:
    """A tenant and its owner."""
    membership = operations.create_account(user=make_user(email, owner), name=name)
    with tenant_scope(membership.tenant_id):
        membership.tenant  # noqa: B018  # As above.
    return membership


def _make_northwind() -> Northwind:
    alice = make_account("Northwind", "alice@northwind.example", "Alice Lindqvist")
    return Northwind(
        tenant=alice.tenant,
        alice=alice,
        ada=make_member(alice.tenant, "ada@northwind.example", "Ada Okafor", Role.ADMIN),
        bob=make_member(alice.tenant, "bob@northwind.example", "Bob Marsh"),
    )


def _make_globex() -> Globex:
    charlie = make_account("Globex", "charlie@globex.example", "Charlie Duarte")
    return Globex(tenant=charlie.tenant, charlie=charlie)


@pytest.fixture(scope="session")
def _cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> tuple[Kept[Northwind], Kept[Globex]]:
    """Made before any test's transaction: both are alone in the database."""
    with django_db_blocker.unblock():
        return (
            Kept(_make_northwind, lambda made: made.tenant.pk),
            Kept(_make_globex, lambda made: made.tenant.pk),
        )


@pytest.fixture
def northwind(_cast: tuple[Kept[Northwind], Kept[Globex]], db: None) -> Northwind:
    return _cast[0].again()


@pytest.fixture
def globex(_cast: tuple[Kept[Northwind], Kept[Globex]], db: None) -> Globex:
    return _cast[1].again()


@pytest.fixture
def client_of() -> Callable[[Membership], Client]:
    """A browser in which a member has signed in."""

    def sign_in(member: Membership) -> Client:
        client = Client()
        client.force_login(member.user)
        session = client.session
        session[TENANT_KEY] = member.tenant_id
        session.save()
        return client

    return sign_in


def token_of(member: Membership, scope: TokenScope = TokenScope.WRITE) -> str:
    """The key of a new API token of a member."""
    with tenant_scope(member.tenant_id):
        return operations.create_token(member=member, name="Script", scope=scope, expires_at=None)[1]


class JSONClient(APIClient):
    """A program that speaks JSON."""

    default_format = "json"


class ApiOf(Protocol):
    """Makes a program that has a member's token."""

    def __call__(self, member: Membership, scope: TokenScope = TokenScope.WRITE) -> APIClient: ...


@pytest.fixture
def api_of() -> ApiOf:
    """``api_of(member)``, or ``api_of(member, TokenScope.READ)``."""

    def enter(member: Membership, scope: TokenScope = TokenScope.WRITE) -> APIClient:
        client = JSONClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(member, scope)}")
        return client

    return enter
