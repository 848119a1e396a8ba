"""Which messages belong together: those that cite one another and share a subject."""

from __future__ import annotations

from emulator.rfc822 import Head, bare_subject


class ThreadIndex:
    """Threads of one mailbox by their number, which is the Gmail id of their first message."""

    def __init__(self) -> None:
        self._members: dict[int, list[int]] = {}
        self._subjects: dict[int, str] = {}
        self._cited: dict[str, int] = {}

    def __contains__(self, thread: int) -> bool:
        return thread in self._members

    def __len__(self) -> int:
        return len(self._members)

    def members(self, thread: int) -> tuple[int, ...]:
        """Sequences of the thread's messages in the order they came."""
        return tuple(self._members.get(thread, ()))

    def find(self, head: Head) -> int | None:
        """The thread that a message goes to by References and In-Reply-To, the nearest first, and by its
        subject.

        A message that came late finds the thread of the replies that cite it.
        """
        for cited in (head.message_id, *reversed(head.references)):
            thread = self._cited.get(cited)
            if thread is not None and self._fits(head, thread):
                return thread
        return None

    def accepts(self, thread: int, head: Head) -> bool:
        """Gmail's rule for a threadId in a request: the message must also cite the thread and keep its
        subject.

        https://developers.google.com/workspace/gmail/api/guides/threads
        """
        cites = any(self._cited.get(cited) == thread for cited in head.references)
        return cites and self._fits(head, thread)

    def join(self, thread: int, seq: int, head: Head) -> None:
        self._members.setdefault(thread, []).append(seq)
        self._subjects.setdefault(thread, bare_subject(head.subject))
        for cited in (head.message_id, *head.references):
            if cited and self._cited.get(cited) not in self._members:
                self._cited[cited] = thread

    def leave(self, thread: int, seq: int) -> None:
        members = self._members[thread]
        members.remove(seq)
        if not members:
            del self._members[thread]
            del self._subjects[thread]

    def _fits(self, head: Head, thread: int) -> bool:
        return self._subjects.get(thread) == bare_subject(head.subject)
