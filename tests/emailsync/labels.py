"""Labels and categories, as people put them on messages in their own mailboxes."""

from __future__ import annotations

from collections.abc import Iterable

import httpx

from crm.lib.product import NEVER
from tests.emailsync.conftest import World

MODIFY = "https://www.googleapis.com/auth/gmail.modify"


class Labels:
    """What a person does to a message in their own mailbox."""

    def __init__(self, world: World) -> None:
        self._world = world

    def put(self, address: str, provider: str, key: str, name: str = NEVER) -> None:
        self._change(address, provider, key, add=[name])

    def take_off(self, address: str, provider: str, key: str, name: str = NEVER) -> None:
        self._change(address, provider, key, remove=[name])

    def _change(
        self, address: str, provider: str, key: str, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> None:
        if provider == "gmail":
            self._world.post("label", address=address, id=key, add=list(add), remove=list(remove))
            return
        [message] = [
            each for each in self._world.truth(address) if key in {each["gmail_id"], each["graph_immutable_id"]}
        ]
        kept = [name for name in message["categories"] if name not in set(remove)]
        asked = {"address": address, "provider": "microsoft", "scopes": ["Mail.ReadWrite"]}
        token = self._world.post("tokens", **asked)["access_token"]
        root = str(self._world.http.base_url).removesuffix("/").removesuffix("/_control")
        headers = {"Authorization": f"Bearer {token}", "Prefer": 'IdType="ImmutableId"'}
        url = f"{root}/graph/v1.0/me/messages/{message['graph_immutable_id']}"
        httpx.patch(url, json={"categories": [*kept, *add]}, headers=headers).raise_for_status()

    def rename(self, address: str, name: str, to: str = NEVER) -> None:
        """In Gmail, where a label keeps its id."""
        token = self._world.post("tokens", address=address, provider="google", scopes=[MODIFY])["access_token"]
        root = str(self._world.http.base_url).removesuffix("/").removesuffix("/_control")
        with httpx.Client(base_url=f"{root}/gmail/v1/users/me", headers={"Authorization": f"Bearer {token}"}) as gmail:
            labels = gmail.get("/labels").raise_for_status().json()["labels"]
            [label] = [each["id"] for each in labels if each["name"] == name]
            gmail.patch(f"/labels/{label}", json={"name": to}).raise_for_status()
