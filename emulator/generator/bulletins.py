"""Mail that machines send: newsletters, receipts, codes, lists, spam, bounces."""

from __future__ import annotations

from html import escape

from emulator.generator import mime
from emulator.generator.plans import Kind
from emulator.generator.quoting import Body

LIST = ("Woodfolk", "talk@woodfolk.example")
_PIXEL = '<img src="https://img.{domain}/open/{code}.gif" width="1" height="1" alt="">'
_TABLE = '<table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0" border="0">'


def body(kind: Kind, text: str, *, title: str, domain: str, code: str) -> Body:
    """As such senders set it: tables, a remote picture, a link to unsubscribe."""
    paragraphs = "".join(f"<p>{escape(each, quote=False)}</p>" for each in text.split("\n\n"))
    if kind == "newsletter":
        link = f"https://www.{domain}/unsubscribe/{code}"
        plain = f"{title}\n{'=' * min(len(title), 60)}\n\n{text}\n\nUnsubscribe: {link}"
        html = (
            f'{_TABLE}<tr><td><img src="https://img.{domain}/head.png" width="600" height="120" alt="{escape(title)}">'
            f'</td></tr><tr><td style="font-family:Georgia,serif;font-size:16px"><h1>{escape(title)}</h1>'
            f'{paragraphs}</td></tr><tr><td style="font-size:12px;color:#777"><a href="{link}">Unsubscribe</a>'
            f"</td></tr></table>{_PIXEL.format(domain=domain, code=code)}"
        )
        return Body(plain, html)
    if kind in {"receipt", "code"}:
        box = "border:1px solid #ddd;border-radius:8px;padding:24px;font-family:Helvetica,Arial,sans-serif"
        return Body(text, f'{_TABLE}<tr><td style="{box}">{paragraphs}</td></tr></table>')
    return Body(text, paragraphs)


def headers(kind: Kind, *, domain: str, code: str) -> tuple[mime.Field, ...]:
    """What tells a machine's mail from a person's (RFC 2369, RFC 8058, RFC 3834)."""
    match kind:
        case "newsletter":
            return (
                ("List-Unsubscribe", f"<https://www.{domain}/unsubscribe/{code}>"),
                ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
                ("Precedence", "bulk"),
            )
        case "receipt" | "code" | "payroll":
            return (("Auto-Submitted", "auto-generated"),)
        case "list":
            return (
                ("List-Id", "Woodfolk <talk.woodfolk.example>"),
                ("List-Post", "<mailto:talk@woodfolk.example>"),
                ("Precedence", "list"),
                ("Sender", "talk-bounces@woodfolk.example"),
            )
        case _:
            return ()


def bounce(original: bytes, *, lost: str, reporter: str) -> mime.Part:
    """The body of a delivery report (RFC 3464): a sentence, the facts, and the headers of what was lost."""
    domain = reporter.rpartition("@")[2]
    facts = (
        f"Reporting-MTA: dns; mx.{domain}\n\nFinal-Recipient: rfc822; {lost}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such user here\n"
    )
    head = original.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    said = f"Your message to {lost} could not be delivered.\n\nThe address does not exist (550 5.1.1)."
    parts = [
        mime.text(said, charset="us-ascii"),
        mime.Part((("Content-Type", "message/delivery-status"),), facts.replace("\n", "\r\n").encode()),
        mime.Part((("Content-Type", "text/rfc822-headers"),), head),
    ]
    return mime.multipart("report", parts, more=" report-type=delivery-status;")
