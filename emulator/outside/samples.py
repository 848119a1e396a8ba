"""Tricky mails, ready to send: each is what a mail product meets in its first weeks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from emulator import rfc822
from emulator.generator import bulletins, files, mime, quoting
from emulator.generator.files import Meeting
from emulator.generator.quoting import Body, Original
from emulator.message import Message
from emulator.world import World

INES = ("Ines Moreau", "ines@atelier-lyon.example")
_PIXEL = '<img src="https://img.toolshed.example/open/8431.gif" width="1" height="1" alt="">'
_HOSTILE = (
    "<p>Please read the offer below.</p><script>document.title='ran'</script>"
    "<img src=x onerror=\"document.title='ran'\"><svg onload=\"document.title='ran'\"></svg>"
    "<a href=\"javascript:document.title='ran'\">Open the offer</a>"
    '<form action="/_control/reset" method="post"><button>Accept</button></form>'
    '<meta http-equiv="refresh" content="0;url=https://elsewhere.test/">'
    "<style>body{background:url(https://elsewhere.test/seen.png)}</style>"
    '<iframe src="https://elsewhere.test/"></iframe>'
)


@dataclass(frozen=True, slots=True)
class Ask:
    """Who sends the sample to whom; `answered` is the newest message that the recipient sent, if any."""

    world: World
    sender: mime.Mailto
    to: mime.Mailto
    answered: Message | None

    def headers(self, subject: str, *more: mime.Field, sender: mime.Mailto | None = None) -> list[mime.Field]:
        return [
            *more,
            mime.people("From", [sender or self.sender]),
            mime.people("To", [self.to]),
            mime.header("Subject", subject),
            ("MIME-Version", "1.0"),
        ]

    @property
    def dice(self) -> Random:
        return Random(self.world.clock.now_ms())  # noqa: S311  # Variety, not secrets.


@dataclass(frozen=True, slots=True)
class Sample:
    """`expect` says what a careful product does with it."""

    title: str
    expect: str
    make: Callable[[Ask], bytes]


def _newsletter(ask: Ask) -> bytes:
    domain, title = "toolshed.example", "Ten clamps that changed our workshop"
    body = bulletins.body("newsletter", "Sharp, strong, and back in stock.", title=title, domain=domain, code="8431")
    more = bulletins.headers("newsletter", domain=domain, code="8431")
    return _both(body).as_bytes(ask.headers(title, *more, sender=("Toolshed", f"offers@{domain}")))


def _auto_reply(ask: Ask) -> bytes:
    more = (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"), *_citing(ask))
    text = "Thank you for your message. I am away until Monday and will answer then."
    return mime.text(text).as_bytes(ask.headers("Automatic reply: out of the office", *more))


def _odd_charset(ask: Ask) -> bytes:
    part = mime.text("Le prix est de 1 200 € pour le chêne fumé, à bientôt.", charset="windows-1252")
    return mime.retyped(part, 'text/plain; charset="x-user-defined"').as_bytes(ask.headers("Prix du chêne fumé"))


def _japanese(ask: Ask) -> bytes:
    text = "いつもお世話になっております。\n納期をご確認ください。\nよろしくお願いいたします。"
    sender = ("森 悠斗", "h.mori@tanaka.example")
    headers = [
        mime.people("From", [sender], "iso-2022-jp"),
        mime.people("To", [ask.to]),
        mime.header("Subject", "納期について", "iso-2022-jp"),
        ("MIME-Version", "1.0"),
    ]
    return mime.text(text, charset="iso-2022-jp").as_bytes(headers)


def _large_attachment(ask: Ask) -> bytes:
    part = mime.text("The scan of the drawings is attached. It is a large one.")
    scan = mime.file("drawings.bin", "application/octet-stream", ask.dice.randbytes(5_000_000))
    return mime.multipart("mixed", [part, scan]).as_bytes(ask.headers("Drawings, 5 MB"))


def _invitation(ask: Ask) -> bytes:
    now = ask.world.clock.now().replace(minute=0, second=0, microsecond=0)
    meeting = Meeting(
        uid=f"{ask.world.dice.hex(16)}@{ask.sender[1].rpartition('@')[2]}",
        title="Site meeting, gate C",
        start=now + timedelta(days=7),
        stamp=now,
        place="Lyon",
        people=(ask.sender[1], ask.to[1]),
    )
    calendar = files.invitation(meeting)
    versions = [
        mime.text("You are invited: site meeting, gate C."),
        mime.retyped(mime.text(calendar), 'text/calendar; charset="utf-8"; method=REQUEST'),
    ]
    attached = mime.file("invite.ics", "application/ics", calendar.replace("\n", "\r\n").encode())
    part = mime.multipart("mixed", [mime.multipart("alternative", versions), attached])
    return part.as_bytes(ask.headers("Invitation: site meeting, gate C"))


def _tracking_pixel(ask: Ask) -> bytes:
    body = Body("Did you see our offer?", f"<p>Did you see our offer?</p>{_PIXEL}")
    return _both(body).as_bytes(ask.headers("Did you see our offer?"))


def _unknown_address(ask: Ask) -> bytes:
    subject = f"Re: {rfc822.decode(ask.answered.head.subject)}" if ask.answered else "Re: Delivery dates"
    sender = (ask.sender[0], "private.address@mail.test")
    text = f"I write from my own address, the office mail is down. That date suits us.\n\n{ask.sender[0].split()[0]}"
    return mime.text(text).as_bytes(ask.headers(subject, *_citing(ask), sender=sender))


def _bounce(ask: Ask) -> bytes:
    reporter = f"mailer-daemon@{ask.to[1].rpartition('@')[2]}"
    original = ask.answered.raw if ask.answered else b"Subject: Delivery dates\r\n\r\n"
    part = bulletins.bounce(original, lost="nobody@atelier-lyon.example", reporter=reporter)
    more = (("Auto-Submitted", "auto-replied"), *_citing(ask))
    sender = ("Mail Delivery System", reporter)
    return part.as_bytes(ask.headers("Undelivered Mail Returned to Sender", *more, sender=sender))


def _bare(ask: Ask) -> bytes:
    return f"From: {ask.sender[1]}\r\nTo: {ask.to[1]}\r\n\r\nNo subject, no MIME, nothing but these words.\r\n".encode()


def _hostile(ask: Ask) -> bytes:
    return _both(Body("Please read the offer below.", _HOSTILE)).as_bytes(ask.headers("An offer"))


def _inline_picture(ask: Ask) -> bytes:
    picture = files.make("logo.png", ask.dice)
    html = mime.text('<p>This is our new mark:</p><p><img src="cid:logo@here" alt="A mark"></p>', subtype="html")
    shown = mime.file(picture.name, picture.content_type, picture.content, content_id="logo@here")
    return mime.multipart("related", [html, shown]).as_bytes(ask.headers("Our new mark"))


def _forward_german(ask: Ask) -> bytes:
    words = quoting.own_words("Zur Info, bitte übernehmen.", "outlook")
    original = Original(
        name="Lena Sommer",
        address="lena@sommer.example",
        to=(f"{ask.sender[0]} <{ask.sender[1]}>",),
        cc=(),
        subject="Termin nächste Woche",
        date=ask.world.clock.now() - timedelta(days=1),
        body=Body("Dienstag 14 Uhr passt gut.", "<p>Dienstag 14 Uhr passt gut.</p>"),
    )
    body = quoting.forward(words, original, "outlook", "de")
    return _both(body).as_bytes(ask.headers("WG: Termin nächste Woche"))


def _broken_header(ask: Ask) -> bytes:
    subject = "=?utf-8?q?Offer=0D=0ABcc:_everybody=40elsewhere.test?="
    lines = [f"From: {ask.sender[0]}, Buyer <{ask.sender[1]}>", f"To: {ask.to[1]}", f"Subject: {subject}"]
    return ("\r\n".join(lines) + "\r\nX-Raw: ").encode() + b"caf\xe9\r\n\r\nA header with a line end inside.\r\n"


def _many_people(ask: Ask) -> bytes:
    crowd = [(f"Guest {number}", f"guest{number}@fernhill.example") for number in range(1, 301)]
    headers = [*ask.headers("To all our guests"), mime.people("Cc", crowd)]
    return mime.text("Three hundred people are on copy.").as_bytes(headers)


def _both(body: Body) -> mime.Part:
    return mime.multipart("alternative", [mime.text(body.plain), mime.text(body.html, subtype="html")])


def _citing(ask: Ask) -> tuple[mime.Field, ...]:
    if ask.answered is None or not ask.answered.head.message_id:
        return ()
    return (
        mime.ids("In-Reply-To", [ask.answered.head.message_id]),
        mime.ids("References", [*ask.answered.head.references, ask.answered.head.message_id]),
    )


SAMPLES: dict[str, Sample] = {
    "newsletter": Sample(
        "Newsletter", "From nobody in the CRM: it stays out, and its pixel is never loaded.", _newsletter
    ),
    "auto-reply": Sample(
        "Automatic reply", "Stored like any mail of a contact, and never answered by a machine.", _auto_reply
    ),
    "odd-charset": Sample(
        "Odd charset", "Declares a charset that nobody knows. The euro and the accents show.", _odd_charset
    ),
    "japanese": Sample("Japanese, ISO-2022-JP", "Seven-bit Japanese of old. Subject, name and text show.", _japanese),
    "large": Sample("5 MB attachment", "Arrives whole, and the mailbox goes on meanwhile.", _large_attachment),
    "invitation": Sample("Calendar invitation", "The text shows, the invitation is offered as a file.", _invitation),
    "pixel": Sample(
        "HTML with a tracking pixel", "Nothing is loaded from elsewhere until somebody asks.", _tracking_pixel
    ),
    "unknown": Sample(
        "Reply from an unknown address",
        "Answers the newest thread, but its sender is no contact: stored only if somebody else in it is one.",
        _unknown_address,
    ),
    "bounce": Sample("Bounce", "A delivery report. No loop, no contact, no reply.", _bounce),
    "bare": Sample("No subject, no MIME", "Two headers and a line. It is mail all the same.", _bare),
    "hostile": Sample("Hostile HTML", "Scripts, forms, frames, a refresh. Nothing runs, nothing loads.", _hostile),
    "inline": Sample("Inline picture", "Shows in the text, and is not listed as an attachment.", _inline_picture),
    "forward": Sample(
        "Forward by a German Outlook", "Sent to a capture address, Lena Sommer is found as its sender.", _forward_german
    ),
    "header": Sample("Header injection", "A line end hides in the subject. Nobody gets a blind copy.", _broken_header),
    "crowd": Sample("300 people on copy", "One message, many parties, one row in the list.", _many_people),
}
