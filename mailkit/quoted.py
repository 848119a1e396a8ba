"""What a message itself says, without the history that mail programs put below it or around it.

Rules about lines, in linear time: lines that begin with ``>``; what announces them ("On … wrote:"); the separators
and header blocks after which Outlook and phones put the message that is answered, unmarked. A forwarded message
stays, because that is what a forward says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

#: Mail programs wrap an announcement onto this many lines at most, of this many characters together.
WRAPPED = 4
LONGEST_ANNOUNCEMENT = 400
LONGEST_END = 300
LONGEST_NAME = 30
#: Below so many lines nobody reads what is new and what is history.
MOST_LINES = 50_000
#: A header block has at least this many of To, Date, Subject… in as many lines after From.
BELOW_FROM, LINES_BELOW_FROM = 2, 6


def _words(text: str) -> tuple[str, ...]:
    return tuple(" ".join(word.split()) for word in text.split(","))


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


# The words of Gmail, Outlook, Apple Mail and Thunderbird in the languages that they speak.
_VERBS = _words(
    """
    wrote, writes, schrieb, a écrit, a ecrit, écrivait, escribió, escribio, ha scritto, scrisse, escreveu,
    va escriure, schreef, skrev, kirjoitti, napisał, napisała, napisał(a), napsal, napsala, napsal(a), napísal,
    napísala, napísal(a), írta, a scris, написал, написала, написал(а), пишет, писал, έγραψε, yazdı, je napisao,
    je napisala, je napisao/la, parašė, đã viết, menulis, כתב, كتب, 写道, 寫道, 님이 작성, 님이 작성하였습니다
    """
)
_PREPOSITIONS = _words(
    """
    on, am, le, el, il, op, em, a, den, på, pe, dne, dňa, dnia, w dniu, u, στις, vào, pada, בתאריך, في, в, mon, tue,
    wed, thu, fri, sat, sun, mo, di, mi, do, fr, sa, so, lun, mar, mer, gio, ven, sab, dom, pon, wt, śr, czw, pt,
    sob, пн, вт, ср, чт, пт, сб, вс, monday, tuesday, wednesday, thursday, friday, saturday, sunday
    """
)
_ORIGINALS = _words(
    """
    original message, original appointment, reply message, ursprüngliche nachricht, ursprungliche nachricht,
    originalnachricht, message d'origine, message d’origine, message original, mensaje original,
    messaggio originale, mensagem original, oorspronkelijk bericht, originalmeddelande, ursprungligt meddelande,
    oprindelig meddelelse, original meddelelse, opprinnelig melding, alkuperäinen viesti, wiadomość oryginalna,
    oryginalna wiadomość, původní zpráva, původní e-mail, исходное сообщение, оригинал, 原始邮件, 原始郵件,
    邮件原件, 元のメッセージ, 원본 메시지, orijinal mesaj, eredeti üzenet
    """
)
_FROM_NAMES = frozenset(
    _words(
        """
    from, von, de, da, van, från, fra, lähettäjä, od, от, від, 発信元, 差出人, 发件人, 寄件者, 보낸 사람, kimden,
    feladó, από
    """
    )
)
_OTHER_NAMES = frozenset(
    _words(
        """
    sent, date, to, cc, subject, gesendet, datum, an, betreff, envoyé, à, objet, enviado, enviado el, fecha, para,
    asunto, inviato, data, a, oggetto, enviada em, enviado em, assunto, verzonden, aan, onderwerp, skickat, till,
    ämne, sendt, til, emne, lähetetty, vastaanottaja, aihe, wysłano, do, temat, odesláno, komu, předmět, отправлено,
    дата, кому, тема, 送信日時, 宛先, 件名, 发送时间, 收件人, 主题, 寄件日期, 收件者, 主旨, 보낸 날짜, 받는 사람,
    제목, gönderildi, kime, konu, elküldve, címzett, tárgy, στάλθηκε, προς, θέμα
    """
    )
)
#: Nothing quotes without one of these.
_SIGNS = (">", ":", "：", "--")
# Japanese Gmail has no verb: the date, the name, the address in brackets, and a colon.
_ENDS = re.compile(
    rf"(?:(?:{_any_of(_VERBS)})(?!\w)[^:：]{{0,120}}|<[^<>\s]{{1,254}}@[^<>\s]{{1,254}}>\s?)[:：]$", re.IGNORECASE
)
_BEGINS_DATED = re.compile(rf"\W{{0,3}}(?:(?:{_any_of(_PREPOSITIONS)})(?!\w).{{0,80}}?\d|\d)", re.IGNORECASE)
_BEGINS_NAMED = re.compile(r"\W{0,3}\w[^@]{0,120}@")
_ORIGINAL = re.compile(rf"\s*-{{2,}}\s*(?:{_any_of(_ORIGINALS)})\s*-{{2,}}$", re.IGNORECASE)
_FORWARDED = re.compile(r"\s*-{5,}.*\w|.{1,80}[:：]$")
_BLANK = re.compile(r"\n[ \t]*\n[ \t]*\n\s*")
_COLON = re.compile("[:：]")
_RULE = re.compile(r"\s*[_-]{20,}$")


def said(text: str) -> str:
    """``text`` without quoted history; all of it where nothing else would be left. Never raises."""
    if not any(map(text.__contains__, _SIGNS)):
        return text.strip()
    new = _new_lines(text.split("\n", MOST_LINES))
    return _BLANK.sub("\n\n", "\n".join(new)).strip() or text.strip()


def _new_lines(lines: list[str]) -> list[str]:
    """Those that neither are marked as quoted, nor announce what is, nor follow where all the rest is history."""
    kept: list[str] = []
    for index, line in enumerate(lines):
        if line.lstrip(" ")[:1] == ">":
            continue
        if not (":" in line or "：" in line or line.endswith("-")):
            kept.append(line)
            continue
        if _begins_history(lines, index, kept):
            break
        kept.append(line)
        if line.rstrip()[-1:] in {":", "："} and not _take_announcement(kept, lines, index):
            break
    return kept


def _take_announcement(kept: list[str], lines: list[str], index: int) -> bool:
    """Takes the announcement that ends ``kept`` away, if one does; False where all that follows is history."""
    end = " ".join(kept[-2:])[-LONGEST_END:].rstrip()
    if not (end[-2:-1] in {">", " "} or any(map(end.lower().__contains__, _VERBS))) or not _ENDS.search(end):
        return True
    is_quoted = next(_filled(lines[index + 1 : index + 4]), "").startswith(">")
    if count := _lines_of_announcement(kept):
        del kept[-count:]
        return is_quoted
    if is_quoted and _ENDS.search(kept[-1][-LONGEST_END:].rstrip()):
        kept.pop()
    return True


def _lines_of_announcement(kept: list[str]) -> int:
    """How many of the last lines announce a quotation with a date or an address; 0 if none do."""
    text, found = "", 0
    for count, line in enumerate(reversed(kept[-WRAPPED:]), start=1):
        text = f"{line.strip()} {text}".strip()
        if not line.strip() or len(text) > LONGEST_ANNOUNCEMENT:
            break
        if _BEGINS_DATED.match(line) and _ENDS.search(text):
            return count
        if not found and _BEGINS_NAMED.match(line) and _ENDS.search(text):
            found = count
    return found


def _begins_history(lines: list[str], index: int, kept: list[str]) -> bool:
    """Whether the message that is answered stands from here on, under a separator or a header block."""
    line = lines[index]
    if line.rstrip()[-2:] == "--":
        return bool(_ORIGINAL.match(line.rstrip()[:200]))
    if _name_of(line) not in _FROM_NAMES:
        return False
    if sum(_name_of(each) in _OTHER_NAMES for each in lines[index + 1 : index + 1 + LINES_BELOW_FROM]) < BELOW_FROM:
        return False
    before = next(_filled(reversed(kept[-3:])), "")
    if _RULE.match(before[:200]):
        while kept and not kept.pop().strip():
            pass
        return True
    return not _FORWARDED.match(before[:200])


def _name_of(line: str) -> str:
    """What stands before a colon, as header blocks have it: in any case, and between asterisks for bold."""
    colon = _COLON.search(line, 0, LONGEST_NAME)
    return line[: colon.start()].strip("* \t\u00a0").lower() if colon else ""


def _filled(lines: Iterable[str]) -> Iterator[str]:
    return filter(None, map(str.strip, lines))
