"""The pages about emails, with something on each to look at."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from contacts.models import Contact
from contacts.queries import visible_contacts
from crm.lib.tenancy import tenant_scope
from emails.models import Email, Source
from tests.conftest import Northwind
from tests.emails.factory import door_of, index_words, make_email, make_message
from tests.functional import contact_pages, mailbox_pages

#: A red pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
TEXT = """Thanks Alice, the 4th works.

One thing: can the last pallet go to our second warehouse in Vénissieux? Paul (in copy) will be there from 8
and can sign for it. I attach the floor plan, gate C is the right one: https://atelier-lyon.example/gates

Best,
Ines

On Mon, 2 Nov 2026 at 10:00, Alice Lindqvist <alice@northwind.example> wrote:
> Can you confirm the dates below so that I can book the carrier?"""
RICH = f"""From: Ines Moreau <ines@atelier-lyon.example>
To: Alice Lindqvist <alice@northwind.example>
Cc: Paul Girard <paul@atelier.example>, logistics@atelier-lyon.example
Subject: Re: Delivery dates for the Lyon order
Date: Mon, 02 Mar 2026 10:42:00 +0100
Message-ID: <rich@atelier-lyon.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="m"

--m
Content-Type: multipart/related; boundary="r"

--r
Content-Type: text/html; charset=utf-8

<html><head><title>Not shown</title><style>p {{ color: red }}</style></head><body style="font-family: Georgia">
<p>Thanks Alice, <b>the 4th works</b>.</p>
<p>Gate C is the right one: <img src="cid:plan@atelier" width="60" height="40" alt="Plan"></p>
<script>document.title = "ran"</script>
<img src="https://tracker.example/open.gif?id=1" width="1" height="1" alt="">
<table bgcolor="#eef" cellpadding="8" width="100%"><tr><td>Pallets</td><td align="right">24</td></tr></table>
<div class="gmail_quote"><div>On Mon, 2 Nov 2026 at 10:00, Alice &lt;alice@northwind.example&gt; wrote:<br></div>
<blockquote>Can you confirm the dates below?</blockquote></div>
</body></html>
--r
Content-Type: image/png; name="plan.png"
Content-ID: <plan@atelier>
Content-Disposition: inline; filename="plan.png"
Content-Transfer-Encoding: base64

{PIXEL}
--r--
--m
Content-Type: application/pdf; name="gate-plan.pdf"
Content-Disposition: attachment; filename="gate-plan.pdf"
Content-Transfer-Encoding: base64

{b64encode(b"%PDF-1.4" * 2_000).decode()}
--m
Content-Type: application/vnd.ms-excel; name="pallets.xlsx"
Content-Disposition: attachment; filename="pallets.xlsx"
Content-Transfer-Encoding: base64

{b64encode(b"cells" * 700).decode()}
--m--
""".encode()


def _time(**ago: float) -> datetime:
    return timezone.now() - timedelta(**ago)


def fill(cast: Northwind) -> tuple[Contact, Email, Email]:
    """A few weeks of mail; answers Ines, her email in plain text and the one in HTML."""
    ines = contact_pages.fill(cast)
    by_name = {contact.first_name: contact for contact in visible_contacts(cast.alice)}
    tomasz, priya, paul = by_name["Tomasz"], by_name["Priya"], by_name["Paul"]
    first = make_email(
        ines,
        subject="Delivery dates for the Lyon order",
        sent_at=_time(days=3),
        direction=Email.Direction.OUTGOING,
        sender=("Alice Lindqvist", "alice@northwind.example"),
        to=["ines@atelier-lyon.example", "paul@atelier.example"],
        snippet="Can you confirm the dates below so that I can book the carrier?",
        seen_by=cast.alice,
    )
    _seen(first, cast.ada)
    plain = make_email(
        ines,
        paul,
        subject="Re: Delivery dates for the Lyon order",
        sent_at=_time(minutes=40),
        to=["alice@northwind.example", "paul@atelier.example", "logistics@atelier-lyon.example"],
        snippet=TEXT[:150].replace("\n", " "),
        text=TEXT,
        thread=first.thread,
        seen_by=cast.alice,
    )
    rich = make_message(
        RICH,
        ines,
        to=["alice@northwind.example", "paul@atelier.example", "logistics@atelier-lyon.example"],
        sent_at=_time(hours=2),
        seen_by=cast.bob,
    )
    _others(cast, tomasz, priya)
    return ines, plain, rich


def _others(cast: Northwind, tomasz: Contact, priya: Contact) -> None:
    make_email(
        tomasz,
        subject="Contract draft v3",
        sender=("Tomasz Kowal", "tomasz@kowal.example"),
        sent_at=_time(hours=3),
        snippet="Attached with the two changes we talked about on the phone.",
        has_attachments=True,
    )
    make_email(
        priya,
        subject="Photos of the whole range in full resolution",
        sender=("Priya Bose", "priya@bose.example"),
        sent_at=_time(days=1),
        snippet="",
        text="",
        problem="too-large",
        size=61_000_000,
    )
    for number in range(8):
        make_email(
            priya,
            tomasz,
            subject=f"Invoice {2231 + number}, and a subject that is a good deal longer than any list has room for",
            sender=("", "a.rather.long.address.of.somebody.without.a.name@bose-and-daughters.example"),
            sent_at=_time(days=20 + 5 * number),
            snippet="Hi, could you resend the invoice with our new VAT number? " * 3,
        )


def _seen(email: Email, member: Membership) -> None:
    Source.objects.create(email=email, door=door_of(member), key=f"also-{email.pk}")


def listed(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        fill(cast)
    return reverse("email_list")


def long(cast: Northwind) -> str:
    """More than a page has room for: "Nr 0" to "Nr 69"."""
    with tenant_scope(cast.tenant.pk):
        ines = contact_pages.fill(cast)
        for number in range(70):
            make_email(ines, subject=f"Nr {number}", sent_at=_time(hours=number))
    return reverse("email_list")


def tracked(cast: Northwind) -> str:
    """Sent from here, opened and not; beside mailboxes that do well and not."""
    mailbox_pages.several(cast)
    with tenant_scope(cast.tenant.pk):
        contact_pages.fill(cast)
        priya = visible_contacts(cast.alice).get(first_name="Priya")
        from_alice: dict[str, Any] = {
            "sender": ("Alice Lindqvist", "alice@northwind.example"),
            "direction": Email.Direction.OUTGOING,
            "to": ["priya@bose.example", "yuki@hanami.example"],
            "is_tracked": True,
        }
        opened: dict[str, Any] = {"opens": 3, "first_opened_at": _time(hours=1), "last_opened_at": _time(minutes=8)}
        make_email(priya, subject="Quote Q-1042", sent_at=_time(hours=2), has_quote=True, **from_alice, **opened)
        make_email(priya, subject="Spring range", sent_at=_time(days=2), **from_alice)
    return f"{reverse('email_list')}?box=tracked"


def sent(cast: Northwind) -> str:
    return f"{listed(cast)}?box=sent"


def to_search(cast: Northwind) -> str:
    """With words to find."""
    path = listed(cast)
    with tenant_scope(cast.tenant.pk):
        index_words()
    return path


def searched(cast: Northwind) -> str:
    """With hits, and with what cannot be understood."""
    return f"{to_search(cast)}?q=lyon+tag%3Anone"


def plain(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        return reverse("email_detail", args=[fill(cast)[1].pk])


def rich(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        return reverse("email_detail", args=[fill(cast)[2].pk])


def headers_only(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        fill(cast)
        return reverse("email_detail", args=[Email.objects.get(problem="too-large").pk])


def timeline(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        return reverse("contact_detail", args=[fill(cast)[0].pk])


def emails_of_a_contact(cast: Northwind) -> str:
    return f"{timeline(cast)}?tab=emails"


def empty_timeline(cast: Northwind) -> str:
    with tenant_scope(cast.tenant.pk):
        fill(cast)
        lena = visible_contacts(cast.alice).get(first_name="Lena")
        return f"{reverse('contact_detail', args=[lena.pk])}?tab=emails"


def activity(cast: Northwind) -> str:
    """A month of the team's mail."""
    listed(cast)
    with tenant_scope(cast.tenant.pk):
        for number, email in enumerate(Email.objects.order_by("pk")):
            for member in (cast.alice, cast.ada, cast.bob)[: 1 + number % 3]:
                Source.objects.get_or_create(email=email, door=door_of(member), key=f"activity-{email.pk}")
    return reverse("activity")
