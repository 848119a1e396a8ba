"""The OAuth client that mailboxes are allowed to, and where Google is: its own hosts, or one root that plays them."""

from __future__ import annotations

from dataclasses import dataclass, field

from providers.gmail.costs import PriceList

#: https://developers.google.com/identity/openid-connect/openid-connect#discovery
AUTHORIZE = "https://accounts.google.com"
TOKENS = "https://oauth2.googleapis.com"
USERINFO = "https://openidconnect.googleapis.com"
CERTIFICATES = "https://www.googleapis.com"
#: Seconds that a call may be silent. Google's own limit for an API request is 60.
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class App:
    """``oauth_root`` empty means Google's own hosts; set, all of OAuth lies below it. Roots end without a slash.

    ``price_list`` says by which list Google counts the project's quota: ``old`` where it used the API before 2026-05.
    """

    client_id: str
    client_secret: str = field(repr=False)
    api_root: str = "https://gmail.googleapis.com"
    oauth_root: str = ""
    price_list: PriceList = "new"

    @property
    def authorize_url(self) -> str:
        return f"{self.oauth_root or AUTHORIZE}/o/oauth2/v2/auth"

    @property
    def token_url(self) -> str:
        return f"{self.oauth_root or TOKENS}/token"

    @property
    def revoke_url(self) -> str:
        return f"{self.oauth_root or TOKENS}/revoke"

    @property
    def userinfo_url(self) -> str:
        return f"{self.oauth_root or USERINFO}/v1/userinfo"

    @property
    def certificates_url(self) -> str:
        """X.509 certificates by key id, as google-auth reads them without a further library."""
        return f"{self.oauth_root or CERTIFICATES}/oauth2/v1/certs"
