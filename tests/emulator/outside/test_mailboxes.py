"""Everybody's mailbox can be found, opened and searched."""

from __future__ import annotations

import httpx

from tests.emulator.conftest import Mail
from tests.emulator.outside.conftest import ALICE, BOB, INES, Put


def test_the_first_page_lists_everybody_with_their_provider(page: httpx.Client) -> None:
    text = page.get("/").text
    assert ALICE in text
    assert BOB in text
    assert "Emulated Gmail" in text
    assert "Emulated Microsoft 365" in text


def test_people_are_found_by_name(page: httpx.Client) -> None:
    text = page.get("/", params={"q": "marsh"}).text
    main = text[text.index("<main") :]
    assert BOB in main
    assert ALICE not in main


def test_an_unknown_name_is_told_so(page: httpx.Client) -> None:
    assert "Nobody is called “zoe”" in page.get("/", params={"q": "zoe"}).text


def test_an_empty_world_says_how_to_begin(emulator: httpx.Client, emulator_url: str) -> None:
    assert "Nobody has mail yet" in httpx.get(f"{emulator_url}/").text


def test_a_mailbox_shows_its_inbox(page: httpx.Client, put: Put, mail: Mail) -> None:
    put(ALICE, mail(subject="In the inbox"))
    put(ALICE, mail(subject="Put away"), folder="archive")
    text = page.get(f"/mail/{ALICE}").text
    assert "In the inbox" in text
    assert "Put away" not in text


def test_every_folder_and_label_can_be_opened(page: httpx.Client, put: Put, mail: Mail) -> None:
    put(ALICE, mail(subject="Labelled"), labels="Customers")
    put(BOB, mail(subject="Filed"), folder="Projects/Lyon")
    assert "Labelled" in page.get(f"/mail/{ALICE}", params={"place": "label:Label_1"}).text
    assert "Projects/Lyon" in page.get(f"/mail/{BOB}").text


def test_unread_mail_is_counted_and_marked(page: httpx.Client, put: Put, mail: Mail) -> None:
    put(ALICE, mail())
    assert "1 unread" in page.get("/").text
    assert "Unread: " in page.get(f"/mail/{ALICE}").text


def test_the_newest_comes_first_and_the_rest_on_further_pages(page: httpx.Client, put: Put, mail: Mail) -> None:
    for number in range(45):
        put(ALICE, mail(subject=f"Number {number:02}"), date=str(1_790_000_000_000 + number))
    first = page.get(f"/mail/{ALICE}")
    assert first.text.index("Number 44") < first.text.index("Number 43")
    assert "Number 04" not in first.text
    (more,) = {
        part.split('"')[0].replace("&amp;", "&") for part in first.text.split('href="?') if "below=" in part[:80]
    }
    assert "Number 04" in page.get(f"/mail/{ALICE}?{more}").text


def test_words_are_found_in_subject_people_and_text(page: httpx.Client, put: Put, mail: Mail) -> None:
    put(ALICE, mail("The pallets stand at gate C.", subject="Delivery"))
    put(ALICE, mail(subject="Something else"), folder="archive")
    for words in ("PALLETS gate", "delivery", "carla contoso"):
        text = page.get(f"/mail/{ALICE}", params={"q": words}).text
        assert "Delivery" in text
        assert "Something else" not in text or words == "carla contoso"


def test_a_search_without_result_says_so(page: httpx.Client, put: Put, mail: Mail) -> None:
    put(ALICE, mail())
    assert "Nothing here says “giraffe”" in page.get(f"/mail/{ALICE}", params={"q": "giraffe"}).text


def test_looking_at_a_mailbox_that_is_not_there_does_not_make_it(page: httpx.Client, emulator: httpx.Client) -> None:
    answer = page.get("/mail/nobody@nowhere.example")
    assert answer.status_code == 404
    assert "Nobody has the address" in answer.text
    addresses = [box["address"] for box in emulator.get("mailboxes").json()["mailboxes"]]
    assert addresses == [ALICE, BOB]


def test_a_page_of_garbage_is_the_first_page(page: httpx.Client, put: Put, mail: Mail) -> None:
    put(ALICE, mail(subject="Still here"))
    assert "Still here" in page.get(f"/mail/{ALICE}", params={"below": "x-y", "place": "folder:inbox"}).text


def test_people_outside_have_mailboxes_too(page: httpx.Client, put: Put, mail: Mail) -> None:
    put(INES, mail(subject="For Ines"))
    assert "For Ines" in page.get(f"/mail/{INES}").text
