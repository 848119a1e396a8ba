"""Lists of emails, newest first. A page costs the same number of queries whatever its length."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter

from django.db.models import Count, Min, Prefetch, QuerySet

from accounts.models import Membership
from contacts.queries import matching as matching_contacts
from crm.lib.pagination import Page, keyset_page
from emails.models import Email, Party
from emails.queries.hits import show_hits
from emails.queries.seeing import reveal, visible_emails, visible_links, with_readable
from emails.queries.wanted import Wanted, matching, newest_of_each_thread

NEWEST = ["-sent_at"]
#: Parties of an email that a list names; a mail to thousands has many more.
NAMED = 4


def email_page(member: Membership, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[Email]:
    """A page of the emails that a member can see, as `for_lists` brings them. Raises `BadCursor`."""
    if wanted.contact is not None:
        return _page_of_contact(member, wanted, cursor, limit)
    found = matching(member, wanted, in_order=True)
    page = keyset_page(for_lists(member, found), order=NEWEST, cursor=cursor, limit=limit)
    reveal(page.items)
    return page


def conversation_page(member: Membership, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[Email]:
    """The same folded: of each conversation the last email that is wanted. Raises `BadCursor`.

    Each has ``in_thread``: how many of its conversation the member can see, in whatever box; and ``senders``, as
    (address, name), each once.
    """
    newest = newest_of_each_thread(matching(member, wanted, in_order=True))
    page = keyset_page(for_lists(member, newest), order=NEWEST, cursor=cursor, limit=limit)
    reveal(page.items)
    count_threads(member, page.items)
    show_hits(page.items, wanted.search)
    return page


def count_threads(member: Membership, emails: Sequence[Email]) -> None:
    """Gives each email ``in_thread``, and ``senders``: who wrote in its conversation, in turn. One query."""
    threads = {email.thread_id for email in emails}
    seen = visible_emails(member).filter(thread__in=threads).order_by()
    sizes: Counter[int] = Counter()
    senders: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for thread, address, name, number, _ in sorted(
        seen.values_list("thread", "from_address", "from_name").annotate(Count("pk"), Min("sent_at")), key=itemgetter(4)
    ):
        sizes[thread] += number
        senders[thread].setdefault(address or name, name)
    for email in emails:
        email.in_thread = sizes.get(email.thread_id, 1)  # type: ignore[attr-defined]  # As an annotation would be.
        email.senders = list(senders[email.thread_id].items())  # type: ignore[attr-defined]  # The same.


def for_lists(member: Membership, emails: QuerySet[Email]) -> QuerySet[Email]:
    """The same without their texts, with first recipients and the links that the member sees: four queries in all.

    The recipients are in ``named``, the links, with their contacts by name, in ``shown_links``. They are to go through
    `seeing.reveal` before they are shown.
    """
    links = visible_links(member).select_related("contact").order_by("contact__sort_name", "contact_id")
    parties = Party.objects.filter(role__in=[Party.Role.TO, Party.Role.CC]).order_by("position")
    return (
        with_readable(member, emails)
        .defer("text", "search")
        .prefetch_related(
            Prefetch("links", links, to_attr="shown_links"),
            # The first ones alone: PostgreSQL counts them an email, with a window.
            Prefetch("parties", parties[:NAMED], to_attr="named"),
        )
    )


def _page_of_contact(member: Membership, wanted: Wanted, cursor: str | None, limit: int) -> Page[Email]:
    """One contact's emails: a walk along its links, however many emails others have."""
    others = matching(member, replace(wanted, contact=None))
    links = visible_links(member).filter(contact=wanted.contact, email__in=others)
    if wanted.criteria:
        links = links.filter(contact__in=matching_contacts(member, wanted.criteria))
    page = keyset_page(links, order=["-sent_at", "-email_id"], cursor=cursor, limit=limit)
    found = list(for_lists(member, Email.objects.filter(pk__in=[link.email_id for link in page.items])))
    reveal(found)
    return Page(sorted(found, key=_newest, reverse=True), next=page.next, previous=page.previous)


def _newest(email: Email) -> tuple[datetime, int]:
    return email.sent_at, email.pk
