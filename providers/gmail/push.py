"""Pushes by Pub/Sub: who sent one, and what it says. It says only that something changed (E9).

https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions,
https://developers.google.com/workspace/gmail/api/guides/push
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode

from providers.gmail import certificates
from providers.gmail.app import App
from providers.gmail.certificates import BadToken

#: A notification has a few hundred bytes.
LONGEST = 65_536
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")


class BadPush(ValueError):
    """Not from Google, or not readable: answer 4xx, and do nothing."""


def verify_push(app: App, authorization_header: str, *, audience: str, account: str) -> None:
    """Checks the signed token of a push: for this audience, by the service account of the subscription.

    Raises `BadPush`; ProviderError where Google's certificates cannot be had, so that the push comes again later.
    """
    scheme, _, token = authorization_header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token or not audience or not account:
        raise BadPush("There is no token, or nothing to check it by.")
    try:
        claims = certificates.verify(token.strip(), url=app.certificates_url, audience=audience)
    except BadToken as error:
        raise BadPush(str(error)) from error
    if claims.get("email_verified") is not True or claims.get("email") != account:
        raise BadPush("The token is another account's.")


def read_push(body: bytes) -> tuple[str, int]:
    """The mailbox's address in lower case, and a history id at or before which something happened.

    The id comes as number or text, the data in either alphabet of base64 (RFC 4648). Raises `BadPush`.
    """
    if len(body) > LONGEST:
        raise BadPush("The push is too long.")
    try:
        data = json.loads(body)["message"]["data"]
        told = json.loads(_decoded(data))
        address, history_id = told["emailAddress"], told["historyId"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadPush("The push cannot be read.") from error
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise BadPush("The push names no mailbox.")
    return address.lower(), _number(history_id)


def _decoded(data: object) -> bytes:
    if not isinstance(data, str):
        raise TypeError("The data of a push is text.")
    plain = data.replace("+", "-").replace("/", "_").rstrip("=")
    return urlsafe_b64decode(plain + "=" * (-len(plain) % 4))


def _number(value: object) -> int:
    """An unsigned number of 64 bits; JSON's true is no number here."""
    text = value if isinstance(value, str) else str(value) if type(value) is int else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise BadPush("The push has no history id.")
    return int(text)
