"""The page of tricky mails: one click sends one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulator.delivery import UndeliverableError, deliver
from emulator.generator.people import ALICE
from emulator.outside import drafting, pages
from emulator.outside.pages import NotThereError
from emulator.outside.samples import INES, SAMPLES, Ask
from emulator.rfc822 import addresses
from emulator.world import World


def routes(world: World) -> list[Route]:
    return [
        pages.page(world, "/try", show),
        pages.page(world, "/try", send, ["POST"]),
    ]


async def show(world: World, request: Request) -> Response:
    query = request.query_params
    form = {"sender": query.get("from", f"{INES[0]} <{INES[1]}>"), "to": query.get("to", drafting.shown(ALICE.address))}
    return _page(world, form)


async def send(world: World, request: Request) -> Response:
    """Make the sample that the button names and deliver it to the one recipient, whoever else it names."""
    data = await pages.form_of(request)
    form = {name: pages.text_of(data, name) for name in ("sender", "to")}
    sample = SAMPLES.get(pages.text_of(data, "sample"))
    if sample is None:
        raise NotThereError("There is no such sample.")
    named = {name: addresses(value) for name, value in form.items()}
    errors = {name: "One address is wanted, such as name@company.example." for name in named if len(named[name]) != 1}
    if errors:
        return _page(world, form, errors=errors)
    sender, to = ((person.name, person.address) for each in named.values() for person in each)
    answered = next(iter(world.mailbox(to[1]).walk(labels=["SENT"])), None)
    try:
        outcome = deliver(world, sample.make(Ask(world, sender, to, answered)), recipients=[to[1]], sent_copy=False)
    except (UndeliverableError, UnicodeEncodeError) as error:
        return _page(world, form, errors={"to": f"This could not be sent: {error}."})
    box = world.mailbox(to[1])
    link = pages.message_url(box, outcome.copies[box.address])
    return _page(world, form, sent=(sample.title, pages.name_of(box.address), link))


def _page(
    world: World,
    form: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    sent: tuple[str, str, str] | None = None,
) -> Response:
    known = [(row.name, row.address) for row in pages.directory(world)[:300]]
    return pages.render(
        world,
        "try.html",
        status=422 if errors else 200,
        tab="try",
        form=form,
        errors=errors or {},
        sent=sent,
        samples=SAMPLES,
        known=known,
    )
