"""msal at work: its app, its HTTP, and the access tokens that it renews.

A grant is JSON: msal's serialised cache, the account in it, and the scopes that were granted. Microsoft gives a new
refresh token with every renewal, so a renewed grant is saved before its token is used.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import msal
import requests
from msal.exceptions import MsalError

from providers.base import Kind, ProviderError, Recovery, Save
from providers.graph import errors
from providers.graph.app import App

#: Seconds to connect, and between two bytes of an answer.
TIMEOUT = (10, 60)
#: Seconds that Entra's OpenID configuration is kept; msal asks for it whenever an app object is made.
CONFIGURATION_LASTS = 24 * 3600
#: Added by msal itself, which refuses them in a list of scopes.
_OPENID = frozenset({"openid", "profile", "email", "offline_access"})

_configurations: dict[str, tuple[float, requests.Response]] = {}
_configurations_lock = Lock()


@dataclass(frozen=True, slots=True)
class Grant:
    """``home`` is msal's home_account_id; ``scopes`` are Graph's, as they were granted."""

    cache: str
    home: str
    scopes: tuple[str, ...]

    def write(self) -> str:
        return json.dumps({"cache": self.cache, "home": self.home, "scopes": self.scopes})

    @classmethod
    def read(cls, text: str) -> Grant:
        """Raises `ProviderError` for what never was a grant of ours."""
        try:
            values = json.loads(text)
            return cls(str(values["cache"]), str(values["home"]), tuple(map(str, values["scopes"])))
        except (ValueError, KeyError, TypeError) as error:
            detail = "The stored log-in cannot be read."
            raise ProviderError(Kind.ACCOUNT, Recovery.PERMANENT, detail, code="unreadable-grant") from error


class Http:
    """msal's ``http_client``. Remembers what the last answer said of waiting, which msal does not hand on.

    Where the log-in is an emulator in plain http, addresses below it are asked for so: msal takes https alone.
    """

    def __init__(self, app: App) -> None:
        self._session = requests.Session()
        self._plain = app.login_root.partition("://")[2] if app.login_root.startswith("http://") else ""
        self.status = 0
        self.retry_after = ""

    def get(self, url: str, **asked: Any) -> requests.Response:
        if not url.endswith("/.well-known/openid-configuration"):
            return self._ask("GET", url, **asked)
        with _configurations_lock:
            kept_at, kept = _configurations.get(url, (0.0, None))
        if kept is not None and time.monotonic() - kept_at < CONFIGURATION_LASTS:
            return kept
        answer = self._ask("GET", url, **asked)
        if answer.status_code == 200:
            with _configurations_lock:
                _configurations[url] = (time.monotonic(), answer)
        return answer

    def post(self, url: str, **asked: Any) -> requests.Response:
        return self._ask("POST", url, **asked)

    def close(self) -> None:
        self._session.close()

    def _ask(self, method: str, url: str, **asked: Any) -> requests.Response:
        if self._plain and url.startswith(f"https://{self._plain}/"):
            url = url.replace("https://", "http://", 1)
        answer = self._session.request(method, url, **{"timeout": TIMEOUT, **asked})
        self.status, self.retry_after = answer.status_code, answer.headers.get("Retry-After", "")
        return answer


def make_client(app: App, http: Http, cache: msal.SerializableTokenCache) -> msal.ConfidentialClientApplication:
    """msal's app object. It may ask for Entra's configuration. Raises `ProviderError`.

    One for each use: msal replays every 400 for 60 seconds out of the HTTP cache inside of it.
    """
    host = app.login_root.partition("://")[2].rstrip("/")
    try:
        return msal.ConfidentialClientApplication(
            app.client_id,
            client_credential=app.client_secret,
            authority=f"https://{host}/{app.tenant}",
            instance_discovery=False,
            token_cache=cache,
            http_client=http,
        )
    except requests.RequestException as error:
        raise errors.no_answer(error) from None
    except (ValueError, KeyError, MsalError) as error:
        raise _no_configuration(http.status) from error


def _no_configuration(status: int) -> ProviderError:
    if status >= 500 or status in {0, 200, 429}:
        return ProviderError(Kind.API, Recovery.TRANSIENT, "Microsoft's log-in could not answer.", status=status)
    detail = "Microsoft does not know the directory (tenant) that this installation is set up for."
    return ProviderError(Kind.CODE, Recovery.PERMANENT, detail, status=status, code="no-configuration")


def granted_scopes(answer: Mapping[str, object]) -> tuple[str, ...]:
    """Graph's scopes in a token reply, without the resource before their names."""
    named = str(answer.get("scope") or "").split()
    return tuple(sorted({each.rpartition("/")[2] for each in named} - _OPENID))


class Tokens:
    """One mailbox's access token, renewed when it runs out. For one thread."""

    def __init__(self, app: App, grant: str, save: Save) -> None:
        self._app = app
        self._grant = Grant.read(grant)
        self._save = save
        self._http = Http(app)
        self._token = ""
        self._good_until = 0.0

    @property
    def scopes(self) -> tuple[str, ...]:
        return self._grant.scopes

    def bearer(self) -> str:
        """A token that is good for some minutes. Raises `ProviderError`."""
        if not self._token or time.time() > self._good_until:
            self._acquire(force=False, claims="")
        return self._token

    def renew(self, claims: str = "") -> None:
        """Takes a new token although the last one looked good; ``claims`` is what a 401 asked for (CAE)."""
        self._acquire(force=True, claims=claims)

    def close(self) -> None:
        self._http.close()

    def _acquire(self, *, force: bool, claims: str) -> None:
        answer = self._asked(force=force, claims=claims)
        if errors.WORTH_ANOTHER_TRY.intersection(answer.get("error_codes") or ()):
            answer = self._asked(force=force, claims=claims)
        if "access_token" not in answer:
            raise errors.of_entra(answer, status=self._http.status, retry_after=self._http.retry_after)
        self._token = str(answer["access_token"])
        # As msal does, five minutes early.
        self._good_until = time.time() + max(int(answer.get("expires_in") or 0) - 300, 0)

    def _asked(self, *, force: bool, claims: str) -> dict[str, Any]:
        """msal's answer, good or bad; a grant that it changed is saved."""
        cache = msal.SerializableTokenCache()
        self._http.status, self._http.retry_after = 0, ""
        try:
            cache.deserialize(self._grant.cache)
            client = make_client(self._app, self._http, cache)
            account = next(iter(self._accounts(client)), None)
            if account is None:
                return {"error": "invalid_grant"}
            answer = client.acquire_token_silent_with_error(
                list(self._grant.scopes), account, force_refresh=force, claims_challenge=claims or None
            )
        except requests.RequestException as error:
            raise errors.no_answer(error) from None
        except (MsalError, ValueError) as error:
            http, down = self._http, {"error": "server_error"}
            raise errors.of_entra(down, status=http.status, retry_after=http.retry_after) from error
        self._keep(cache)
        return answer or {"error": "invalid_grant"}

    def _accounts(self, client: msal.ConfidentialClientApplication) -> list[dict[str, Any]]:
        return [each for each in client.get_accounts() if each["home_account_id"] == self._grant.home]

    def _keep(self, cache: msal.SerializableTokenCache) -> None:
        if cache.has_state_changed:
            self._grant = Grant(cache.serialize(), self._grant.home, self._grant.scopes)
            self._save(self._grant.write())
