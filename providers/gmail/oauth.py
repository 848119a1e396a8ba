"""Logging in at Google (S4): authorization code with PKCE, a state bound to the session, a nonce in the id_token.

https://developers.google.com/identity/protocols/oauth2/web-server. oauthlib wants https and exactly the scopes that
were asked for, or an environment variable each, which would hold for the whole process. Neither is needed: the
exchange names no scopes, so there is nothing to compare with, and an oauth root without TLS is reached by an adapter.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import requests
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]  # The library has no types.
from requests.adapters import HTTPAdapter

from providers.base import Granted, LoginRefused, ProviderError, Right, Started
from providers.gmail import certificates, errors, grants, scopes
from providers.gmail.app import TIMEOUT, App
from providers.gmail.certificates import BadToken

#: Ours or Google's to mend; the person can do nothing about it.
_OURS = frozenset({"invalid_client", "unauthorized_client", "redirect_uri_mismatch", "unsupported_grant_type"})
_REFUSALS: Mapping[str, str] = {
    "admin_policy_enforced": "Your Google administrator does not allow Postroom. Please ask them to.",
    "org_internal": "Postroom is set up for another Google organisation only. Please tell your administrator.",
}
_STALE = "This log-in was begun in another window, or too long ago. Please begin again."


class GoogleLogin:
    """`base.Login` for Google."""

    def __init__(self, app: App) -> None:
        self._app = app

    def start(self, *, redirect_uri: str, rights: frozenset[Right], hint: str = "") -> Started:
        with self._flow(redirect_uri, scopes.asked(rights)) as flow:
            nonce = secrets.token_urlsafe(24)
            wanted = {"nonce": nonce, **({"login_hint": hint} if hint else {})}
            url, state = flow.authorization_url(
                access_type="offline", prompt="consent", include_granted_scopes="true", **wanted
            )
            kept = {"state": state, "verifier": flow.code_verifier, "nonce": nonce, "redirect_uri": redirect_uri}
        return Started(self._app.authorize_url + url.removeprefix(_secure(self._app.authorize_url)), kept)

    def finish(self, *, state: Mapping[str, object], answer: Mapping[str, str]) -> Granted:
        expected = str(state.get("state", ""))
        if not expected or not hmac.compare_digest(expected.encode(), answer.get("state", "").encode()):
            raise LoginRefused(_STALE)
        if refused := answer.get("error", ""):
            raise _declined(refused)
        if not answer.get("code"):
            raise LoginRefused("Google sent no code along. Please begin again.")
        tokens = self._exchange(state, answer["code"])
        try:
            grant = grants.of_tokens(tokens, now=datetime.now(UTC))
        except ValueError as error:
            raise LoginRefused("Google gave no lasting permission. Please connect again.") from error
        claims = self._claims(tokens, nonce=str(state.get("nonce", "")))
        return Granted(
            grant=grant.dumps(),
            address=str(claims["email"]).lower(),
            name=str(claims.get("name", "")),
            rights=scopes.rights(grant.scopes),
        )

    def revoke(self, grant: str) -> None:
        """Ends all that the person allowed us; Google answers 400 for what ended already."""
        token = grants.loads(grant).refresh_token
        with _answering():
            answer = requests.post(self._app.revoke_url, data={"token": token}, timeout=TIMEOUT)
        if answer.status_code not in {200, 400}:
            raise errors.refusal(answer.status_code, answer.content, _lowered(answer), writes=False)

    def _exchange(self, state: Mapping[str, object], code: str) -> Mapping[str, object]:
        with self._flow(str(state.get("redirect_uri", "")), None, str(state.get("verifier", ""))) as flow, _answering():
            flow.oauth2session.register_compliance_hook("access_token_response", _checked)
            tokens: Mapping[str, object] = flow.fetch_token(code=code, timeout=TIMEOUT)
            return tokens

    def _claims(self, tokens: Mapping[str, object], *, nonce: str) -> Mapping[str, Any]:
        """Who has logged in, by a signature and not by the connection alone (OpenID Connect Core, section 3.1.3.7)."""
        url = self._app.certificates_url
        try:
            claims = certificates.verify(str(tokens.get("id_token", "")), url=url, audience=self._app.client_id)
        except BadToken as error:
            raise LoginRefused("Google did not say for certain who you are. Please begin again.") from error
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise LoginRefused(_STALE)
        if not claims.get("email") or not claims.get("email_verified"):
            raise LoginRefused("Google did not tell the address of the account. Please begin again.")
        return claims

    @contextmanager
    def _flow(self, redirect_uri: str, wanted: list[str] | None, verifier: str | None = None) -> Iterator[Flow]:
        web = {
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret,
            "auth_uri": _secure(self._app.authorize_url),
            "token_uri": _secure(self._app.token_url),
        }
        flow = Flow.from_client_config({"web": web}, wanted, redirect_uri=redirect_uri, code_verifier=verifier)
        with flow.oauth2session as session:
            if self._app.token_url.startswith("http://"):
                session.mount(_secure(self._app.token_url), _Plain())
            yield flow


class _Plain(HTTPAdapter):
    """Speaks http to an address that oauthlib was told as https."""

    def send(self, request: requests.PreparedRequest, *args: Any, **named: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **named)


def _secure(url: str) -> str:
    return url.replace("http://", "https://", 1)


def _declined(error: str) -> LoginRefused:
    if error == "access_denied":
        return LoginRefused("You did not allow it, so nothing was connected.", was_declined=True)
    return LoginRefused(_REFUSALS.get(error, "Google did not let you log in. Please begin again."))


def _checked(answer: requests.Response) -> requests.Response:
    """What is no OAuth answer at all; oauthlib does not look at the status."""
    if answer.status_code in {408, 429} or answer.status_code >= 500:
        raise errors.refusal(answer.status_code, answer.content, _lowered(answer), writes=False)
    try:
        json.loads(answer.content)
    except ValueError:
        raise errors.garbled() from None
    return answer


def _lowered(answer: requests.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


@contextmanager
def _answering() -> Iterator[None]:
    """Network and OAuth errors in our words; theirs may have tokens in them."""
    try:
        yield
    except requests.RequestException:
        raise errors.unreachable() from None
    except OAuth2Error as error:
        raise _refused(str(error.error or "")) from None


def _refused(error: str) -> LoginRefused | ProviderError:
    return errors.oauth_refusal(error) if error in _OURS else LoginRefused(_STALE)
