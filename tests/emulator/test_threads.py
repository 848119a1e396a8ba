"""Which messages belong together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.mailbox import Mailbox
from emulator.world import World

Mail = Callable[..., bytes]


@pytest.fixture
def box(world: World) -> Mailbox:
    return world.mailbox("alice@northwind.example")


def test_a_reply_joins_the_thread_it_cites(box: Mailbox, mail: Mail) -> None:
    first = box.add(mail(Message_ID="<1@contoso.example>"))
    reply = box.add(mail(subject="AW: Re: offer", In_Reply_To="<1@contoso.example>"))
    assert reply.thread == first.thread == first.gid


def test_a_new_subject_starts_a_thread_even_where_the_old_one_is_cited(box: Mailbox, mail: Mail) -> None:
    first = box.add(mail(Message_ID="<1@contoso.example>"))
    other = box.add(mail(subject="Lunch", References="<1@contoso.example>"))
    assert other.thread != first.thread


def test_the_same_subject_alone_joins_nothing(box: Mailbox, mail: Mail) -> None:
    assert box.add(mail()).thread != box.add(mail()).thread


def test_a_parent_that_comes_late_joins_its_replies(box: Mailbox, mail: Mail) -> None:
    reply = box.add(mail(subject="Re: Offer", References="<1@contoso.example>"))
    assert box.add(mail(Message_ID="<1@contoso.example>")).thread == reply.thread


def test_an_asked_thread_needs_a_citation(box: Mailbox, mail: Mail) -> None:
    first = box.add(mail(Message_ID="<1@contoso.example>"))
    assert box.add(mail(subject="Re: Offer"), thread=first.thread).thread != first.thread


def test_an_asked_thread_is_taken_with_citation_and_subject(box: Mailbox, mail: Mail) -> None:
    first = box.add(mail(Message_ID="<1@contoso.example>"))
    reply = mail(subject="Re: Offer", References="<1@contoso.example>")
    assert box.add(reply, thread=first.thread).thread == first.thread


def test_a_thread_ends_with_its_last_message(box: Mailbox, mail: Mail) -> None:
    first = box.add(mail(Message_ID="<1@contoso.example>"))
    box.delete(first)
    assert box.in_thread(first.thread) == []
    assert box.add(mail(References="<1@contoso.example>")).thread != first.thread
