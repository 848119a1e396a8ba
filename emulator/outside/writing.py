"""Writing as anybody: a new mail, a reply, a forward."""

from __future__ import annotations

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulator.delivery import UndeliverableError, deliver
from emulator.generator.files import File
from emulator.message import Message
from emulator.outside import boxes, drafting, pages
from emulator.outside.drafting import Form
from emulator.outside.pages import NotThereError
from emulator.world import World

_MOST_SUGGESTED = 300


def routes(world: World) -> list[Route]:
    return [
        pages.page(world, "/write", show),
        pages.page(world, "/write", send, ["POST"]),
    ]


async def show(world: World, request: Request) -> Response:
    """An empty form, or with ?how= and ?of=address/id one that answers or forwards; ?from=, ?to=, ?style=."""
    query = request.query_params
    original = _original(world, query.get("of", ""))
    own = query.get("from", "") or query.get("of", "").rpartition("/")[0]
    form = Form(how=query.get("how", ""), of=query.get("of", ""), style=query.get("style", ""), to=query.get("to", ""))
    return _page(world, drafting.begin(form, original, own.lower()), original)


async def send(world: World, request: Request) -> Response:
    """Deliver what the form says, then show the sender's own copy."""
    data = await pages.form_of(request)
    form = _form(data)
    original = _original(world, form.of)
    written = drafting.draft(world, form, original, await _files(data))
    errors = written.errors
    if not errors:
        try:
            outcome = deliver(world, written.raw, sender=written.sender, recipients=written.recipients)
        except UndeliverableError as error:
            errors = {"to" if error.field == "recipients" else "sender": f"{error}."}
        else:
            box = world.mailbox(written.sender)
            copy = outcome.sent or next(iter(outcome.copies.values()))
            return RedirectResponse(f"{pages.message_url(box, copy)}?place=all&sent=1", 303)
    return _page(world, form, original, errors)


def _page(world: World, form: Form, original: Message | None, errors: dict[str, str] | None = None) -> Response:
    known = [(row.name, row.address) for row in pages.directory(world)[:_MOST_SUGGESTED]]
    return pages.render(
        world,
        "write.html",
        status=422 if errors else 200,
        form=form,
        errors=errors or {},
        title=drafting.HOW[form.how],
        original=original,
        known=known,
        styles={key: label for key, (label, _, _) in drafting.STYLES.items()},
    )


def _original(world: World, of: str) -> Message | None:
    """The message behind "address/id". Raises NotThereError for one that is not there."""
    if not of:
        return None
    address, _, number = of.rpartition("/")
    box = world.mailboxes.get(address.lower())
    message = boxes.by_id(box, number) if box else None
    if message is None:
        raise NotThereError("The message that this would answer is gone.")
    return message


def _form(data: FormData) -> Form:
    style, how = pages.text_of(data, "style"), pages.text_of(data, "how")
    return Form(
        sender=pages.text_of(data, "sender"),
        to=pages.text_of(data, "to"),
        cc=pages.text_of(data, "cc"),
        bcc=pages.text_of(data, "bcc"),
        subject=pages.text_of(data, "subject"),
        text=pages.text_of(data, "text"),
        html=pages.text_of(data, "html").strip(),
        rich=bool(pages.text_of(data, "rich")),
        how=how if how in drafting.HOW else "",
        of=pages.text_of(data, "of"),
        style=style if style in drafting.STYLES else "gmail",
    )


async def _files(data: FormData) -> list[File]:
    uploads = [each for each in data.getlist("files") if isinstance(each, UploadFile) and each.filename]
    return [
        drafting.file_of(each.filename or "", each.content_type or "", await each.read(drafting.MAX_ATTACHED + 1))
        for each in uploads
    ]
