"""What Google alone knows: of the whole world, and of one mailbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from emulator.google.search.index import Postings

DEMO_SECRET = "demo-secret"  # noqa: S105  # The emulated client's, known to everybody.
DEMO_PROJECT = "postroom-demo"
DEMO_CLIENT = "postroom-demo.apps.googleusercontent.example"


@dataclass(frozen=True, slots=True)
class Client:
    """A registered OAuth client. `redirect_uris` None is one that may be anywhere on this machine.

    `project` is where its Pub/Sub topics must lie.
    """

    client_id: str
    secret: str
    project: str = DEMO_PROJECT
    redirect_uris: tuple[str, ...] | None = None
    name: str = "Postroom"


@dataclass(frozen=True, slots=True)
class Topic:
    """A Pub/Sub topic with its push subscription. `audience` is the JWT's, the endpoint where it is empty."""

    name: str
    endpoint: str
    audience: str
    subscription: str
    account: str


@dataclass(slots=True)
class Upload:
    """A resumable upload under way. `total` is None until the client tells it."""

    method: str
    target: str
    token: str
    body: dict[str, object]
    mime_type: str
    total: int | None
    path: dict[str, str]
    query: str
    received: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Google:
    """World-wide: registered clients, topics and uploads by name."""

    clients: dict[str, Client] = field(
        default_factory=lambda: {each: Client(each, DEMO_SECRET) for each in (DEMO_CLIENT, "postroom-demo")}
    )
    topics: dict[str, Topic] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    next_notification: int = 1


@dataclass(frozen=True, slots=True)
class Alias:
    """An address that a mailbox may send as, besides its own."""

    address: str
    name: str = ""
    reply_to: str = ""
    signature: str = ""
    verified: bool = True
    default: bool = False
    treat_as_alias: bool = True


@dataclass(slots=True)
class Watch:
    """A mailbox watched for one project; `labels` empty lets every change through."""

    topic: str
    labels: frozenset[str]
    behavior: Literal["include", "exclude"]
    expires_ms: int
    told_ms: int = 0


@dataclass(slots=True)
class GmailBox:
    """Of one mailbox. `drafts` goes from draft id to message sequence, `draft_ids` back; `watches` by project."""

    name: str = ""
    drafts: dict[str, int] = field(default_factory=dict)
    draft_ids: dict[int, str] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    watches: dict[str, Watch] = field(default_factory=dict)
    sends_ms: list[int] = field(default_factory=list)
    postings: Postings = field(default_factory=Postings)
