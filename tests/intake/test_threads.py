"""Conversations, in whatever order their messages come."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.lib.tenancy import tenant_scope
from emails.models import Email
from intake.threads import grouped
from tests.intake.conftest import Box, Office, message

FIRST = message(1)
REPLY = message(2, References="<1@contoso.example>")
#: Names the reply alone, as some programs do.
ANSWER = message(3, In_Reply_To="<2@contoso.example>")
OTHER = message(4)


@pytest.mark.parametrize("order", list(permutations([FIRST, REPLY, ANSWER])))
def test_a_conversation_is_one_thread_in_whatever_order_it_comes(office: Office, order: tuple[bytes, ...]) -> None:
    """E3: history comes newest first, a message a page here."""
    office.contact("Carla", "carla@contoso.example")
    for number, content in enumerate([OTHER, *order]):
        box = Box()
        box.add(str(number), content)
        office.take(box)
    threads = {email.subject: email.thread_id for email in office.emails()}
    assert len({threads["Offer 1"], threads["Offer 2"], threads["Offer 3"]}) == 1
    assert threads["Offer 4"] != threads["Offer 1"]


def test_a_conversation_within_one_page_is_one_thread(office: Office, box: Box) -> None:
    office.contact("Carla", "carla@contoso.example")
    for number, content in enumerate([ANSWER, OTHER, FIRST, REPLY]):
        box.add(str(number), content)
    office.take(box)
    with tenant_scope(office.northwind.tenant.pk):
        assert Email.objects.values("thread").distinct().count() == 2


families = st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4), max_size=6)


@given(families, st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 3)))
def test_keys_are_together_exactly_if_a_chain_of_families_or_threads_ties_them(
    some: list[list[str]], threads: dict[str, int]
) -> None:
    groups = grouped(some, threads)
    tied = [set(family) | {threads[key] for key in family if key in threads} for family in some]
    for family in tied:
        assert sum(bool(family & (group.keys | set(group.threads))) for group in groups) == 1
    assert len(groups) == len(merged(tied))


def merged(sets: list[set[str | int]]) -> list[set[str | int]]:
    """Joins sets until none meets another: slow and plain."""
    found: list[set[str | int]] = []
    for one in sets:
        meeting = [other for other in found if other & one]
        found = [other for other in found if not other & one]
        found.append(one.union(*meeting))
    return found
