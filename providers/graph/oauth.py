"""The log-in at Microsoft: the authorization code flow with PKCE, state and nonce, all by msal (S4).

The answer comes in the query: a form that posts itself from another site would come without a SameSite=Lax cookie,
that is without the session that the state is bound to.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import msal
import requests
from msal.exceptions import MsalError

from providers.base import Granted, Kind, LoginRefused, ProviderError, Recovery, Right, Started
from providers.graph import errors, types
from providers.graph.app import App
from providers.graph.client import Client
from providers.graph.tokens import Grant, Http, Tokens, granted_scopes, make_client

SCOPES: Mapping[Right, tuple[str, ...]] = {
    Right.READ: ("Mail.Read",),
    Right.SEND: ("Mail.Send",),
    Right.LABEL: ("Mail.ReadWrite", "MailboxSettings.ReadWrite"),
}
#: Any one of them is enough. Categories can be given without the settings; they only have no colour then.
_ENOUGH: Mapping[Right, frozenset[str]] = {
    Right.READ: frozenset({"mail.read", "mail.readwrite"}),
    Right.SEND: frozenset({"mail.send"}),
    Right.LABEL: frozenset({"mail.readwrite"}),
}
_STARTED_ELSEWHERE = "This log-in was begun in another window, or too long ago. Please start again."
_DECLINED = "You did not allow Postroom to use the mailbox. Nothing was connected."
_ADMIN = "Your organisation wants an administrator to allow Postroom first. Ask yours, then start again."
_NO_MAIL = "Microsoft names no email address for this account."
#: Users cannot consent to what their administrator keeps to herself.
_ADMIN_CODES = ("AADSTS90094", "AADSTS65001", "AADSTS90095")


class MicrosoftLogin:
    """`providers.base.Login` for Microsoft 365."""

    def __init__(self, app: App) -> None:
        self._app = app

    def start(self, *, redirect_uri: str, rights: frozenset[Right], hint: str = "") -> Started:
        http = Http(self._app)
        try:
            client = make_client(self._app, http, msal.SerializableTokenCache())
            with warnings.catch_warnings():
                # msal would rather have form_post; see above why not.
                warnings.filterwarnings("ignore", message=".*form_post")
                flow = client.initiate_auth_code_flow(
                    wanted_scopes(rights),
                    redirect_uri=redirect_uri,
                    response_mode="query",
                    login_hint=hint or None,
                    prompt="select_account" if not hint else None,
                )
        finally:
            http.close()
        return Started(url=str(flow["auth_uri"]), state=flow)

    def finish(self, *, state: Mapping[str, object], answer: Mapping[str, str]) -> Granted:
        grant = self._exchanged(state, answer)
        kept = [grant.write()]
        client = Client(self._app.graph_root, Tokens(self._app, kept[0], kept.append), pace=lambda _units: None)
        try:
            person = client.get("/me?$select=displayName,mail,userPrincipalName")
        finally:
            client.close()
        address = address_of(person)
        if not address:
            raise LoginRefused(_NO_MAIL)
        return Granted(kept[-1], address, types.text(person, "displayName"), rights_of(grant.scopes))

    def revoke(self, grant: str) -> None:
        """Microsoft lets no app end its own grant: the user or an administrator does. Forgetting it is all."""

    def _exchanged(self, state: Mapping[str, object], answer: Mapping[str, str]) -> Grant:
        if "error" in answer:
            raise _refused(answer)
        http, cache = Http(self._app), msal.SerializableTokenCache()
        try:
            client = make_client(self._app, http, cache)
            result: dict[str, Any] = client.acquire_token_by_auth_code_flow(dict(state), dict(answer))
        except requests.RequestException as error:
            raise errors.no_answer(error) from None
        except MsalError as error:
            raise errors.of_entra({}, status=http.status, retry_after=http.retry_after) from error
        except (ValueError, RuntimeError, KeyError) as error:
            # A state, nonce or answer that does not belong to this session.
            raise LoginRefused(_STARTED_ELSEWHERE) from error
        finally:
            http.close()
        if "access_token" not in result:
            raise _not_exchanged(result, http)
        return Grant(cache.serialize(), _home_of(client), granted_scopes(result))


def wanted_scopes(rights: frozenset[Right]) -> list[str]:
    """What to ask for, so that exactly these rights are granted; msal adds OpenID's."""
    return ["User.Read", *(scope for right in Right if right in rights for scope in SCOPES[right])]


def rights_of(scopes: tuple[str, ...]) -> frozenset[Right]:
    """What was really allowed."""
    granted = {scope.lower() for scope in scopes}
    return frozenset(right for right, enough in _ENOUGH.items() if enough & granted)


def address_of(person: types.Json) -> str:
    """Whose mailbox it is. A guest's userPrincipalName is no address, but then there is no mailbox either."""
    found = types.text(person, "mail") or types.text(person, "userPrincipalName")
    return found.lower() if "@" in found else ""


def grant_of(app: App, tokens: Mapping[str, object]) -> str:
    """The grant of a refresh token that was had elsewhere, for scripts. It is renewed once. Raises `ProviderError`.

    ``tokens`` has ``refresh_token`` and ``scope``, as a token endpoint answers them.
    """
    http, cache = Http(app), msal.SerializableTokenCache()
    scopes = list(granted_scopes(tokens))
    try:
        client = make_client(app, http, cache)
        result = client.acquire_token_by_refresh_token(str(tokens.get("refresh_token") or ""), scopes)
    except requests.RequestException as error:
        raise errors.no_answer(error) from None
    except (MsalError, ValueError) as error:
        raise errors.of_entra({}, status=http.status) from error
    finally:
        http.close()
    if "access_token" not in result:
        raise errors.of_entra(result, status=http.status, retry_after=http.retry_after)
    return Grant(cache.serialize(), _home_of(client), granted_scopes(result)).write()


def _home_of(client: msal.ConfidentialClientApplication) -> str:
    account = next(iter(client.get_accounts()), None)
    if account is None:
        detail = "Microsoft did not say whose tokens these are."
        raise ProviderError(Kind.UNKNOWN, Recovery.TRANSIENT, detail, code="no-account")
    return str(account["home_account_id"])


def _refused(answer: Mapping[str, str]) -> Exception:
    """What came back with the browser instead of a code."""
    word, said = answer.get("error", ""), answer.get("error_description", "")
    if any(said.startswith(code) for code in _ADMIN_CODES) or word == "consent_required":
        return LoginRefused(_ADMIN)
    if word == "access_denied":
        return LoginRefused(_DECLINED, was_declined=True)
    code = said.partition(":")[0].removeprefix("AADSTS")
    numbers = [int(code)] if code.isdecimal() and len(code) < 10 else []
    return errors.of_entra({"error": word, "error_codes": numbers})


def _not_exchanged(result: Mapping[str, Any], http: Http) -> Exception:
    if result.get("suberror") == "consent_required":
        return LoginRefused(_ADMIN)
    error = errors.of_entra(result, status=http.status, retry_after=http.retry_after)
    # A code that is used up or too old: the person only has to begin again.
    return LoginRefused(_STARTED_ELSEWHERE) if error.kind is Kind.ACCOUNT else error
