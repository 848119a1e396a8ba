"""Hostile mail and hostile pages get nowhere (S3)."""

from __future__ import annotations

import httpx
import pytest

from tests.emulator.conftest import Mail
from tests.emulator.outside.conftest import ALICE, Put, Write

HTML = b"From: a@b.example\r\nTo: c@d.example\r\nContent-Type: text/html\r\n\r\n<script>1</script><img src='https://x.test/p.gif'>"


def policy(answer: httpx.Response) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in parts}


@pytest.mark.parametrize("path", ["/", "/write", "/try", "/break", f"/mail/{ALICE}"])
def test_no_page_allows_scripts_or_anything_from_elsewhere(page: httpx.Client, path: str) -> None:
    answer = page.get(path)
    assert policy(answer)["default-src"] == "'none'"
    assert "script-src" not in policy(answer)
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_the_text_of_a_mail_is_walled_in(page: httpx.Client, put: Put) -> None:
    rules = policy(page.get(f"{put(ALICE, HTML)}/body"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "allow-scripts" not in rules["sandbox"]
    assert "allow-same-origin" not in rules["sandbox"]


def test_remote_pictures_wait_to_be_asked_for(page: httpx.Client, put: Put) -> None:
    path = put(ALICE, HTML)
    assert "?images=1" not in page.get(path).text.split("<iframe")[1].split(">")[0]
    assert policy(page.get(f"{path}/body", params={"images": "1"}))["img-src"] == "data: http: https:"


def test_an_attachment_is_never_shown_as_a_page(page: httpx.Client, put: Put) -> None:
    raw = b"From: a@b.example\r\nContent-Type: text/html; name=x.html\r\nContent-Disposition: attachment\r\n\r\n<p>"
    file = page.get(f"{put(ALICE, raw)}/files/0")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["x-content-type-options"] == "nosniff"


def test_subjects_and_names_are_text(page: httpx.Client, put: Put, mail: Mail) -> None:
    path = put(ALICE, mail(subject="<script>1</script>", From='"<img src=x>" <a@b.example>'))
    for each in (path, f"/mail/{ALICE}"):
        text = page.get(each).text
        assert "<script>1" not in text
        assert "<img src=x" not in text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_the_form_of_another_site_is_refused(page: httpx.Client, emulator: httpx.Client, site: str) -> None:
    answer = page.post("/write", data={"sender": "a@b.example", "to": ALICE}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert emulator.get(f"mailboxes/{ALICE}").json()["messages"] == 0


def test_a_line_end_in_a_field_makes_no_header(write: Write, emulator: httpx.Client) -> None:
    write(subject="Pallets\r\nBcc: everybody@elsewhere.test")
    addresses = {box["address"] for box in emulator.get("mailboxes").json()["mailboxes"]}
    assert "everybody@elsewhere.test" not in addresses


@pytest.mark.parametrize("below", ["²-²", "9" * 5000 + "-1", "-"])
def test_a_place_in_the_list_that_is_none_is_its_beginning(page: httpx.Client, put: Put, below: str) -> None:
    put(ALICE, HTML)
    assert page.get(f"/mail/{ALICE}", params={"below": below}).status_code == 200
