"""The parts that templates are made of, loaded in every template; docs/ui.md shows each in use.

Parts with a body are block tags (`{% card %}…{% endcard %}`), parts without one are fragments of
`templates/ui/` to be included with ``only``, and what a list repeats by the hundred is made here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.templatetags.icons import heroicon_micro, heroicon_mini, heroicon_outline

register = template.Library()

HUES = 12
# In this order: everybody claims to be Safari, and most to be Chrome.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
]
UNDO = re.compile(r"(?:^|\s)undo:(\d+)(?:\s|$)")


# --- Words ----------------------------------------------------------------------------------------


@register.filter
def initials(name: object) -> str:
    """One or two letters for a person or an address: "Ines Moreau" is IM, "post@…" is P, nothing is "?"."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", str(name or "").partition("@")[0]))
    letters = [word[0] for word in words if not word[0].isdigit()] or [word[0] for word in words]
    return (letters[0] + (letters[-1] if len(letters) > 1 else "") if letters else "?").upper()


@register.filter
def hue(name: object) -> int:
    """A number from 0 to 11 for the classes ``hue-…``, the same for the same name on every machine."""
    return hashlib.blake2b(str(name or "").casefold().encode(), digest_size=1).digest()[0] % HUES


@register.filter
def undo_id(message: Message) -> str:
    """The id in a message's tag ``undo:<id>``, or nothing."""
    found = UNDO.search(message.extra_tags or "")
    return found[1] if found else ""


@register.filter
def unprompted(field: BoundField) -> BoundField:
    """The field without its placeholder: allauth repeats each label there."""
    field.field.widget.attrs.pop("placeholder", None)
    return field


@register.filter
def focused(field: BoundField) -> BoundField:
    """The field with the focus from the start, where a page is there for it."""
    field.field.widget.attrs["autofocus"] = True
    return field


@register.filter
def browser(user_agent: str) -> str:
    """What a User-Agent header tells people: "Firefox on Windows"; the whole header where it tells nothing."""
    name = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return " on ".join(filter(None, [name, system])) or user_agent or "Unknown browser"


@register.filter
def device(user_agent: str) -> str:
    """ "phone" or "computer", as far as a User-Agent header tells."""
    return "phone" if "Mobi" in user_agent or "Android" in user_agent else "computer"


# --- Time -----------------------------------------------------------------------------------------


@register.filter
def short_time(value: datetime | date) -> str:
    """As one would say it today: 10:42, Yesterday, Mon, 2 Nov, 2 Nov 2024; in the reader's time zone."""
    moment = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    day = moment.date() if isinstance(moment, datetime) else moment
    today = timezone.localdate()
    if day == today:
        return f"{moment:%H:%M}" if isinstance(moment, datetime) else "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    if today - timedelta(days=7) < day < today:
        return f"{day:%a}"
    return f"{day.day} {day:%b}" if day.year == today.year else f"{day.day} {day:%b %Y}"


@register.simple_tag
def time(value: datetime | date | None, *, full: bool = False, clock: bool = False, missing: str = "–") -> str:
    """A `<time>` with `short_time` in it, or the whole date and time when ``full``; ``missing`` for None.

    ``clock`` is the time of day alone, for where a heading says the day.
    """
    if value is None:
        return missing
    if not isinstance(value, datetime):
        words = f"{value:%A} {value.day} {value:%B %Y}"
        return format_html(
            '<time datetime="{}" title="{}">{}</time>', value.isoformat(), words, words if full else short_time(value)
        )
    local = timezone.localtime(value)
    words = f"{local:%A} {local.day} {local:%B %Y, %H:%M}"
    shown = f"{local:%H:%M}" if clock else short_time(local)
    if full:
        shown = f"{local.day} {local:%b %Y, %H:%M}"
    # Digits and names of days, months and zones: nothing to escape.
    return SafeString(f'<time datetime="{local.isoformat()}" title="{words} {local.tzname()}">{shown}</time>')


# --- Small parts ------------------------------------------------------------------------------------


@register.simple_tag
def avatar(name: object, size: str = "") -> SafeString:
    """Initials on a colour of their own; ``size`` is "small", "large" or nothing. Hidden from screen readers."""
    return _avatar(str(name or ""), size)


@lru_cache(maxsize=4096)
def _avatar(name: str, size: str) -> SafeString:
    return format_html('<span class="avatar {} hue-{}" aria-hidden="true">{}</span>', size, hue(name), initials(name))


@register.simple_tag
def tag(label: object, *, colour: str = "", icon: str = "", title: str = "") -> SafeString:
    """A word in a box; ``colour`` is ok, warn, bad, accent, or one of a contact's tags; ``title`` says more of it."""
    drawn = SafeString(heroicon_mini(icon, size=13)) if icon else ""
    if title:
        return format_html('<span class="tag {}" title="{}">{}{}</span>', colour, title, drawn, label)
    return format_html('<span class="tag {}">{}{}</span>', colour, drawn, label)


@register.simple_tag(takes_context=True)
def current(context: template.Context, *prefixes: str) -> SafeString:
    """``aria-current`` for a link: "page" on the very page, "true" anywhere below one of the prefixes."""
    request = context.get("request")
    path = request.path if request else ""
    if prefixes and path == prefixes[0]:
        return format_html('aria-current="{}"', "page")
    if any(prefix and path.startswith(prefix) for prefix in prefixes):
        return format_html('aria-current="{}"', "true")
    return SafeString("")


@register.inclusion_tag("ui/side_link.html", takes_context=True)
def side_link(
    context: template.Context, label: str, url: str, *, icon: str = "", count: int | None = None, on: bool | None = None
) -> dict[str, Any]:
    """A link of the side column; ``on`` says whether it is the current one, where the path alone does not."""
    if on is None:
        mark: str = current(context, url)
    else:
        mark = SafeString('aria-current="page"' if on else "")
    return {"label": label, "url": url, "icon": icon, "count": count, "mark": mark}


@register.inclusion_tag("ui/tab.html", takes_context=True)
def tab(
    context: template.Context, label: str, url: str, *, count: int | None = None, on: bool | None = None
) -> dict[str, Any]:
    """One tab inside of `{% tabs %}`, told apart as in `side_link`."""
    request = context.get("request")
    if on is None:
        on = request is not None and request.path == url.partition("?")[0]
    return {"label": label, "url": url, "count": count, "on": on}


@register.inclusion_tag("ui/crumb.html")
def crumb(label: str, url: str = "") -> dict[str, str]:
    """One step inside of `{% crumbs %}`; the last one has no address."""
    return {"label": label, "url": url}


# --- Parts with a body ----------------------------------------------------------------------------


@register.simple_block_tag
def page_head(content: SafeString, title: str, *, lead: str = "") -> str:
    """The page's h1, a sentence below it, and its actions (the body) on the right."""
    return render_to_string("ui/page_head.html", {"title": title, "lead": lead, "actions": content})


@register.simple_block_tag
def card(content: SafeString, *, title: str = "", lead: str = "", flush: bool = False, id: str = "") -> str:  # noqa: A002  # As in HTML.
    """A white box; ``flush`` lets a table or a list reach its edges."""
    return render_to_string("ui/card.html", {"title": title, "lead": lead, "flush": flush, "id": id, "body": content})


@register.simple_block_tag
def notice(content: SafeString, kind: str = "info", *, title: str = "") -> str:
    """A sentence to notice; ``kind`` is "info", "ok", "warn" or "bad"."""
    icons = {"ok": "check-circle", "warn": "exclamation-triangle", "bad": "exclamation-circle"}
    return render_to_string(
        "ui/notice.html",
        {"kind": kind, "icon": icons.get(kind, "information-circle"), "title": title, "body": content},
    )


@register.simple_block_tag
def blank_slate(content: SafeString, icon: str, title: str, *, text: str = "", compact: bool = False) -> str:
    """What is not here, why that is fine, and what to do next (the body: buttons)."""
    return render_to_string(
        "ui/blank_slate.html",
        {"icon": icon, "title": title, "text": text, "compact": compact, "actions": content},
    )


@register.simple_block_tag
def dialog(content: SafeString, id: str, title: str, *, wide: bool = False, open: bool = False) -> str:  # noqa: A002  # As in HTML.
    """A native dialog that `data-dialog="<id>"` opens; ``open`` shows it at once, as for errors in its form."""
    return render_to_string("ui/dialog.html", {"id": id, "title": title, "wide": wide, "open": open, "body": content})


@register.simple_block_tag
def menu(
    content: SafeString, label: str, *, icon: str = "", text: str = "", classes: str = "", up: bool = False
) -> str:
    """A button that unfolds its body; with ``text`` it shows words, without it only the icon, named by ``label``."""
    return format_html(
        '<details class="menu {}" data-menu><summary class="btn {}"{}>{}{}</summary>'
        '<div class="menu-panel">{}</div></details>',
        "up" if up else "",
        f"{classes or 'quiet'}{'' if text else ' icon'}",
        "" if text else format_html(' aria-label="{}"', label),
        SafeString(heroicon_outline(icon, size=18, **{"class": "i"})) if icon else "",
        format_html("{} {}", text, SafeString(heroicon_micro("chevron-down", size=14))) if text else "",
        content,
    )


@register.simple_tag
def menu_link(label: object, url: str, *, on: bool = False) -> SafeString:
    """A link in a menu of choices; ``on`` marks the one that holds."""
    if not on:
        return format_html('<a class="menu-item" href="{}"><span class="grow clip">{}</span></a>', url, label)
    return format_html(
        '<a class="menu-item" href="{}" aria-current="true"><span class="grow clip">{}</span>{}</a>',
        url,
        label,
        SafeString(heroicon_mini("check", size=16)),
    )


@register.simple_block_tag
def tabs(content: SafeString, label: str) -> str:
    """The row of tabs that its body lists; ``label`` names the row to screen readers."""
    return format_html('<nav class="tabs" aria-label="{}">{}</nav>', label, content)


@register.simple_block_tag
def crumbs(content: SafeString) -> str:
    """The way from the top to this page."""
    return format_html('<nav class="crumbs" aria-label="Breadcrumb"><ol>{}</ol></nav>', content)


@register.simple_block_tag
def bulk_bar(content: SafeString, *, noun: str = "selected") -> str:
    """What can be done with the selection (the body: buttons); seen once something is selected."""
    return render_to_string("ui/bulk_bar.html", {"noun": noun, "body": content})
