"""messages.send, and drafts: list, get, create, update, delete, send.

A draft keeps its id; the message under it is a new one at each update, as with Gmail's own autosave.
"""

from __future__ import annotations

from emulator.google import listing, outgoing, scopes, shapes
from emulator.google.call import Call, Method
from emulator.google.errors import invalid, not_found
from emulator.google.messages import FORMATS, reference, resource
from emulator.google.params import Param
from emulator.google.shapes import Json
from emulator.message import Message


def methods() -> list[Method]:
    get = {"format": Param(choices=FORMATS)}
    read, write = scopes.READ_DRAFTS, scopes.WRITE_DRAFTS
    one, shape = "drafts/{id}", shapes.DRAFT
    sent = shapes.MESSAGE
    return [
        Method(
            "messages.send", "POST", "messages/send", scopes.SENDING, send_message, body=sent, answer=sent, media=True
        ),
        Method("drafts.list", "GET", "drafts", read, list_drafts, listing.DRAFT_LIST, answer=shapes.DRAFTS),
        Method("drafts.get", "GET", one, read, get_draft, get, answer=shape),
        Method("drafts.create", "POST", "drafts", write, create, body=shape, answer=shape, media=True),
        Method("drafts.update", "PUT", one, write, update, body=shape, answer=shape, media=True),
        Method("drafts.delete", "DELETE", one, write, delete),
        Method("drafts.send", "POST", "drafts/send", write, send, body=shape, answer=sent, media=True),
    ]


def send_message(call: Call) -> Json:
    raw = outgoing.raw_message(call, call.body, "raw")
    thread = outgoing.asked_thread(call, call.body)
    return reference(outgoing.send(call, outgoing.as_own(call, raw), thread))


def list_drafts(call: Call) -> Json:
    page = listing.page(call, labels=["DRAFT"])
    items = [
        {"id": _id_of(call, each), "message": {"id": each.gmail_id, "threadId": each.gmail_thread_id}}
        for each in page.messages
    ]
    return page.envelope("drafts", items)


def get_draft(call: Call) -> Json:
    draft_id = call.path["id"]
    message = _find(call, draft_id)
    return {"id": draft_id, "message": resource(call, message, call.query.choice("format", "full"))}


def create(call: Call) -> Json:
    message = _add(call)
    return {"id": _id_of(call, message), "message": reference(message)}


def update(call: Call) -> Json:
    draft_id = call.path["id"]
    message = _replace(call, draft_id, _find(call, draft_id))
    return {"id": draft_id, "message": reference(message)}


def delete(call: Call) -> None:
    draft_id = call.path["id"]
    message = _find(call, draft_id)
    _forget(call, draft_id, message)
    call.box.delete(message)


def send(call: Call) -> Json:
    """A message in the body replaces the draft's first. The draft ends, its thread goes on."""
    draft_id = str(call.body.get("id") or "")
    if not draft_id:
        raise invalid("Missing draft id")
    message = _find(call, draft_id)
    if call.media is not None or (call.body.get("message") or {}).get("raw"):
        message = _replace(call, draft_id, message)
    sent = outgoing.send(call, message.raw, message.thread, keep_thread=True)
    _forget(call, draft_id, message)
    call.box.delete(message)
    return reference(sent)


def _add(call: Call) -> Message:
    message: Json = call.body.get("message") or {}
    raw = outgoing.raw_message(call, message, "message.raw")
    thread = outgoing.asked_thread(call, message)
    return call.box.add(outgoing.as_own(call, raw), folder="drafts", thread=thread)


def _replace(call: Call, draft_id: str, old: Message) -> Message:
    """The new message before the old one goes, so that a thread of one draft keeps its id."""
    message: Json = call.body.get("message") or {}
    raw = outgoing.as_own(call, outgoing.raw_message(call, message, "message.raw"))
    thread = outgoing.asked_thread(call, message) if message.get("threadId") else old.thread
    new = call.box.add(raw, folder="drafts", thread=thread, keep_thread=thread == old.thread)
    _forget(call, draft_id, old)
    call.box.delete(old)
    call.state.drafts[draft_id] = new.seq
    call.state.draft_ids[new.seq] = draft_id
    return new


def _find(call: Call, draft_id: str) -> Message:
    message = call.box.get(call.state.drafts.get(draft_id, 0))
    if message is None:
        raise not_found()
    return message


def _id_of(call: Call, message: Message) -> str:
    """The draft's id; a draft that came by other ways gets its own when first seen."""
    state = call.state
    known = state.draft_ids.get(message.seq)
    if known is None:
        known = f"r{call.box.dice.bits(63)}"
        state.drafts[known] = message.seq
        state.draft_ids[message.seq] = known
    return known


def _forget(call: Call, draft_id: str, message: Message) -> None:
    call.state.drafts.pop(draft_id, None)
    call.state.draft_ids.pop(message.seq, None)
