"""`q`: what Gmail's query language finds."""

from __future__ import annotations

from email.message import EmailMessage

import httpx
import pytest

from tests.emulator.google.conftest import ALICE, Gmail, Put, Sign, listed

DAY_S = 86_400
NOON = 1_700_049_600  # 2023-11-15 12:00 UTC.


@pytest.fixture
def mailbox(put: Put, emulator: httpx.Client) -> dict[str, str]:
    """Five messages by name, a day apart, the offer newest."""
    file = EmailMessage()
    file["From"], file["To"], file["Subject"] = "dave@globex.example", ALICE, "Invoice 2023-11"
    file.set_content("Please pay.")
    file.add_attachment(b"x" * 3000, maintype="application", subtype="pdf", filename="invoice_4711.pdf")
    dates = {name: (NOON - DAY_S * age) * 1000 for age, name in enumerate(("offer", "sent", "file", "list", "other"))}
    return {
        "offer": put(
            labels="INBOX,UNREAD,STARRED,Big Deals/EU", date=dates["offer"], Message_ID="<offer@contoso.example>"
        ),
        "sent": put(
            From="Alice <alice@northwind.example>",
            To="Carla <carla@contoso.example>",
            Cc="Dave <dave@globex.example>",
            Bcc="eve@fabrikam.example",
            subject="Re: Offer",
            body="We accept the red one",
            labels="SENT",
            date=dates["sent"],
        ),
        "file": put(file.as_bytes(), labels="INBOX", date=dates["file"]),
        "list": put(
            From="News <news@letters.example>",
            subject="Weekly letter",
            List_Id="Weekly <weekly.letters.example>",
            Delivered_To="a.lice@northwind.example",
            labels="CATEGORY_PROMOTIONS",
            date=dates["list"],
        ),
        "other": put(
            subject="=?utf-8?b?6KaL56mN44KC44KK44Gu5Lu2?=", body="Grüße aus Köln", labels="INBOX", date=dates["other"]
        ),
    }


QUERIES = {
    # People
    "from:carla@contoso.example": "offer other",
    "from:contoso.example": "offer other",
    "from:@contoso.example": "offer other",
    "from:Carla": "offer other",
    "from:arla": "",
    "from:me": "sent",
    "to:me": "offer file list other",
    "to:dave@globex.example": "sent",
    "to:eve@fabrikam.example": "sent",
    "cc:dave@globex.example": "sent",
    "cc:carla@contoso.example": "",
    "bcc:eve@fabrikam.example": "sent",
    "FROM:CARLA@CONTOSO.EXAMPLE": "offer other",
    "deliveredto:a.lice@northwind.example": "list",
    f"deliveredto:{ALICE}": "offer file other",
    "list:weekly.letters.example": "list",
    # Words
    "subject:offer": "offer sent",
    "subject:off": "",
    "offer": "offer sent",
    "accept": "sent",
    '"the red one"': "sent",
    '"red the one"': "",
    "red accept": "sent",
    "köln": "other",
    "subject:見積もり": "other",
    "subject:見積": "other",
    "invoice_4711": "file",
    # Places and states
    "in:inbox": "offer file other",
    "in:sent": "sent",
    "in:archive": "list",
    "-in:inbox": "sent list",
    "is:unread": "offer",
    "is:read": "sent file list other",
    "is:starred": "offer",
    "label:big-deals-eu": "offer",
    'label:"Big Deals/EU"': "offer",
    "label:inbox": "offer file other",
    "-label:inbox": "sent list",
    "label:unheard-of": "",
    "category:promotions": "list",
    "has:attachment": "file",
    "has:userlabels": "offer",
    "-has:nouserlabels": "offer",
    "filename:pdf": "file",
    "filename:invoice_4711.pdf": "file",
    "filename:xls": "",
    "larger:2K": "file",
    "smaller:2K": "offer sent list other",
    "size:1000000": "",
    # Moments
    f"after:{NOON - DAY_S - 1}": "offer sent",
    f"after:{NOON - DAY_S}": "offer",
    f"before:{NOON - DAY_S}": "file list other",
    f"newer:{NOON - DAY_S}": "offer",
    f"older:{NOON - DAY_S}": "file list other",
    f"after:{NOON - 3 * DAY_S} before:{NOON}": "sent file",
    "after:2023/11/14": "offer sent",
    "before:2023-11-13": "list other",
    "after:11/15/2023": "offer",
    "after:2023/02/31": "",
    "newer_than:2d": "offer sent",
    "older_than:3d": "list other",
    "rfc822msgid:offer@contoso.example": "offer",
    "rfc822msgid:<offer@contoso.example>": "offer",
    "rfc822msgid:unknown@contoso.example": "",
    # Grammar
    "from:carla subject:offer": "offer",
    "from:carla AND subject:offer": "offer",
    "from:news OR from:dave": "file list",
    "from:news | from:dave": "file list",
    "{from:news from:dave}": "file list",
    "from:(news OR dave)": "file list",
    "from:{news dave}": "file list",
    "to:(carla dave)": "sent",
    "in:inbox from:carla OR from:dave": "offer file other",
    "in:inbox (from:carla OR from:news)": "offer other",
    "subject:(offer re)": "sent",
    "-from:carla": "sent file list",
    "-{from:carla from:me}": "file list",
    "-(from:carla subject:offer)": "sent file list other",
    '-subject:"weekly letter" -in:inbox': "sent",
    "--from:carla": "offer other",
    "{from:carla from:dave}  -subject:offer": "file other",
    "from: carla": "offer other",
    "": "offer sent file list other",
    # Stray signs are read over
    "from:carla)": "offer other",
    "((from:carla": "offer other",
    "OR from:carla OR": "offer other",
    "- from:carla": "offer other",
    "from:": "offer sent file list other",
    "()": "offer sent file list other",
    "-)": "offer sent file list other",
    "(" * 200 + "from:carla": "offer other",
    "has:nonsense": "",
    "is:nonsense": "",
    "larger:much": "",
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds(query: str, alice: Gmail, mailbox: dict[str, str], emulator: httpx.Client) -> None:
    emulator.post("clock", json={"frozen": True, "now": NOON * 1000 + 1}).raise_for_status()
    names = {gid: name for name, gid in mailbox.items()}
    assert [names[gid] for gid in listed(alice, q=query)] == QUERIES[query].split()


@pytest.fixture
def hidden(put: Put) -> dict[str, str]:
    """One message in each of three places."""
    return {put(folder=folder): folder for folder in ("inbox", "junkemail", "deleteditems")}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("offer", "inbox"),
        ("in:trash", "deleteditems"),
        ("in:spam", "junkemail"),
        ("label:trash", "deleteditems"),
        ("in:anywhere", "deleteditems junkemail inbox"),
        ("offer in:anywhere", "deleteditems junkemail inbox"),
        ("-in:trash", "inbox"),
        ("{in:trash in:inbox}", "deleteditems inbox"),
    ],
)
def test_spam_and_trash_are_searched_by_name_only(query: str, found: str, alice: Gmail, hidden: dict[str, str]) -> None:
    assert [hidden[gid] for gid in listed(alice, q=query)] == found.split()


def test_the_search_index_may_lag_behind(alice: Gmail, put: Put, emulator: httpx.Client) -> None:
    emulator.post("clock", json={"frozen": True}).raise_for_status()
    emulator.post("knobs", json={"search_lag_ms": 5_000}).raise_for_status()
    gid = put(Message_ID="<new@contoso.example>")
    assert listed(alice, q="rfc822msgid:new@contoso.example") == []
    assert listed(alice) == [gid]
    emulator.post("clock", json={"advance_ms": 5_000}).raise_for_status()
    assert listed(alice, q="rfc822msgid:new@contoso.example") == [gid]


def test_a_deleted_message_is_found_no_more(alice: Gmail, put: Put) -> None:
    gid = put()
    assert listed(alice, q="from:carla") == [gid]
    alice.api.messages().delete(userId="me", id=gid).execute()
    assert listed(alice, q="from:carla") == []


def test_queries_have_pages_too(alice: Gmail, put: Put) -> None:
    gids = [put(date=1_700_000_000_000 + number) for number in range(3)]
    put(From="dave@globex.example")
    first = alice.api.messages().list(userId="me", q="from:carla", maxResults=2).execute()
    assert listed(alice, q="from:carla", pageToken=first["nextPageToken"]) == gids[:1]


def test_a_query_and_labels_narrow_together(alice: Gmail, put: Put) -> None:
    put()
    starred = put(labels="STARRED")
    assert listed(alice, q="from:carla", labelIds=["STARRED"]) == [starred]


def test_nobody_finds_the_mail_of_others(sign_in: Sign, put: Put) -> None:
    put()
    assert listed(sign_in("charlie@globex.example"), q="in:anywhere") == []
