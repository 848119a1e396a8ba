"""Lists of emails, newest first. A page costs the same number of queries whatever its length."""

from __future__ import annotations

from dataclasses import replace

from accounts.models import Membership
from contacts.queries import matching as matching_contacts
from crm.lib.pagination import Page, keyset_page
from emails.queries.hits import show_hits
from emails.queries.listed import Listed, listed
from emails.queries.seeing import visible_links
from emails.queries.wanted import Wanted, matching, newest_of_each_thread

NEWEST = ["-sent_at"]


def email_page(member: Membership, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[Listed]:
    """A page of the emails that a member can see. Raises `BadCursor`."""
    if wanted.contact is not None:
        return _page_of_contact(member, wanted, cursor, limit)
    found = matching(member, wanted, in_order=True).only("sent_at")
    page = keyset_page(found, order=NEWEST, cursor=cursor, limit=limit)
    return page.of(listed(member, [email.pk for email in page.items]))


def conversation_page(
    member: Membership, wanted: Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[Listed]:
    """The same folded: of each conversation the last email that is wanted. Raises `BadCursor`.

    Where what is shown of one has no hit of the search, its snippet is taken from around the hit.
    """
    newest = newest_of_each_thread(matching(member, wanted, in_order=True)).only("sent_at")
    page = keyset_page(newest, order=NEWEST, cursor=cursor, limit=limit)
    emails = listed(member, [email.pk for email in page.items], folded=True)
    return page.of(show_hits(emails, wanted.search))


def _page_of_contact(member: Membership, wanted: Wanted, cursor: str | None, limit: int) -> Page[Listed]:
    """One contact's emails: a walk along its links, however many emails others have."""
    others = matching(member, replace(wanted, contact=None))
    links = visible_links(member).filter(contact=wanted.contact, email__in=others)
    if wanted.criteria:
        links = links.filter(contact__in=matching_contacts(member, wanted.criteria))
    page = keyset_page(links, order=["-sent_at", "-email_id"], cursor=cursor, limit=limit)
    return page.of(listed(member, [link.email_id for link in page.items]))
