"""Counting the desk's work: what the worker reads, outside of any write, to keep the figures."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.queries.takers import nobody_may_answer
from shudi.cases.rules import CaseKind, CaseState, Verdict
from shudi.cases.rules.decisions import Settled
from shudi.cases.rules.figures import (
    AGES,
    ENDLESS,
    JUDGED,
    LATER,
    PAST,
    PLACES,
    WEEKS_AHEAD,
    Counted,
    Figure,
    nameable,
    rounded,
    share,
)
from shudi.cases.store import Case, Decision
from shudi.cases.store.decisions import SecondLook
from shudi.db.moments import percentiles, seconds_of
from shudi.geo.store import SourceUpdate
from shudi.labels.queries.desk import parse_evidence
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Brake, Correction

_WAITING = (CaseState.OPEN, CaseState.AWAITING)
_DAY = timedelta(days=1)


def now_standing(session: Session, *, now: datetime) -> list[Counted]:
    """Open cases by kind and age, overdue ones, corrections in force and when they end."""
    return [
        *_open(session, now),
        *_overdue(session, now),
        *_nobodys(session),
        *_in_force(session),
        *_ending(session, now),
    ]


def window(session: Session, *, days: int, now: datetime) -> list[Counted]:
    """What was decided within the last `days` days, how fast, and what became of it."""
    since = now - days * _DAY
    return [
        *_decided(session, days, since),
        *_times(session, days, since),
        *_overturned(session, days, since),
        *_agreement(session, days, since),
        *_looks(session, days, since),
    ]


def _open(session: Session, now: datetime) -> list[Counted]:
    bounds = [(Case.opened_at > now - most * _DAY, name) for name, most in AGES if most]
    age = sa.case(*bounds, else_=AGES[-1][0]).label("age")
    found = sa.select(Case.kind, age).where(Case.state.in_(_WAITING)).subquery()
    query = sa.select(found.c.kind, found.c.age, sa.func.count())
    rows = session.execute(query.group_by(found.c.kind, found.c.age))
    return [Counted(Figure.OPEN, 0, kind, age, n) for kind, age, n in rows]


def _overdue(session: Session, now: datetime) -> list[Counted]:
    query = (
        sa.select(Case.kind, sa.func.count())
        .where(Case.state.in_(_WAITING), Case.due_at < now)
        .group_by(Case.kind)
    )
    return [Counted(Figure.OVERDUE, 0, kind, "", n) for kind, n in session.execute(query)]


def _nobodys(session: Session) -> list[Counted]:
    query = (
        sa.select(sa.func.count())
        .select_from(Case)
        .where(Case.state == CaseState.OPEN, nobody_may_answer())
    )
    return [Counted(Figure.NOBODY, 0, "", "", session.scalar(query) or 0)]


def _in_force(session: Session) -> list[Counted]:
    query = (
        sa.select(Correction.kind, sa.func.count())
        .where(Correction.state == CorrectionState.IN_FORCE)
        .group_by(Correction.kind)
    )
    return [Counted(Figure.IN_FORCE, 0, kind, "", n) for kind, n in session.execute(query)]


def _ending(session: Session, now: datetime) -> list[Counted]:
    """By week ahead: `0` are the seven days from now."""
    end = Correction.expires_at
    weeks = [(end <= now + 7 * (week + 1) * _DAY, str(week)) for week in range(WEEKS_AHEAD)]
    week = sa.case((end.is_(None), ENDLESS), (end <= now, PAST), *weeks, else_=LATER)
    found = (
        sa.select(week.label("week")).where(Correction.state == CorrectionState.IN_FORCE).subquery()
    )
    query = sa.select(found.c.week, sa.func.count()).group_by(found.c.week)
    return [Counted(Figure.ENDING, 0, "", week, n) for week, n in session.execute(query)]


def answers(since: datetime) -> sa.CompoundSelect[Any]:
    """Each answer since then: the kind of case, opened, answered, due.

    A brake's answer is the brake's, that of new geo databases theirs; cases that went with an
    erased account have none.
    """
    decided = (
        sa.select(Case.kind, Case.opened_at, Decision.at.label("at"), Case.due_at)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.at >= since)
    )
    brakes = (
        sa.select(Case.kind, Case.opened_at, Brake.decided_at.label("at"), Case.due_at)
        .join(Brake, Brake.id == Case.brake_id)
        .where(Case.kind == CaseKind.BRAKE, Brake.decided_at >= since)
    )
    updates = (
        sa.select(Case.kind, Case.opened_at, SourceUpdate.decided_at.label("at"), Case.due_at)
        .join(SourceUpdate, SourceUpdate.id == Case.update_id)
        .where(Case.kind == CaseKind.BRAKE, SourceUpdate.decided_at >= since)
    )
    return sa.union_all(decided, brakes, updates)


def _decided(session: Session, days: int, since: datetime) -> list[Counted]:
    found = answers(since).subquery()
    in_time = sa.func.sum(sa.case((found.c.at <= found.c.due_at, 1), else_=0))
    query = sa.select(found.c.kind, sa.func.count(), in_time).group_by(found.c.kind)
    return [
        one
        for kind, n, timely in session.execute(query)
        for one in (
            Counted(Figure.DECIDED, days, kind, "", n),
            Counted(Figure.IN_TIME, days, kind, "", timely),
        )
    ]


def _times(session: Session, days: int, since: datetime) -> list[Counted]:
    """Median and ninth decile of the time to decision, in seconds: of each kind."""
    found = answers(since).subquery()
    seconds = seconds_of(found.c.at) - seconds_of(found.c.opened_at)
    rows = session.execute(percentiles(found.c.kind, seconds, sa.select(found)))
    return [
        one
        for kind, _, median, ninth in rows
        for one in (
            Counted(Figure.TIME_MEDIAN, days, kind, "", rounded(median)),
            Counted(Figure.TIME_NINTH, days, kind, "", rounded(ninth)),
        )
    ]


def _overturned(session: Session, days: int, since: datetime) -> list[Counted]:
    """Of the accounts whose label was judged, the share whose label was changed: in all and by
    source. By place: `places`.
    """
    tally: dict[tuple[Figure, str], tuple[int, int]] = {}
    for place, text, some, of in session.execute(_judged(Decision.at >= since)):
        _add(tally, (Figure.OVERTURNED, ""), some, of)
        for source in parse_evidence(text).sources:
            if place and source.region == place:  # the label rested on it
                _add(tally, (Figure.OVERTURNED_SOURCE, source.name), some, of)
    return [
        Counted(figure, days, part, "", share(*counts)) for (figure, part), counts in tally.items()
    ]


def places(session: Session, *, since: datetime, until: datetime) -> list[Counted]:
    """The same by place that activity had shown, of one period. That a place was judged at all is
    not said either where it is left out.
    """
    tally: dict[tuple[Figure, str], tuple[int, int]] = {}
    within = sa.and_(Decision.at >= since, Decision.at < until)
    for place, _, some, of in session.execute(_judged(within)):
        _add(tally, (Figure.OVERTURNED_REGION, place or ""), some, of)
    accounts = {part: of for (_, part), (_, of) in tally.items()}
    named = nameable(accounts, until.isoformat())
    return [
        Counted(figure, PLACES, part, "", share(*counts))
        for (figure, part), counts in tally.items()
        if part and part in named
    ]


def _judged(when: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """By place that activity showed and what the sources said: how many accounts' labels were
    changed, of how many. An account counts once, by the last decision on it.
    """
    judged = sa.and_(
        when, Decision.verdict.in_((Verdict.KEEP, Verdict.CORRECT)), Case.kind.in_(JUDGED)
    )
    last = (
        sa.select(sa.func.max(Decision.id))
        .join(Case, Case.id == Decision.case_id)
        .where(judged)
        .group_by(Decision.account_id)
    )
    found = (
        sa.select(
            Decision.frozen["resolved_region"].as_string().label("place"),
            Decision.frozen["evidence"].as_string().label("evidence"),
            sa.case((Decision.verdict == Verdict.CORRECT, 1), else_=0).label("changed"),
        )
        .where(Decision.id.in_(last))
        .subquery()
    )
    columns = found.c.place, found.c.evidence
    return sa.select(*columns, sa.func.sum(found.c.changed), sa.func.count()).group_by(*columns)


def _add(
    tally: dict[tuple[Figure, str], tuple[int, int]], key: tuple[Figure, str], some: int, of: int
) -> None:
    before = tally.get(key, (0, 0))
    tally[key] = (before[0] + some, before[1] + of)


def _agreement(session: Session, days: int, since: datetime) -> list[Counted]:
    """What second persons said of proposals: confirmed or refused, by kind of correction."""
    confirmed = (
        sa.select(sa.literal(Figure.CONFIRMED.value), Correction.kind, sa.func.count())
        .where(Correction.approved_at >= since)
        .group_by(Correction.kind)
    )
    refused = (
        sa.select(sa.literal(Figure.REFUSED.value), Correction.kind, sa.func.count())
        .where(Correction.state == CorrectionState.REFUSED, Correction.ended_at >= since)
        .group_by(Correction.kind)
    )
    rows = session.execute(sa.union_all(confirmed, refused))
    return [Counted(Figure(name), days, kind, "", n) for name, kind, n in rows]


def _looks(session: Session, days: int, since: datetime) -> list[Counted]:
    """Second verdicts that were given without knowing the first: how they compare, and whose a
    senior found right.
    """
    outcome = sa.case(
        (SecondLook.agreed.is_(True), Figure.LOOKED_ALIKE.value),
        (SecondLook.settled == Settled.FIRST, Figure.LOOKED_FIRST.value),
        (SecondLook.settled == Settled.SECOND, Figure.LOOKED_SECOND.value),
        else_=Figure.LOOKED_OPEN.value,
    ).label("outcome")
    found = (
        sa.select(outcome, Case.kind.label("kind"))
        .select_from(SecondLook)
        .join(Decision, Decision.id == SecondLook.decision_id)
        .join(Case, Case.id == Decision.case_id)
        .where(SecondLook.looked_at >= since)
        .subquery()
    )
    columns = found.c.outcome, found.c.kind
    rows = session.execute(sa.select(*columns, sa.func.count()).group_by(*columns))
    return [Counted(Figure(name), days, kind, "", n) for name, kind, n in rows]
