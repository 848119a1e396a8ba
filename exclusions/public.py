"""Domains at which anybody may have an address: excluding one keeps out strangers and contacts alike. Pure.

The free mail providers that most addresses in address books belong to, and the ends that whole countries share; a
list of all there are would never be whole.
"""

from __future__ import annotations

from typing import Final

_NAMES: Final = """
    126.com 139.com 163.com 189.cn abv.bg aim.com alice.it aliyun.com aol.com arcor.de att.net bellsouth.net
    bigpond.com bk.ru bluewin.ch btinternet.com centrum.cz charter.net co.in co.jp co.nz co.uk com.au com.br
    comcast.net cox.net duck.com earthlink.net email.cz email.de fastmail.com fastmail.fm foxmail.com free.fr
    freemail.hu freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com
    home.nl hotmail.ch hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hushmail.com
    icloud.com inbox.lv inbox.ru interia.pl kpnmail.nl laposte.net libero.it list.ru live.co.uk live.com live.de
    live.fr live.it live.nl mac.com mail.com mail.de mail.ru mailbox.org mailfence.com me.com msn.com nate.com
    naver.com neuf.fr ntlworld.com o2.pl onet.pl online.no op.pl optonline.net optusnet.com.au orange.fr
    outlook.at outlook.com outlook.de outlook.es outlook.fr outlook.it pm.me posteo.de posteo.net proton.me
    protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com runbox.com sapo.pt
    sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com sky.com skynet.be sohu.com sympatico.ca t-online.de
    talktalk.net telenet.be terra.com.br tin.it tiscali.it tlen.pl tuta.com tuta.io tutanota.com tutanota.de
    ukr.net uol.com.br verizon.net videotron.ca virgilio.it virginmedia.com wanadoo.fr web.de windowslive.com
    wp.pl xs4all.nl xtra.co.nz yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br
    yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru yeah.net ymail.com zoho.com zohomail.eu
"""
PUBLIC_DOMAINS: Final = frozenset(_NAMES.split())


def is_public(domain: str) -> bool:
    """Whether strangers share this domain."""
    return domain in PUBLIC_DOMAINS
