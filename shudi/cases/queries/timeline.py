"""One timeline of everything about an account: this case and the others, corrections from their
start to their end, what they held back, notes, files, contests, notices.

There is no history of labels: it would be a trail of a person's movements. What the store keeps of
past labels is what people decided (corrections) and what a correction held back (results dropped,
until retention); both are lines here. Sightings are the picture beside it, by month.

One statement whatever the filter: each source gives the keys of its newest few, walking an index;
the keys are merged, and only the page's lines are read.
"""

import dataclasses
import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from shudi.cases.rules import EventKind
from shudi.cases.store import Case, CaseEvent
from shudi.cases.store.case_page import CaseNotice
from shudi.labels.rules import CorrectionKind, CorrectionState, State
from shudi.labels.store import Correction, DroppedResult
from shudi.outbox.store import Message, MessageState
from shudi.staff.store import Staff

PAGE = 30
TOLD_MOST = 20


class Source(enum.IntEnum):
    """Where a line comes from. At one instant the higher number happened later. `TOLD` repeats
    what was reported of this case, whatever page of the timeline is shown.
    """

    TOLD = 0
    EVENT = 1
    DROPPED = 2
    RETURNED = 3
    ENDED = 4
    STARTED = 5
    NOTICE = 6


class Show(enum.StrEnum):
    """Which lines; `handling`: who took the case and let go of it."""

    ALL = "all"
    SAID = "said"
    DECISIONS = "decisions"
    LABEL = "label"
    NOTES = "notes"
    NOTICES = "notices"
    HANDLING = "handling"


_KINDS: dict[Show, tuple[EventKind, ...]] = {
    Show.SAID: (EventKind.OPENED, EventKind.REPORTED, EventKind.CONTESTED),
    Show.DECISIONS: (
        EventKind.DECIDED,
        EventKind.PROPOSED,
        EventKind.APPROVED,
        EventKind.REFUSED,
        EventKind.WITHDRAWN,
        EventKind.CLOSED,
    ),
    Show.NOTES: (EventKind.NOTED, EventKind.ATTACHED, EventKind.DETACHED),
}
_KINDS[Show.HANDLING] = tuple(
    kind for kind in EventKind if not any(kind in kinds for kinds in _KINDS.values())
)
_Receiver = aliased(Staff)
_LABEL = (Source.DROPPED, Source.RETURNED, Source.ENDED, Source.STARTED)
_ENDED = (CorrectionState.LIFTED, CorrectionState.REVERTED, CorrectionState.SUPERSEDED)
_STARTED = (CorrectionState.IN_FORCE, *_ENDED)


@dataclasses.dataclass(frozen=True, slots=True)
class Cursor:
    """The last line of the page before."""

    at: datetime
    source: int
    id: int


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One line. Which fields count depends on the source; `actor` is a program's or a role's name
    where `staff` is empty.
    """

    source: Source
    id: int
    at: datetime
    case_id: int | None
    kind: EventKind | None
    actor: str | None
    staff: str | None
    staff_id: int | None
    text: str
    data: dict[str, Any]
    correction_id: int | None
    correction: CorrectionKind | None
    reason: str | None
    until: datetime | None
    end: CorrectionState | None
    state: State | None
    region: str | None
    topic: str | None
    channel: str | None
    delivery: MessageState | None
    receiver: str | None  # to whom a case was handed

    @property
    def cursor(self) -> Cursor:
        """Where the page after this line begins."""
        return Cursor(self.at, int(self.source), self.id)

    @property
    def group(self) -> Show:
        """The filter that shows this line."""
        if self.source is Source.NOTICE:
            return Show.NOTICES
        if self.source in _LABEL:
            return Show.LABEL
        return next((show for show, kinds in _KINDS.items() if self.kind in kinds), Show.HANDLING)


@dataclasses.dataclass(frozen=True, slots=True)
class Timeline:
    """A page of lines, newest first; what was reported of this case, oldest first."""

    entries: list[Entry]
    told: list[Entry]
    next: Cursor | None


def timeline(
    session: Session,
    *,
    case_id: int,
    account_id: int | None,
    show: Show = Show.ALL,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> Timeline:
    """A page of the timeline of the case's account (of the case alone where it has none)."""
    keys = [part.subquery() for part in _parts(case_id, account_id, show, after, limit + 1)]
    page = sa.select(sa.union_all(*[sa.select(key) for key in keys]).subquery())
    page = page.order_by(*[sa.desc(name) for name in ("at", "source", "id")]).limit(limit + 1)
    told = _told(case_id).subquery()
    both = sa.union_all(sa.select(page.subquery()), sa.select(told)).subquery()
    rows = [_entry(row) for row in session.execute(_lines(both))]
    entries = [row for row in rows if row.source is not Source.TOLD]
    reports = [row for row in rows if row.source is Source.TOLD]
    more = len(entries) > limit
    return Timeline(entries[:limit], reports[::-1], entries[limit - 1].cursor if more else None)


def _key(source: Source, at: Any, id: Any) -> sa.Select[Any]:
    return sa.select(sa.literal(int(source)).label("source"), at.label("at"), id.label("id"))


def _told(case_id: int) -> sa.Select[Any]:
    said = (CaseEvent.case_id == case_id, CaseEvent.kind.in_(_KINDS[Show.SAID]))
    query = _key(Source.TOLD, CaseEvent.at, CaseEvent.id).where(*said)
    return query.order_by(CaseEvent.at, CaseEvent.id).limit(TOLD_MOST)


def _parts(
    case_id: int, account_id: int | None, show: Show, after: Cursor | None, limit: int
) -> list[sa.Select[Any]]:
    """The keys of the newest lines of each source that is asked for."""
    cases: Any = (case_id,)
    parts: list[tuple[Source, Any, Any, tuple[Any, ...]]] = []
    if account_id is not None:
        cases = sa.select(Case.id).where(Case.account_id == account_id)
    if show in _KINDS or show is Show.ALL:
        where: tuple[Any, ...] = (CaseEvent.case_id.in_(cases),)
        if show is not Show.ALL:
            where += (CaseEvent.kind.in_(_KINDS[show]),)
        parts.append((Source.EVENT, CaseEvent.at, CaseEvent.id, where))
    if show in (Show.NOTICES, Show.ALL):
        where = (CaseNotice.case_id.in_(cases),)
        parts.append((Source.NOTICE, CaseNotice.at, CaseNotice.id, where))
    if show in (Show.LABEL, Show.ALL) and account_id is not None:
        parts += _label_parts(account_id)
    return [
        _key(source, at, id)
        .where(*where, *_before(source, at, id, after))
        .order_by(at.desc(), id.desc())
        .limit(limit)
        for source, at, id, where in parts
    ]


def _label_parts(account_id: int) -> list[tuple[Source, Any, Any, tuple[Any, ...]]]:
    own = Correction.account_id == account_id
    started = sa.func.coalesce(Correction.approved_at, Correction.proposed_at)
    ids = sa.select(Correction.id).where(own)
    return [
        (Source.STARTED, started, Correction.id, (own, Correction.state.in_(_STARTED))),
        (
            Source.RETURNED,
            Correction.expired_at,
            Correction.id,
            (own, Correction.expired_at.is_not(None)),
        ),
        (
            Source.ENDED,
            Correction.ended_at,
            Correction.id,
            (own, Correction.ended_at.is_not(None), Correction.state.in_(_ENDED)),
        ),
        (
            Source.DROPPED,
            DroppedResult.at,
            DroppedResult.id,
            (DroppedResult.correction_id.in_(ids),),
        ),
    ]


def _before(source: Source, at: Any, id: Any, after: Cursor | None) -> tuple[Any, ...]:
    """What lies behind the cursor, in the order (instant, source, id) from the newest."""
    if after is None:
        return ()
    if source < after.source:
        return (at <= after.at,)
    if source > after.source:
        return (at < after.at,)
    return (sa.or_(at < after.at, sa.and_(at == after.at, id < after.id)),)


def _who(source: Any) -> sa.Case[Any]:
    """Whose act a line is."""
    agreed = sa.func.coalesce(Correction.approved_by, Correction.proposed_by)
    return sa.case(
        (source == Source.STARTED, agreed),
        (source == Source.ENDED, Correction.ended_by),
        else_=CaseEvent.staff_id,
    )


def _lines(keys: sa.Subquery) -> sa.Select[Any]:
    """The keys' lines; what a source does not have is empty."""
    key = keys.c
    columns: tuple[Any, ...] = (
        key.source,
        key.id,
        key.at,
        sa.func.coalesce(CaseEvent.case_id, CaseNotice.case_id, Correction.case_id),
        CaseEvent.kind,
        CaseEvent.actor,
        Staff.name,
        Staff.id,
        sa.func.coalesce(CaseEvent.text, Correction.end_reason, ""),
        CaseEvent.data,
        sa.func.coalesce(Correction.id, DroppedResult.correction_id),
        Correction.kind,
        Correction.reason,
        Correction.expires_at,
        Correction.state,
        DroppedResult.state,
        sa.func.coalesce(DroppedResult.region, Correction.region),
        CaseNotice.topic,
        CaseNotice.channel,
        Message.state,
        _Receiver.name,
    )

    handed = sa.case((CaseEvent.kind == EventKind.ASSIGNED, CaseEvent.data["to"].as_integer()))

    def of(*sources: Source) -> sa.ColumnElement[bool]:
        return key.source.in_([int(source) for source in sources])

    return (
        sa.select(*columns)
        .select_from(keys)
        .outerjoin(CaseEvent, sa.and_(of(Source.EVENT, Source.TOLD), CaseEvent.id == key.id))
        .outerjoin(
            Correction,
            sa.and_(of(Source.STARTED, Source.RETURNED, Source.ENDED), Correction.id == key.id),
        )
        .outerjoin(DroppedResult, sa.and_(of(Source.DROPPED), DroppedResult.id == key.id))
        .outerjoin(CaseNotice, sa.and_(of(Source.NOTICE), CaseNotice.id == key.id))
        .outerjoin(Message, Message.uid == CaseNotice.uid)
        .outerjoin(Staff, Staff.id == _who(key.source))
        .outerjoin(_Receiver, _Receiver.id == handed)
        .order_by(key.at.desc(), key.source.desc(), key.id.desc())
    )


def _entry(row: sa.Row[Any]) -> Entry:
    values = list(row)
    values[0] = Source(values[0])
    values[9] = values[9] or {}
    return Entry(*values)
