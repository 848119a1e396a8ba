"""Microsoft's own SDK reads and writes the same mailbox: its generated models parse every answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from kiota_abstractions.api_error import APIError
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.file_attachment import FileAttachment
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.message import Message
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.outlook_category import OutlookCategory
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.users.item.mail_folders.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph.generated.users.item.messages.item.move.move_post_request_body import MovePostRequestBody
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody
from msgraph.graph_service_client import GraphServiceClient

from tests.emulator.microsoft.conftest import ALICE, BOB, Put

Sdk = Callable[[Callable[[GraphServiceClient], Awaitable[Any]]], Any]


def letter(subject: str) -> Message:
    to = Recipient(email_address=EmailAddress(address=ALICE))
    body = ItemBody(content_type=BodyType.Html, content="<p>Hello</p>")
    return Message(subject=subject, to_recipients=[to], body=body)


def test_it_knows_who_it_is(sdk: Sdk) -> None:
    assert sdk(lambda client: client.me.get()).mail == BOB


def test_it_lists_folders_and_filters_messages(sdk: Sdk, put: Put) -> None:
    put("one", read=True)
    put("two", read=False)
    folders = sdk(lambda client: client.me.mail_folders.get())
    assert "Inbox" in [folder.display_name for folder in folders.value]
    query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(
        filter="isRead eq false", select=["subject", "receivedDateTime", "from"], top=5, count=True
    )
    asked = RequestConfiguration(query_parameters=query)
    found = sdk(lambda client: client.me.mail_folders.by_mail_folder_id("inbox").messages.get(asked))
    assert [message.subject for message in found.value] == ["two"]
    assert found.value[0].from_.email_address.address == "carla@contoso.example"
    assert (found.value[0].received_date_time.tzinfo is not None, found.odata_count) == (True, 1)


def test_it_follows_next_links(sdk: Sdk, put: Put) -> None:
    for number in range(12):
        put(f"m{number}")

    async def both(client: GraphServiceClient) -> list[Any]:
        first = await client.me.messages.get()
        assert first is not None
        second = await client.me.messages.with_url(first.odata_next_link or "").get()
        assert second is not None
        return [*(first.value or []), *(second.value or [])]

    assert len(sdk(both)) == 12


def test_it_writes_sends_and_finds_the_copy(sdk: Sdk, emulator: httpx.Client) -> None:
    async def send(client: GraphServiceClient) -> Any:
        draft = await client.me.messages.post(letter("Drafted"))
        assert draft is not None
        item = client.me.messages.by_message_id(draft.id or "")
        await item.attachments.post(FileAttachment(name="a.txt", content_bytes=b"hello"))
        await item.send.post()
        return await client.me.mail_folders.by_mail_folder_id("sentitems").messages.get()

    (sent,) = sdk(send).value
    assert (sent.subject, sent.is_draft, sent.has_attachments) == ("Drafted", False, True)
    (received,) = emulator.get("truth", params={"address": ALICE}).json()["messages"]
    assert received["has_attachment"]


def test_it_sends_mail_at_once(sdk: Sdk, emulator: httpx.Client) -> None:
    body = SendMailPostRequestBody(message=letter("At once"), save_to_sent_items=True)
    sdk(lambda client: client.me.send_mail.post(body))
    (received,) = emulator.get("truth", params={"address": ALICE}).json()["messages"]
    assert received["subject"] == "At once"


def test_it_marks_moves_and_deletes(sdk: Sdk, put: Put) -> None:
    ids = put("one", read=False)

    async def act(client: GraphServiceClient) -> Any:
        item = client.me.messages.by_message_id(ids["graph_id"])
        marked = await item.patch(Message(is_read=True, categories=["Postroom"]))
        assert marked is not None
        assert (marked.is_read, marked.categories) == (True, ["Postroom"])
        moved = await item.move.post(MovePostRequestBody(destination_id="archive"))
        assert moved is not None
        await client.me.messages.by_message_id(moved.id or "").delete()
        return await client.me.mail_folders.by_mail_folder_id("deleteditems").messages.get()

    assert [message.subject for message in sdk(act).value] == ["one"]


def test_it_follows_a_delta_and_sees_removals(sdk: Sdk, put: Put, emulator: httpx.Client) -> None:
    ids = put("one")
    first = sdk(lambda client: client.me.mail_folders.by_mail_folder_id("inbox").messages.delta.get())
    assert [message.subject for message in first.value] == ["one"]
    emulator.post("delete", json={"address": BOB, "id": ids["graph_id"]})

    async def go_on(client: GraphServiceClient) -> Any:
        delta = client.me.mail_folders.by_mail_folder_id("inbox").messages.delta
        return await delta.with_url(first.odata_delta_link).get()

    (gone,) = sdk(go_on).value
    assert (gone.id, gone.additional_data["@removed"]["reason"]) == (ids["graph_id"], "deleted")


def test_it_is_told_that_the_whole_mailbox_has_no_delta(sdk: Sdk) -> None:
    with pytest.raises(ODataError, match="Change tracking is not supported"):
        sdk(lambda client: client.me.messages.delta.get())


def test_it_reads_mime_and_attachments(sdk: Sdk, put: Put) -> None:
    ids = put("one")
    content = sdk(lambda client: client.me.messages.by_message_id(ids["graph_id"]).content.get())
    assert b"Subject: one" in content
    attachments = sdk(lambda client: client.me.messages.by_message_id(ids["graph_id"]).attachments.get())
    assert attachments.value == []


def test_it_reads_errors_with_code_and_request_id(sdk: Sdk) -> None:
    with pytest.raises(ODataError) as raised:
        sdk(lambda client: client.me.messages.by_message_id("nonsense").get())
    error = raised.value.error
    assert isinstance(raised.value, APIError)
    assert error is not None
    assert error.inner_error is not None
    assert (error.code, raised.value.response_status_code) == ("ErrorInvalidIdMalformed", 400)
    assert error.inner_error.request_id


def test_it_makes_categories(sdk: Sdk) -> None:
    made = sdk(lambda client: client.me.outlook.master_categories.post(OutlookCategory(display_name="Postroom")))
    assert made.display_name == "Postroom"
