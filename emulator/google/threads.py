"""threads: list, get, modify, trash, delete."""

from __future__ import annotations

from emulator.google import ids, listing, scopes, shapes
from emulator.google.call import Call, Method
from emulator.google.content import snippet
from emulator.google.errors import not_found
from emulator.google.messages import label_changes, reference, relabel, resource, to_trash
from emulator.google.params import TEXTS, Param
from emulator.google.search.find import Search
from emulator.google.shapes import Json
from emulator.message import Message


def methods() -> list[Method]:
    get = {"format": Param(choices=("full", "metadata", "minimal")), "metadataHeaders": TEXTS}
    read, write, delete = scopes.READ_HEADERS, scopes.WRITE, scopes.DELETING
    one, answer = "threads/{id}", shapes.THREAD
    return [
        Method("threads.list", "GET", "threads", read, list_threads, listing.LIST, answer=shapes.THREADS),
        Method("threads.get", "GET", one, read, get_thread, get, answer=answer),
        Method("threads.modify", "POST", f"{one}/modify", write, modify, body=shapes.MODIFY, answer=answer),
        Method("threads.trash", "POST", f"{one}/trash", write, trash, answer=answer),
        Method("threads.untrash", "POST", f"{one}/untrash", write, untrash, answer=answer),
        Method("threads.delete", "DELETE", one, delete, delete_thread),
    ]


def list_threads(call: Call) -> Json:
    """A thread stands where its newest message stands that was found."""

    def newest_found(search: Search, message: Message) -> bool:
        newer = [each for each in call.box.in_thread(message.thread) if each.key > message.key]
        return not any(search.matches(each) for each in newer)

    page = listing.page(call, keep=newest_found)
    return page.envelope("threads", [_summary(call, each.thread) for each in page.messages])


def get_thread(call: Call) -> Json:
    messages = _messages(call)
    form = call.query.choice("format", "full")
    return {
        "id": messages[0].gmail_thread_id,
        "historyId": str(max(each.change for each in messages)),
        "messages": [resource(call, each, form) for each in messages],
    }


def modify(call: Call) -> Json:
    messages = _messages(call)
    add, remove = label_changes(call)
    for message in messages:
        relabel(call, message, add, remove)
    return _references(messages)


def trash(call: Call) -> Json:
    messages = _messages(call)
    for message in messages:
        to_trash(call, message)
    return _references(messages)


def untrash(call: Call) -> Json:
    messages = _messages(call)
    for message in messages:
        call.box.relabel(message, remove=["TRASH"])
    return _references(messages)


def delete_thread(call: Call) -> None:
    for message in _messages(call):
        call.box.delete(message)


def _messages(call: Call) -> list[Message]:
    messages = call.box.in_thread(ids.number(call.path["id"]))
    if not messages:
        raise not_found()
    return messages


def _references(messages: list[Message]) -> Json:
    return {"id": messages[0].gmail_thread_id, "messages": [reference(each) for each in messages]}


def _summary(call: Call, thread: int) -> Json:
    messages = call.box.in_thread(thread)
    answer: Json = {"id": f"{thread:016x}", "historyId": str(max(each.change for each in messages))}
    if not call.headers_only:
        answer["snippet"] = snippet(messages[-1])
    return answer
