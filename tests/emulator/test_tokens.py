"""Tokens and codes: what they open, and how they end."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256

import jwt
import pytest

from emulator.keys import Keys
from emulator.tokens import MAX_GOOGLE_REFRESH_TOKENS, Grant, Pair, TokenError, pkce_holds
from emulator.world import World

ALICE = "alice@northwind.example"
REDIRECT = "https://postroom.example/callback"


@pytest.fixture
def grant() -> Grant:
    return Grant("google", "client", ALICE, frozenset({"read", "send"}), "1")


@pytest.fixture
def pair(world: World, grant: Grant) -> Pair:
    return world.tokens.issue(grant, lifetime_s=3599)


def reason(error: pytest.ExceptionInfo[TokenError]) -> str:
    return error.value.reason


def test_an_access_token_opens_its_provider_only(world: World, pair: Pair) -> None:
    assert world.tokens.verify(pair.access.value, "google").grant.address == ALICE
    with pytest.raises(TokenError) as error:
        world.tokens.verify(pair.access.value, "microsoft")
    assert reason(error) == "unknown"


def test_an_access_token_ends_with_its_time(world: World, pair: Pair) -> None:
    world.clock.advance(3_599_000)
    with pytest.raises(TokenError) as error:
        world.tokens.verify(pair.access.value, "google")
    assert reason(error) == "expired"


def test_expiry_on_command_leaves_the_refresh_token(world: World, pair: Pair) -> None:
    assert pair.refresh is not None
    assert world.tokens.expire(address=ALICE) == 1
    renewed = world.tokens.refresh(pair.refresh.value, provider="google", client_id="client", lifetime_s=60)
    assert world.tokens.verify(renewed.access.value, "google").grant is pair.access.grant
    assert renewed.refresh is None


def test_rotation_gives_a_new_refresh_token_and_keeps_the_old_one(world: World, pair: Pair) -> None:
    assert pair.refresh is not None
    for _ in range(2):
        renewed = world.tokens.refresh(
            pair.refresh.value, provider="google", client_id="client", lifetime_s=60, rotate=True
        )
        assert renewed.refresh is not None


def test_revoking_one_token_ends_all_of_its_grant(world: World, pair: Pair) -> None:
    assert pair.refresh is not None
    assert world.tokens.revoke(pair.refresh.value)
    with pytest.raises(TokenError) as error:
        world.tokens.verify(pair.access.value, "google")
    assert reason(error) == "revoked"


@pytest.mark.parametrize(("client", "scopes", "why"), [("other", None, "client"), ("client", ["admin"], "scope")])
def test_a_refresh_beyond_the_grant_is_refused(
    world: World, pair: Pair, client: str, scopes: list[str] | None, why: str
) -> None:
    assert pair.refresh is not None
    with pytest.raises(TokenError) as error:
        world.tokens.refresh(pair.refresh.value, provider="google", client_id=client, lifetime_s=60, scopes=scopes)
    assert reason(error) == why


def test_a_code_is_good_once(world: World, grant: Grant) -> None:
    code = world.tokens.authorize(grant, redirect_uri=REDIRECT).value
    world.tokens.redeem(code, provider="google", client_id="client", redirect_uri=REDIRECT)
    with pytest.raises(TokenError) as error:
        world.tokens.redeem(code, provider="google", client_id="client", redirect_uri=REDIRECT)
    assert reason(error) == "used"
    assert grant.revoked


@pytest.mark.parametrize(
    ("client", "redirect", "verifier", "why"),
    [
        ("other", REDIRECT, "v", "client"),
        ("client", "https://evil.example/", "v", "redirect"),
        ("client", REDIRECT, "w", "verifier"),
        ("client", REDIRECT, "", "verifier"),
    ],
)
def test_a_code_needs_what_it_was_asked_with(
    world: World, grant: Grant, client: str, redirect: str, verifier: str, why: str
) -> None:
    code = world.tokens.authorize(grant, redirect_uri=REDIRECT, challenge="v", challenge_method="plain")
    with pytest.raises(TokenError) as error:
        world.tokens.redeem(code.value, provider="google", client_id=client, redirect_uri=redirect, verifier=verifier)
    assert reason(error) == why


def test_the_101st_google_refresh_token_ends_the_first(world: World, grant: Grant) -> None:
    pairs = [world.tokens.issue(grant, lifetime_s=60) for _ in range(MAX_GOOGLE_REFRESH_TOKENS + 1)]
    revoked = [pair.refresh.revoked for pair in pairs if pair.refresh]
    assert revoked == [True] + [False] * MAX_GOOGLE_REFRESH_TOKENS


def test_pkce_s256_is_the_hash_of_the_verifier() -> None:
    challenge = urlsafe_b64encode(sha256(b"verifier").digest()).rstrip(b"=").decode()
    assert pkce_holds(challenge, "S256", "verifier")
    assert not pkce_holds(challenge, "S256", "other")
    assert not pkce_holds(challenge, "none", "verifier")


def test_a_signed_token_verifies_by_jwks_and_by_certificate() -> None:
    keys = Keys()
    token = keys.sign({"aud": "postroom"})
    by_jwks = jwt.PyJWK.from_dict(keys.jwks()["keys"][0]).key
    assert jwt.decode(token, by_jwks, algorithms=["RS256"], audience="postroom") == {"aud": "postroom"}
    assert jwt.get_unverified_header(token)["kid"] in keys.x509_map()
