"""Lists: pages, order, filters and what they refuse."""

from __future__ import annotations

import httpx
import pytest

from tests.emulator.microsoft.conftest import ALICE, Graph, Put, SignIn, subjects

DAY = "2026-11-{:02}T08:00:00Z"


@pytest.fixture
def week(put: Put) -> None:
    """Seven messages a day apart: day 1 (oldest) to day 7, odd ones unread, from two people."""
    for day in range(1, 8):
        sender = "Carla <carla@contoso.example>" if day % 2 else "Dana <d.fox@hale.example>"
        put(f"day {day}", date=DAY.format(day), read=day % 2 == 0, From=sender, Message_ID=f"<{day}@contoso.example>")


def ask(graph: Graph, **query: str) -> list[str]:
    params = {f"${name}": value for name, value in query.items()}
    return subjects(graph.get("/me/mailFolders/inbox/messages", params=params))


def days(*numbers: int) -> list[str]:
    return [f"day {number}" for number in numbers]


@pytest.mark.usefixtures("week")
def test_the_newest_come_first_ten_at_a_time(graph: Graph, put: Put) -> None:
    assert ask(graph) == days(7, 6, 5, 4, 3, 2, 1)
    for number in range(4):
        put(f"more {number}")
    answer = graph.get("/me/mailFolders/inbox/messages")
    assert len(answer["value"]) == 10
    assert subjects(graph.get(answer["@odata.nextLink"])) == days(1)


@pytest.mark.usefixtures("week")
def test_pages_follow_the_link_to_the_end(graph: Graph) -> None:
    seen, link = [], "/me/messages?$top=3&$select=subject"
    while link:
        answer = graph.get(link)
        seen += subjects(answer)
        link = answer.get("@odata.nextLink", "")
    assert seen == days(7, 6, 5, 4, 3, 2, 1)


@pytest.mark.usefixtures("week")
def test_a_page_goes_on_where_it_stopped_though_mail_came_meanwhile(graph: Graph, put: Put) -> None:
    answer = graph.get("/me/messages?$top=3&$select=subject")
    put("new")
    assert subjects(graph.get(answer["@odata.nextLink"])) == days(4, 3, 2)


@pytest.mark.usefixtures("week")
def test_the_page_size_may_be_a_preference(graph: Graph) -> None:
    answer = graph.ask("GET", "/me/messages", headers={"Prefer": "odata.maxpagesize=2"})
    assert (len(answer.json()["value"]), answer.headers["preference-applied"]) == (2, "odata.maxpagesize=2")


@pytest.mark.usefixtures("week")
def test_a_client_may_skip_and_count(graph: Graph) -> None:
    answer = graph.get("/me/messages?$skip=5&$top=1&$count=true&$select=subject")
    assert (answer["@odata.count"], subjects(answer)) == (7, days(2))
    assert graph.ask("GET", "/me/messages/$count").text == "7"
    assert graph.ask("GET", "/me/mailFolders/inbox/messages/$count?$filter=isRead eq false").text == "4"


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("receivedDateTime ge 2026-11-03T08:00:00Z and receivedDateTime lt 2026-11-05T08:00:00Z", days(4, 3)),
        ("receivedDateTime gt 2026-11-03T08:00:00Z and receivedDateTime le 2026-11-05T08:00:00Z", days(5, 4)),
        ("receivedDateTime ge 2026-11-06", days(7, 6)),
        ("receivedDateTime eq 2026-11-06T09:00:00+01:00", days(6)),
        ("sentDateTime ge 2020-01-01T00:00:00Z and isRead eq true", days(6, 4, 2)),
        ("from/emailAddress/address eq 'D.Fox@hale.example'", days(6, 4, 2)),
        ("startswith(from/emailAddress/name,'Da')", days(6, 4, 2)),
        ("internetMessageId eq '<3@contoso.example>'", days(3)),
        ("not (isRead eq true) and contains(subject,'day')", days(7, 5, 3, 1)),
        ("subject eq 'day 1' or subject eq 'DAY 2'", days(2, 1)),
        ("subject in ('day 1', 'day 5')", days(5, 1)),
        ("isDraft eq true", []),
        ("importance ne 'normal' or hasAttachments eq true", []),
        ("toRecipients/any(r:r/emailAddress/address eq 'bob@northwind.example') and subject eq 'day 4'", days(4)),
        ("categories/any(c:c eq 'Postroom')", []),
        ("flag/flagStatus eq 'flagged'", []),
        ("subject eq 'it''s'", []),
    ],
)
def test_filters_find_what_they_say(graph: Graph, where: str, found: list[str]) -> None:
    assert ask(graph, filter=where) == found


@pytest.mark.usefixtures("week")
def test_a_conversation_is_found_by_its_id(graph: Graph) -> None:
    (message,) = graph.get("/me/messages?$filter=subject eq 'day 3'")["value"]
    assert ask(graph, filter=f"conversationId eq '{message['conversationId']}'") == days(3)
    assert ask(graph, filter="conversationId eq 'none'") == []


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("receivedDateTime asc", days(1, 2, 3)),
        ("receivedDateTime", days(1, 2, 3)),
        ("from/emailAddress/name desc,receivedDateTime desc", days(6, 4, 2)),
        ("subject", days(1, 2, 3)),
    ],
)
def test_lists_are_ordered_as_asked(graph: Graph, order: str, found: list[str]) -> None:
    assert ask(graph, orderby=order, top="3") == found


@pytest.mark.usefixtures("week")
def test_a_list_of_another_order_has_pages_too(graph: Graph) -> None:
    answer = graph.get("/me/messages?$orderby=subject desc&$top=5")
    assert subjects(graph.get(answer["@odata.nextLink"])) == days(2, 1)


@pytest.mark.usefixtures("week")
def test_what_is_ordered_by_must_be_filtered_on_first(graph: Graph) -> None:
    order = "receivedDateTime desc"
    date = "receivedDateTime ge 2026-11-01T00:00:00Z"
    good = {"$filter": f"{date} and isRead eq true", "$orderby": order}
    assert subjects(graph.get("/me/messages", params=good)) == days(6, 4, 2)
    for where in ("isRead eq true", f"isRead eq true and {date}"):
        refusal = graph.refusal("GET", "/me/messages", params={"$filter": where, "$orderby": order})
        assert refusal == (400, "InefficientFilter")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("$filter=nothing eq 1", "RequestBroker--ParseUri"),
        ("$select=nothing", "RequestBroker--ParseUri"),
        ("$orderby=nothing", "RequestBroker--ParseUri"),
        ("$filter=subject eq", "BadRequest"),
        ("$filter=subject like 'x'", "BadRequest"),
        ("$filter=subject eq 'x", "BadRequest"),
        ("$filter=(subject eq 'x'", "BadRequest"),
        ("$filter=receivedDateTime ge 2026-13-01T00:00:00Z", "BadRequest"),
        ("$filter=contains(subject)", "BadRequest"),
        ("$filter=contains(body/content,'x')", "ErrorInvalidUrlQueryFilter"),
        ("$orderby=body", "ErrorInvalidUrlQuery"),
        ("$top=0", "BadRequest"),
        ("$top=1001", "BadRequest"),
        ("$skip=-1", "BadRequest"),
        ("$skiptoken=garbage", "BadRequest"),
        ("$nothing=1", "BadRequest"),
        ("$expand=nothing", "BadRequest"),
        ("$filter=" + "(" * 60 + "isRead eq true" + ")" * 60, "BadRequest"),
    ],
)
def test_a_wrong_query_is_refused(graph: Graph, put: Put, query: str, code: str) -> None:
    put("Offer")
    assert graph.refusal("GET", f"/me/messages?{query}") == (400, code)


@pytest.mark.usefixtures("week")
def test_another_mailbox_s_page_token_is_refused(graph: Graph, sign_in: SignIn) -> None:
    link = graph.get("/me/messages?$top=1")["@odata.nextLink"]
    assert sign_in(ALICE).refusal("GET", link) == (400, "BadRequest")


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ('"participants:d.fox@hale.example"', days(6, 4, 2)),
        ('"from:carla AND subject:3"', days(3)),
        ('"from:carla OR from:dana"', days(7, 6, 5, 4, 3, 2, 1)),
        ('"from:carla NOT subject:\\"day 3\\""', days(7, 5, 1)),
        ('"(subject:1 OR subject:2) from:carla"', days(1)),
        ('"received>=2026-11-06"', days(7, 6)),
        ('"received:2026-11-02..2026-11-03"', days(3, 2)),
        ('"to:bob hello"', days(7, 6, 5, 4, 3, 2, 1)),
        ('"hasAttachments:true"', []),
        ("hello", days(7, 6, 5, 4, 3, 2, 1)),
    ],
)
def test_searches_find_what_they_say(graph: Graph, words: str, found: list[str]) -> None:
    assert ask(graph, search=words) == found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('$search="x"&$filter=isRead eq true', "SearchWithFilter"),
        ('$search="x"&$orderby=receivedDateTime desc', "SearchWithOrderBy"),
        ('$search="x"&$skip=1', "SearchWithSkip"),
        ("$search=from:carla", "BadRequest"),
        ('$search=""', "BadRequest"),
        ('$search="(from:carla"', "BadRequest"),
    ],
)
def test_searches_stand_alone_and_in_quotes(graph: Graph, query: str, code: str) -> None:
    assert graph.refusal("GET", f"/me/messages?{query}") == (400, code)


def test_a_search_ends_at_a_thousand_results(graph: Graph, emulator: httpx.Client) -> None:
    line = b'{"address": "bob@northwind.example", "raw": "RnJvbTogYUBiLmV4YW1wbGUNCg0KeA0K", "provider": "microsoft"}\n'
    emulator.post("load", content=line * 1003).raise_for_status()
    answer = graph.get('/me/messages?$search="from:a@b.example"&$select=id&$top=999')
    assert len(graph.get(answer["@odata.nextLink"])["value"]) == 1


def test_attachments_and_private_properties_expand(graph: Graph) -> None:
    name = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Mark"
    draft = graph.post(
        "/me/messages",
        {
            "subject": "Marked",
            "singleValueExtendedProperties": [{"id": name, "value": "7"}],
            "attachments": [
                {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGk="}
            ],
        },
    )
    expand = f"attachments,singleValueExtendedProperties($filter=id eq '{name}')"
    found = graph.get(f"/me/messages/{draft['id']}", params={"$expand": expand})
    assert found["attachments"][0]["name"] == "a.txt"
    assert found["singleValueExtendedProperties"] == [{"id": name, "value": "7"}]
    where = f"singleValueExtendedProperties/Any(ep: ep/id eq '{name}' and ep/value eq '7')"
    assert subjects(graph.get("/me/messages", params={"$filter": where})) == ["Marked"]
    assert graph.get("/me/messages", params={"$filter": where.replace("'7'", "'8'")})["value"] == []
