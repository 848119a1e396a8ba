"""The cast (Alice owns Northwind, Ada is an admin, Bob a member; Charlie of Globex must see nothing)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import hypothesis
import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client, TransactionTestCase
from rest_framework.test import APIClient

from accounts import operations
from accounts.middleware import TENANT_KEY
from accounts.models import Membership, Role, Tenant, TokenScope, User
from crm.lib.tenancy import tenant_scope
from tests import servers

PASSWORD = "postroom-demo"
# A timing is never a test: a busy machine must not fail a property.
hypothesis.settings.register_profile("house", parent=hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("house")


def _empty(_case: TransactionTestCase) -> None:
    servers.empty()


TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]  # Of Django's own; see `servers.EMPTY`.


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


@pytest.fixture
def northwind(db: None) -> Northwind:
    alice = make_account("Northwind", "alice@northwind.example", "Alice Lindqvist")
    return Northwind(
        tenant=alice.tenant,
        alice=alice,
        ada=make_member(alice.tenant, "ada@northwind.example", "Ada Okafor", Role.ADMIN),
        bob=make_member(alice.tenant, "bob@northwind.example", "Bob Marsh"),
    )


@pytest.fixture
def globex(db: None) -> Globex:
    charlie = make_account("Globex", "charlie@globex.example", "Charlie Duarte")
    return Globex(tenant=charlie.tenant, charlie=charlie)


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
