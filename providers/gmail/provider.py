"""A Gmail mailbox behind `base.Provider`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from providers.base import (
    LARGEST,
    Begun,
    Changes,
    Identity,
    Kind,
    Listing,
    Missing,
    Pace,
    Place,
    ProviderError,
    Raw,
    Recovery,
    Right,
    Save,
    Search,
    Seen,
    Unfetched,
    Watch,
)
from providers.gmail import cursors, errors, grants, parse, query, scopes
from providers.gmail.app import App
from providers.gmail.client import LARGEST_BATCH, Client
from providers.gmail.cursors import Again, History
from providers.gmail.types import HistoryJson, LabelsJson, MessageJson, MessagesJson
from providers.gmail.walk import Walk

_HISTORY_PAGE = 500
_SEARCH_PAGE = 100
_AGAIN_PAGE = 200
_HISTORY_TYPES = ("messageAdded", "messageDeleted", "labelAdded", "labelRemoved")
#: Whole messages in a batch, and the bytes of those whose size is known: all are in memory at once, some times over.
_RAW_BATCH = 20
_RAW_BYTES = 8 * 2**20
#: Up to here single calls are cheaper than `batchModify`.
_FEW = 10
_MANY = 1000


class GmailProvider:
    """`base.Provider`; it remembers only what it saw the size of, so as to fetch large mail alone, and names of labels.

    Those are asked for when a message carries a label that somebody made and that is not known yet: a poll of a
    mailbox where nothing happened asks for none, and a label that is made later is found by the first message with it.
    """

    def __init__(self, app: App, grant: str, *, save: Save, pace: Pace, never: str = "") -> None:
        held = grants.loads(grant)
        self._rights = scopes.rights(held.scopes)
        self._userinfo_url = app.userinfo_url
        self._client = Client(app, held, save=save, pace=pace)
        self._sizes: dict[str, int] = {}
        self._never = never
        #: By id, the names of the labels that were told or asked for; an id that is no label any more has none.
        self._labels: dict[str, str] = {}

    def close(self) -> None:
        self._client.close()

    def identity(self) -> Identity:
        """Whoever may only send is asked for by OpenID: sending shows neither the profile nor the aliases."""
        if Right.READ not in self._rights:
            return Identity(parse.text(self._client.fetch(self._userinfo_url), "email").lower())
        address = parse.text(self._client.profile(), "emailAddress").lower()
        others = parse.aliases(self._client.aliases())
        return Identity(address, tuple(dict.fromkeys(other for other in others if other != address)))

    def begin(self, cursor: str = "") -> Begun:
        return Begun(History(self._head()).dumps(), done=True)

    def changes(self, cursor: str, *, since: datetime) -> Changes:
        place = cursors.loads(cursor)
        if isinstance(place, Again):
            return self._again(place)
        try:
            answer = self._history(place)
        except ProviderError as error:
            if error.status != 404:
                raise
            # Forgotten: first where the history is now, then what came before that (E8).
            forgotten = Again(self._head(), max(0, int(since.timestamp())))
            return Changes((), forgotten.dumps(), more=True, recovered=True)
        page = answer.get("nextPageToken")
        following = History(place.start, page) if page else History(parse.text(answer, "historyId"))
        never = self._kept_out_by(parse.told(answer))
        return Changes(parse.changed(answer, never), following.dumps(), more=bool(page))

    def search(self, wanted: Search, token: str = "") -> Listing:
        walk = Walk(wanted, self._never)
        question = walk.question(walk.resume(token))
        if question is None:
            return Listing((), None, 0, 1.0)
        answer: MessagesJson = self._client.list(q=question.q, page=question.step.page, most=_SEARCH_PAGE)
        hits = tuple(parse.listed(each, concerns=question.concerns) for each in answer.get("messages", ()))
        following = walk.after(question.step, answer.get("nextPageToken"))
        return Listing(hits, following.dumps() if following else None, len(hits), walk.progress(following))

    def headers(self, ids: Sequence[str]) -> Iterator[Seen | Missing | Unfetched]:
        batches = _chunks(dict.fromkeys(ids), LARGEST_BATCH)
        for each, answer in self._get(batches, form="metadata", headers=parse.HEADERS):
            if not isinstance(answer, ProviderError):
                seen = parse.seen(answer, with_headers=True, never=self._kept_out_by([answer]))
                self._sizes[each] = seen.size
                yield seen
            else:
                yield _apart(each, answer)

    def raw(self, ids: Sequence[str]) -> Iterator[Raw | Missing | Unfetched]:
        wanted = list(dict.fromkeys(ids))
        for each in wanted:
            if self._sizes.get(each, 0) > LARGEST:
                yield Unfetched(each, errors.too_large(self._sizes[each]))
        fetched = [each for each in wanted if self._sizes.get(each, 0) <= LARGEST]
        for each, answer in self._get(self._by_size(fetched), form="raw"):
            if isinstance(answer, ProviderError):
                yield _apart(each, answer)
            else:
                yield _whole(each, answer, self._kept_out_by([answer]))

    def kept_out(self) -> Iterator[Seen]:
        label_id = self._find_label(self._never) if self._never else None
        page = ""
        while label_id:
            answer: MessagesJson = self._client.list(most=_AGAIN_PAGE, page=page, label=label_id)
            for each in answer.get("messages", ()):
                yield replace(parse.listed(each), place=Place.NEVER)
            page = answer.get("nextPageToken", "")
            if not page:
                return

    def mark(self, ids: Iterable[str], label: str) -> Iterator[str | Missing | Unfetched]:
        """Up to ten messages one by one; more at once, where Gmail does not say which of them are gone."""
        named = list(dict.fromkeys(ids))
        valid = [each for each in named if parse.is_id(each)]
        for each in named:
            if not parse.is_id(each):
                yield Unfetched(each, ProviderError(Kind.CODE, Recovery.PERMANENT, "No id of Gmail's.", code="id"))
        if not valid:
            return
        label_id = self._label(label)
        if len(valid) <= _FEW:
            yield from self._mark_few(valid, label_id)
            return
        for chunk in _chunks(valid, _MANY):
            self._client.label_many(chunk, label_id)
            yield from chunk

    def watch(self, *, url: str, secret: str, current: Watch | None = None) -> Watch:
        """``url`` is the name of the topic; Pub/Sub signs its pushes, so the ``secret`` is not needed."""
        try:
            answer = self._client.watch(url)
        except ProviderError as error:
            if error.code != errors.ONE_TOPIC:
                raise
            # Another one of ours is in the way, perhaps from an earlier set-up.
            self._client.stop()
            answer = self._client.watch(url)
        return Watch("", parse.moment(answer, "expiration"))

    def unwatch(self, current: Watch) -> None:
        self._client.stop()

    def _head(self) -> str:
        return parse.text(self._client.profile(), "historyId")

    def _history(self, place: History) -> HistoryJson:
        """A page; the first one again where Gmail no longer knows the page's token."""
        asked: dict[str, Any] = {"start": place.start, "types": _HISTORY_TYPES, "most": _HISTORY_PAGE}
        try:
            return cast("HistoryJson", self._client.history(page=place.page, **asked))
        except ProviderError as error:
            if error.status != 400 or not place.page:
                raise
            return cast("HistoryJson", self._client.history(page="", **asked))

    def _again(self, place: Again) -> Changes:
        """One page of what is read again: the newest without a query, then by a query all since the day."""
        labelled: dict[str, Seen] = {}
        if not place.searching:
            answer: MessagesJson = self._client.list(most=_SEARCH_PAGE)
            following: Again | History = replace(place, searching=True)
            labelled = self._labelled()
        else:
            answer = self._client.list(q=query.between(place.since, None), page=place.page, most=_AGAIN_PAGE)
            page = answer.get("nextPageToken")
            following = replace(place, page=page) if page else History(place.start)
        listed = {each["id"]: parse.listed(each) for each in answer.get("messages", ())}
        return Changes(tuple((listed | labelled).values()), following.dumps(), more=True, recovered=True)

    def _labelled(self) -> dict[str, Seen]:
        """The newest of what is kept out by its label: nothing tells of those that got it meanwhile."""
        label_id = self._find_label(self._never) if self._never else None
        if not label_id:
            return {}
        answer: MessagesJson = self._client.list(most=_AGAIN_PAGE, label=label_id)
        return {each["id"]: replace(parse.listed(each), place=Place.NEVER) for each in answer.get("messages", ())}

    def _kept_out_by(self, messages: Iterable[MessageJson]) -> str:
        """The id of the label that keeps mail out, as far as it is on any of these messages; empty if it is not."""
        if not self._never:
            return ""
        carried = parse.own_labels(messages)
        if new := carried - self._labels.keys():
            answer: LabelsJson = self._client.labels()
            told = {each["id"]: _plain(each["name"]) for each in answer.get("labels", ())}
            self._labels |= dict.fromkeys(new, "") | told
        return next((each for each in carried if self._labels[each] == _plain(self._never)), "")

    def _get(
        self, batches: Iterable[Sequence[str]], *, form: str, headers: Sequence[str] = ()
    ) -> Iterator[tuple[str, MessageJson | ProviderError]]:
        """Each message or its own error; after a batch that was throttled, the rest is not asked for."""
        throttled: ProviderError | None = None
        for batch in batches:
            if throttled:
                yield from ((each, throttled) for each in batch)
                continue
            answers = dict(self._client.get(batch, form=form, headers=headers))
            failed = (each for each in answers.values() if isinstance(each, ProviderError))
            throttled = next(filter(errors.is_throttled, failed), None)
            yield from _told(batch, answers)

    def _by_size(self, ids: Iterable[str]) -> Iterator[list[str]]:
        batch: list[str] = []
        room = _RAW_BYTES
        for each in ids:
            size = self._sizes.get(each, 0)
            if batch and (len(batch) == _RAW_BATCH or size > room):
                yield batch
                batch, room = [], _RAW_BYTES
            batch.append(each)
            room -= size
        if batch:
            yield batch

    def _mark_few(self, ids: Sequence[str], label_id: str) -> Iterator[str | Missing | Unfetched]:
        for each, answer in _told(ids, dict(self._client.label(ids, label_id))):
            yield _apart(each, answer) if isinstance(answer, ProviderError) else each

    def _label(self, name: str) -> str:
        """The id of the person's label of that name, made if missing."""
        if found := self._find_label(name):
            return found
        try:
            return parse.text(self._client.make_label(name), "id")
        except ProviderError as error:
            # Somebody was quicker; or the name is one of Gmail's own, and putting it on would move mail about.
            found = self._find_label(name) if error.status == 409 else None
            if not found:
                raise
            return found

    def _find_label(self, name: str) -> str | None:
        wanted = _plain(name)
        answer: LabelsJson = self._client.labels()
        own = (each for each in answer.get("labels", ()) if each.get("type") == "user")
        return next((each["id"] for each in own if _plain(each["name"]) == wanted), None)


def _told(batch: Iterable[str], answers: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The answers of a batch, taken out one by one. What is wrong with the whole mailbox is raised after the others."""
    common: ProviderError | None = None
    for each in batch:
        answer = answers.pop(each, None) or errors.garbled()
        if isinstance(answer, ProviderError) and answer.status != 404 and not errors.concerns_one(answer):
            common = answer
        else:
            yield each, answer
    if common:
        raise common


def _apart(each: str, error: ProviderError) -> Missing | Unfetched:
    return Missing(each) if error.status == 404 else Unfetched(each, error)


def _whole(each: str, answer: MessageJson, never: str) -> Raw | Unfetched:
    try:
        found = parse.raw(answer, never)
    except ProviderError as error:
        return Unfetched(each, error)
    if len(found.content) > LARGEST:
        return Unfetched(each, errors.too_large(len(found.content)))
    return found


def _plain(name: str) -> str:
    """Gmail tells labels apart without case, and keeps one blank of many."""
    return " ".join(name.split()).casefold()


def _chunks(ids: Iterable[str], most: int) -> Iterator[list[str]]:
    waiting = list(ids)
    for start in range(0, len(waiting), most):
        yield waiting[start : start + most]
