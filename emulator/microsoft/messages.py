"""Messages: listed, read, marked, moved, copied and deleted."""

from __future__ import annotations

from starlette.responses import Response

from emulator import rfc822
from emulator.message import Message
from emulator.microsoft import content, drafts, errors, expansions, ids, lists, options
from emulator.microsoft.calls import READ, READ_BASIC, WRITE, Call, answer, no_content
from emulator.microsoft.errors import GraphError
from emulator.microsoft.paths import Rule
from emulator.microsoft.properties import message_json
from emulator.places import Folder
from emulator.rfc822 import bare_subject


def list_messages(call: Call) -> Response:
    """The whole mailbox, Deleted Items and chats included, or one folder."""
    folder = ids.find_folder(call.mailbox, call.keys[0]) if call.keys else None
    wanted = options.read(call)
    if wanted.search is not None and not call.scopes & READ:
        raise errors.access_denied()
    inside = f"/mailFolders('{call.keys[0]}')" if call.keys else ""
    selected = f"({','.join(wanted.select)})" if wanted.select else ""
    context = f"users('{call.user}'){inside}/messages{selected}"
    return answer(call, lists.page(call, folder, wanted), context=context)


def count_messages(call: Call) -> Response:
    """`/$count`: a number as text."""
    folder = ids.find_folder(call.mailbox, call.keys[0]) if call.keys else None
    number = lists.Scan(call, folder.key if folder else None, options.read(call)).count()
    return Response(str(number), media_type="text/plain")


def get_message(call: Call) -> Response:
    message = ids.find_message(call)
    options.refuse_unknown(call.query, {"$select", "$expand", "$format"})
    values = message_json(call, message, options.read_select(call))
    values |= expansions.of(call, message, expansions.read(call.query.get("$expand", "")))
    context = f"users('{call.user}')/messages/$entity"
    return answer(call, values, context=context, etag=values["@odata.etag"])


def get_mime(call: Call) -> Response:
    """The message as Exchange writes it anew: the same parts, but neither line ends nor headers as they came."""
    return Response(exchange_mime(ids.find_message(call)), media_type="text/plain")


def exchange_mime(message: Message) -> bytes:
    raw = message.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    topic = bare_subject(message.head.subject)
    own = [
        ("Thread-Topic", topic if topic.isascii() else ""),
        ("Thread-Index", ids.conversation_index(message)),
        ("X-MS-Has-Attach", "yes" if content.read(message.raw).has_attachments else ""),
        ("X-MS-TNEF-Correlator", ""),
    ]
    return rfc822.append(rfc822.remove(raw, *(name for name, _ in own)), own)


def patch_message(call: Call) -> Response:
    """Marks always, everything else while it is a draft; `If-Match` guards against a change in between."""
    message = ids.find_message(call)
    require_match(call, message)
    drafts.update(call.mailbox, call.world, message, call.json())
    values = message_json(call, message)
    context = f"users('{call.user}')/messages/$entity"
    return answer(call, values, context=context, etag=values["@odata.etag"])


def move_message(call: Call) -> Response:
    """POST move {destinationId}: 201 with the message, which has another classic id now."""
    message = ids.find_message(call)
    call.mailbox.move(message, _destination(call).key)
    return drafts.created(call, message)


def copy_message(call: Call) -> Response:
    message = ids.find_message(call)
    folder = _destination(call)
    flags = message.labels & {"UNREAD", "DRAFT"}
    twin = call.mailbox.add(
        message.raw,
        folder=folder.key,
        labels=flags - {"UNREAD"},
        read=message.is_read,
        date_ms=message.date_ms,
        categories=message.categories,
    )
    twin.extra.update(message.extra)
    return drafts.created(call, twin)


def delete_message(call: Call) -> Response:
    """To Deleted Items; out of these, for good."""
    message = ids.find_message(call)
    require_match(call, message)
    if message.folder == "deleteditems":
        call.mailbox.delete(message)
    else:
        call.mailbox.move(message, "deleteditems")
    return no_content()


def delete_for_good(call: Call) -> Response:
    """POST permanentDelete."""
    call.mailbox.delete(ids.find_message(call))
    return no_content()


def require_match(call: Call, message: Message) -> None:
    """RFC 9110 section 13.1.1, with Exchange's name for the refusal."""
    given = call.request.headers.get("if-match", "").strip()
    if given not in {"", "*", ids.etag(call.mailbox, message.change), ids.change_key(call.mailbox, message.change)}:
        raise errors.conflict()


def refuse_delta(_call: Call) -> Response:
    """Messages have a delta in their folder alone, whatever the metadata says."""
    raise errors.bad_request("Unsupported request: Change tracking is not supported against 'microsoft.graph.message'.")


def _destination(call: Call) -> Folder:
    wanted = call.parameters({"destinationId"}).get("destinationId")
    if not isinstance(wanted, str) or not wanted:
        raise GraphError(400, "ErrorInvalidRequest", "The parameter 'destinationId' is missing.")
    try:
        folder = ids.find_folder(call.mailbox, wanted)
    except GraphError as error:
        raise errors.folder_not_found() if error.status == 404 else error from error
    if not folder.key:
        raise errors.folder_not_found()
    return folder


RULES = [
    Rule("GET", "me/messages", list_messages, READ_BASIC),
    Rule("GET", "me/mailFolders/{}/messages", list_messages, READ_BASIC),
    Rule("GET", "me/messages/$count", count_messages, READ_BASIC),
    Rule("GET", "me/mailFolders/{}/messages/$count", count_messages, READ_BASIC),
    Rule("GET", "me/messages/delta", refuse_delta, READ_BASIC),
    Rule("GET", "me/messages/{}", get_message, READ_BASIC),
    Rule("GET", "me/messages/{}/$value", get_mime, READ),
    Rule("PATCH", "me/messages/{}", patch_message, WRITE),
    Rule("DELETE", "me/messages/{}", delete_message, WRITE),
    Rule("POST", "me/messages/{}/move", move_message, WRITE),
    Rule("POST", "me/messages/{}/copy", copy_message, WRITE),
    Rule("POST", "me/messages/{}/permanentDelete", delete_for_good, WRITE),
]
