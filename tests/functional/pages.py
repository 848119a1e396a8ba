"""The pages that every look test visits: add one by a line, and it is looked at in both themes and widths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import Membership
from tests.conftest import Northwind
from tests.functional import (
    contact_pages,
    email_pages,
    exclusion_pages,
    mailbox_pages,
    reader_pages,
    settings_pages,
    sharing_pages,
)


@dataclass(frozen=True)
class Look:
    """A page to look at: who opens it (None for a stranger), and where it is."""

    name: str
    path: Callable[[Northwind], str]
    who: Callable[[Northwind], Membership | None]

    def __str__(self) -> str:
        return self.name


def alice(cast: Northwind) -> Membership:
    return cast.alice


def bob(cast: Northwind) -> Membership:
    return cast.bob


def stranger(cast: Northwind) -> None:
    return None


def look(
    url_name: str,
    who: Callable[[Northwind], Membership | None] = alice,
    *,
    path: Callable[[Northwind], str] | None = None,
    name: str = "",
) -> Look:
    """A page by its URL's name; ``path`` makes what the page needs first and answers where it is."""
    return Look(name=name or url_name, path=path or (lambda _cast: reverse(url_name)), who=who)


PAGES = [
    look("account_login", stranger),
    look("account_signup", stranger),
    look("account_reset_password", stranger),
    look("account_email"),
    look("account_change_password"),
    look("mfa_index"),
    look("usersessions_list"),
    look("profile", bob),
    look("account_settings"),
    look("hand_over"),
    look("members", path=settings_pages.full_members),
    look("members", path=settings_pages.inviting, name="invite"),
    look("api_tokens", path=settings_pages.full_tokens),
    look("api_tokens", bob, name="api_tokens_empty"),
    look("audit_log", path=settings_pages.full_audit_log),
    look("create_account"),
    look("no_account", bob, path=settings_pages.nowhere),
    look("accept_invitation", stranger, path=settings_pages.invitation),
    look("accept_invitation", bob, path=settings_pages.invitation, name="invitation_of_another"),
    look("email_list", name="email_list_empty"),
    look("email_list", path=email_pages.listed),
    look("email_list", path=email_pages.sent, name="email_list_sent"),
    look("email_list", path=email_pages.searched, name="email_list_search"),
    look("email_list", path=email_pages.tracked, name="email_list_tracked"),
    look("email_detail", path=email_pages.plain),
    look("email_detail", path=email_pages.rich, name="email_detail_html"),
    look("email_detail", path=email_pages.headers_only, name="email_detail_headers_only"),
    look("email_detail", path=reader_pages.with_files, name="email_detail_files"),
    look("email_choose", path=reader_pages.choosing),
    look("email_contact", path=reader_pages.making),
    look("email_original", path=reader_pages.original),
    look("email_attachment_view", path=reader_pages.a_text),
    look("contact_detail", path=reader_pages.conversations, name="contact_conversations"),
    look("email_detail", bob, path=sharing_pages.locked, name="email_detail_locked"),
    look("email_detail", path=sharing_pages.asked, name="email_detail_asked"),
    look("contact_detail", path=sharing_pages.of_contact, name="contact_detail_sharing"),
    look("email_settings", path=sharing_pages.other_doors, name="email_settings_other_doors"),
    look("contact_detail", path=email_pages.timeline, name="contact_timeline"),
    look("contact_detail", path=email_pages.emails_of_a_contact, name="contact_emails"),
    look("contact_detail", path=email_pages.empty_timeline, name="contact_emails_empty"),
    look("activity", name="activity_empty"),
    look("activity", path=email_pages.activity),
    look("contact_list", name="contact_list_empty"),
    look("contact_list", path=contact_pages.listed),
    look("contact_list", path=contact_pages.filtered, name="contact_list_filtered"),
    look("contact_list", path=contact_pages.no_hits, name="contact_list_no_hits"),
    look("contact_detail", path=contact_pages.one),
    look("contact_detail", bob, path=contact_pages.one, name="contact_detail_of_another"),
    look("contact_create"),
    look("contact_edit", path=contact_pages.editing),
    look("contact_merge", path=contact_pages.merging),
    look("tag_list", path=contact_pages.tags),
    look("tag_edit", path=contact_pages.tag),
    look("saved_filter_edit", path=contact_pages.a_filter),
    look("contact_import", path=contact_pages.importing),
    look("contact_import_show", path=contact_pages.preview, name="contact_import_preview"),
    look("contact_import_show", path=contact_pages.running, name="contact_import_running"),
    look("contact_import_show", path=contact_pages.imported, name="contact_import_done"),
    look("email_settings", name="email_settings_empty"),
    look("email_settings", path=mailbox_pages.several),
    look("email_settings", bob, path=mailbox_pages.troubled, name="email_settings_trouble"),
    look("excluded_settings", name="excluded_settings_empty"),
    look("excluded_settings", path=exclusion_pages.listed),
    look("excluded_emails", bob, path=exclusion_pages.listed_on_the_email_page),
    look("exclusion_edit", path=exclusion_pages.editing),
    look("contact_detail", path=exclusion_pages.switched_off, name="contact_sync_off"),
    look("contact_detail", path=exclusion_pages.partly, name="contact_sync_partly"),
    look("contact_detail", bob, path=exclusion_pages.locked, name="contact_sync_locked"),
    look("mailbox_connect", path=mailbox_pages.connecting),
    look("mailbox_connect", bob, path=mailbox_pages.connecting_without_the_right, name="mailbox_connect_no_right"),
    look("mailbox_preview", path=mailbox_pages.counting, name="mailbox_preview_counting"),
    look("mailbox_preview", path=mailbox_pages.counted),
    look("mailbox_preview", path=mailbox_pages.nobody, name="mailbox_preview_nobody"),
    look("mailbox_preview", path=mailbox_pages.stopped, name="mailbox_preview_stopped"),
]
