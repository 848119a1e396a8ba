"""Ids, change keys and conversation indexes as a caller gets and gives them."""

from __future__ import annotations

import binascii
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

from starlette.responses import Response

from emulator.graphids import IdKind
from emulator.mailbox import Mailbox
from emulator.message import Message
from emulator.microsoft import errors
from emulator.microsoft.calls import USER, Call, answer
from emulator.microsoft.paths import Rule
from emulator.places import WELL_KNOWN_FOLDERS, Folder

MAX_IDS = 1000
ROOT_FOLDER = Folder(key="", name="Top of Information Store", number=0)
_KINDS = {kind.value: kind for kind in IdKind}
_ID_TYPES = frozenset({"entryId", "ewsId", "immutableEntryId", "restId", "restImmutableEntryId"})
# Names that Exchange knows and this mailbox never has.
_ABSENT = frozenset(
    {
        "clutter",
        "conflicts",
        "localfailures",
        "recoverableitemsdeletions",
        "scheduled",
        "searchfolders",
        "serverfailures",
        "syncissues",
    }
)


def find_message(call: Call) -> Message:
    """The message of the first key, in the folder of the path if it went through one."""
    found = message_named(call.mailbox, call.keys[0])
    if call.folder is not None and found.folder != find_folder(call.mailbox, call.folder).key:
        raise errors.item_not_found()
    return found


def message_named(mailbox: Mailbox, text: str) -> Message:
    """By either id. Raises 400 for what is no id, 404 for what is gone, moved (classic) or another's."""
    found = mailbox.by_graph_id(text)
    if found is not None:
        return found
    raise errors.item_not_found() if _id_shaped(text) else errors.malformed_id()


def find_folder(mailbox: Mailbox, text: str) -> Folder:
    """By id or well-known name; `msgfolderroot` is the folder above all."""
    if text.casefold() == "msgfolderroot" or text == folder_id(mailbox, ROOT_FOLDER):
        return ROOT_FOLDER
    found = mailbox.folder_by_graph_id(text)
    if found is not None:
        return found
    if text.casefold() in _ABSENT | WELL_KNOWN_FOLDERS.keys():
        raise errors.folder_not_found()
    raise errors.item_not_found() if _id_shaped(text) else errors.malformed_id()


def folder_id(mailbox: Mailbox, folder: Folder) -> str:
    return mailbox.ids.make(IdKind.FOLDER, folder.number)


def change_key(mailbox: Mailbox, change: int) -> str:
    """As Exchange's: a type byte, its length, and what counts up."""
    box = blake2b(mailbox.address.encode(), digest_size=14).digest()
    return b64encode(b"\x09\x00\x00\x00\x16\x00\x00\x00" + box + change.to_bytes(8, "big")).decode("ascii")


def etag(mailbox: Mailbox, change: int) -> str:
    return f'W/"{change_key(mailbox, change)}"'


def conversation_index(message: Message) -> str:
    """22 bytes that a thread shares and 5 more for each message but its first (MS-OXOMSG 2.2.1.3)."""
    guid = blake2b(f"thread:{message.thread}".encode(), digest_size=16).digest()
    head = b"\x01" + (message.thread >> 20).to_bytes(8, "big")[-5:] + guid
    block = (message.date_ms // 1000 & 0xFFFFFFFF).to_bytes(4, "big") + b"\x10"
    return b64encode(head if message.gid == message.thread else head + block).decode("ascii")


def attachment_id(mailbox: Mailbox, message: Message, mark: str, *, immutable: bool) -> str:
    """The message's id with a tail that names the part of the mark (see content.Part)."""
    return mailbox.graph_id(message, immutable=immutable).rstrip("=")[:-4] + attachment_tail(mark)


def attachment_tail(mark: str) -> str:
    return "ABEgAQA" + urlsafe_b64encode(blake2b(mark.encode(), digest_size=16).digest()).decode("ascii")


def translate(call: Call) -> Response:
    """POST /me/translateExchangeIds, between classic and immutable REST ids."""
    values = call.parameters({"inputIds", "targetIdType", "sourceIdType"})
    given = values.get("inputIds")
    for name in ("targetIdType", "sourceIdType"):
        if values.get(name) not in _ID_TYPES:
            raise errors.bad_body(
                f"The value of '{name}' is not valid for the type 'microsoft.graph.exchangeIdFormat'."
            )
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise errors.bad_body("The property 'inputIds' wants a collection of strings.")
    if len(given) > MAX_IDS:
        raise errors.bad_request(f"The number of ids exceeds the maximum of {MAX_IDS}.")
    immutable = "immutable" in str(values["targetIdType"]).lower()
    return answer(
        call,
        {"value": [_translated(call, each, immutable=immutable) for each in given]},
        context="Collection(microsoft.graph.convertIdResult)",
    )


def _translated(call: Call, given: str, *, immutable: bool) -> dict[str, object]:
    message = call.mailbox.by_graph_id(given)
    if message is not None:
        return {"sourceId": given, "targetId": call.mailbox.graph_id(message, immutable=immutable)}
    error = errors.item_not_found() if _id_shaped(given) else errors.malformed_id()
    return {"sourceId": given, "errorDetails": {"code": error.code, "message": error.message}}


def _id_shaped(text: str) -> bool:
    """Whether it reads as an Exchange id at all, be it of another mailbox."""
    try:
        blob = urlsafe_b64decode(text.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        return False
    return blob[:4] in _KINDS and len(blob) in {89, 113}


RULES = [Rule("POST", "me/translateExchangeIds", translate, USER)]
