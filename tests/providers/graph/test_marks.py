"""Our category on messages (R42)."""

from __future__ import annotations

import pytest

from providers.base import Kind, Missing, Provider, ProviderError, Recovery, Unfetched
from tests.providers.graph.conftest import Outlook

MASTER = "/me/outlook/masterCategories"


def categories(outlook: Outlook, name: str) -> list[str]:
    return list(outlook.hand("GET", f"/me/messages/{name}?$select=categories")["categories"])


def test_a_message_keeps_its_other_categories(outlook: Outlook, bob: Provider) -> None:
    name = outlook.put("one")
    outlook.hand("PATCH", f"/me/messages/{name}", json={"categories": ["Red category"]})
    assert list(bob.mark([name], "Postroom")) == [name]
    assert categories(outlook, name) == ["Red category", "Postroom"]


def test_the_category_gets_a_colour_once(outlook: Outlook, bob: Provider) -> None:
    names = [outlook.put(f"{number}") for number in range(2)]
    list(bob.mark(names[:1], "Postroom"))
    list(outlook.open().mark(names[1:], "Postroom"))
    found = [each for each in outlook.hand("GET", MASTER)["value"] if each["displayName"] == "Postroom"]
    assert [each["color"] for each in found] == ["preset7"]


def test_what_has_it_is_not_written_again(outlook: Outlook, bob: Provider) -> None:
    """E11: nothing comes back as a change that was none."""
    name = outlook.put("one")
    outlook.hand("PATCH", f"/me/messages/{name}", json={"categories": ["POSTROOM"]})
    outlook.forget_asked()
    assert list(bob.mark([name], "Postroom")) == [name]
    assert outlook.asked("", "PATCH") == []


def test_without_the_settings_it_has_no_colour(outlook: Outlook) -> None:
    provider = outlook.open(scopes="User.Read Mail.ReadWrite")
    name = outlook.put("one")
    assert list(provider.mark([name], "Postroom")) == [name]
    assert categories(outlook, name) == ["Postroom"]


def test_a_change_in_between_is_read_again(outlook: Outlook, bob: Provider) -> None:
    name = outlook.put("one")
    body = {"error": {"code": "ErrorIrresolvableConflict", "message": "Changed."}}
    outlook.act("faults", path=f"/graph/v1.0/me/messages/{name}", method="PATCH", status=412, body=body)
    assert list(bob.mark([name], "Postroom")) == [name]
    assert categories(outlook, name) == ["Postroom"]


def test_a_message_that_always_changes_is_left_for_later(outlook: Outlook, bob: Provider) -> None:
    names = [outlook.put(f"{number}") for number in range(2)]
    body = {"error": {"code": "ErrorIrresolvableConflict", "message": "Changed."}}
    outlook.act("faults", path=f"/graph/v1.0/me/messages/{names[0]}", method="PATCH", times=0, status=412, body=body)
    good, bad = bob.mark(names, "Postroom")
    assert good == names[1]
    assert isinstance(bad, Unfetched)
    assert (bad.id, bad.error.recovery) == (names[0], Recovery.TRANSIENT)


def test_a_real_race_loses_nobody_s_category(outlook: Outlook, bob: Provider) -> None:
    """The owner's own write comes between our reading and our writing."""
    name = outlook.put("one")
    etag = outlook.hand("GET", f"/me/messages/{name}?$select=categories")["@odata.etag"]
    outlook.hand("PATCH", f"/me/messages/{name}", json={"categories": ["Mine"]})
    stale = {"@odata.etag": etag, "id": name, "categories": []}
    outlook.act("faults", path=f"/graph/v1.0/me/messages/{name}", method="GET", status=200, body=stale)
    assert list(bob.mark([name], "Postroom")) == [name]
    assert categories(outlook, name) == ["Mine", "Postroom"]


def test_a_failure_after_the_work_does_no_harm(outlook: Outlook, bob: Provider) -> None:
    name = outlook.put("one")
    outlook.act("faults", path=f"/graph/v1.0/me/messages/{name}", method="PATCH", status=504, commit=True)
    (answer,) = bob.mark([name], "Postroom")
    assert isinstance(answer, Unfetched)
    assert list(bob.mark([name], "Postroom")) == [name]
    assert categories(outlook, name) == ["Postroom"]


def test_what_is_gone_is_missing(outlook: Outlook, bob: Provider) -> None:
    name = outlook.put("one")
    outlook.delete(name)
    assert list(bob.mark([name], "Postroom")) == [Missing(name)]


def test_who_may_only_read_may_not_mark(outlook: Outlook) -> None:
    provider = outlook.open(scopes="User.Read Mail.Read")
    with pytest.raises(ProviderError) as failed:
        list(provider.mark([outlook.put("one")], "Postroom"))
    assert (failed.value.kind, failed.value.recovery) == (Kind.DISABLED, Recovery.PERMANENT)
    assert not failed.value.needs_reconnect
