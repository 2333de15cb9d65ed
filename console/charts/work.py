"""How much there is to do and how fast it is done: by kind of case, never by person."""

from flask_babel import gettext, ngettext

from console import words
from console.charts import (
    Cell,
    Chart,
    Row,
    count,
    duration,
    in_days,
    nothing,
    per_cent,
    span_row,
    spans,
)
from console.present import word
from shudi.cases.queries.statistics import Statistics, open_by_day
from shudi.cases.rules import CaseKind
from shudi.cases.rules.figures import AGES, Figure, share


def _kind(kind: CaseKind) -> str:
    return word(words.CASE_KIND, kind)


def backlog(found: Statistics) -> Chart:
    """Open cases by how long they have been open."""
    rows = []
    for kind in CaseKind:
        ages = [found.of(Figure.OPEN, kind, age) for age, _ in AGES]
        cells = [*map(count, ages), count(sum(ages)), count(found.of(Figure.OVERDUE, kind))]
        rows.append(Row(kind, _kind(kind), tuple(cells)))
    total, late = found.total(Figure.OPEN), found.total(Figure.OVERDUE)
    return Chart(
        key="backlog",
        title=gettext("Open cases by age"),
        finding=ngettext(
            "%(num)s case is open; past its time for an answer: %(late)s.",
            "%(num)s cases are open; past their time for an answer: %(late)s.",
            total,
            late=late,
        ),
        drawing="bars-stacked",
        head=gettext("Kind"),
        columns=(*_ages(), gettext("All"), gettext("Overdue")),
        drawn=len(AGES),
        ordered=True,
        rows=tuple(rows),
    )


def _ages() -> list[str]:
    names, before = [], 0
    for _, most in AGES:
        if most is None:
            names.append(gettext("over %(days)d days", days=before))
        elif before == 0:
            names.append(gettext("under a day"))
        else:
            names.append(gettext("%(least)d to %(most)d days", least=before, most=most))
        before = most or before
    return names


def flow(found: Statistics) -> Chart:
    """What came in and what was closed; how many were open at the end of the day."""
    standing = open_by_day(found)
    rows = []
    for span in spans(found.calendar):
        opened = sum(found.day(Figure.OPENED, day) for day in span)
        closed = sum(found.day(Figure.CLOSED, day) for day in span)
        cells = (count(opened), count(closed), count(max(0, standing[span[-1]])))
        rows.append(span_row(span, cells))
    opened, closed = (sum(int(row.cells[at].value or 0) for row in rows) for at in (0, 1))
    return Chart(
        key="flow",
        title=gettext("Cases opened and closed"),
        finding=gettext(
            "In %(days)d days %(opened)s cases came in and %(closed)s were closed.",
            days=found.days,
            opened=opened,
            closed=closed,
        ),
        drawing="lines",
        head=gettext("Days (UTC)"),
        columns=(gettext("New cases"), gettext("Closed"), gettext("Open at the end")),
        rows=tuple(rows),
    )


def times(found: Statistics) -> Chart:
    """Median and ninth decile of the time from opening to decision."""
    slowest = {kind: found.of(Figure.TIME_NINTH, kind) for kind in CaseKind}
    days = in_days(list(slowest.values()))
    rows = tuple(Row(kind, _kind(kind), _time_cells(found, kind, days=days)) for kind in CaseKind)
    decided = found.total(Figure.DECIDED)
    last = max(slowest, key=lambda kind: slowest[kind])
    unit = gettext("days") if days else gettext("hours")
    return Chart(
        key="time-to-decision",
        title=gettext("Time to decision"),
        finding=gettext(
            "%(decided)s decisions. The longest wait: %(kind)s, nine of ten decided within"
            " %(time)s %(unit)s.",
            decided=decided,
            kind=_kind(last),
            time=duration(slowest[last], days=days).text,
            unit=unit,
        )
        if decided
        else gettext("Nothing was decided in these days."),
        drawing="bars",
        head=gettext("Kind"),
        columns=(
            gettext("Median (%(unit)s)", unit=unit),
            gettext("Nine of ten (%(unit)s)", unit=unit),
            gettext("Decisions"),
            gettext("In time"),
        ),
        drawn=2,
        rows=rows,
        note=gettext(
            "From opening to decision, waiting for a second person included. Figures are about"
            " queues; nothing is counted by person."
        ),
    )


def _time_cells(found: Statistics, kind: CaseKind, *, days: bool) -> tuple[Cell, ...]:
    decided, timely = found.of(Figure.DECIDED, kind), found.of(Figure.IN_TIME, kind)
    if not decided:
        return (nothing(), nothing(), count(0), nothing())
    return (
        duration(found.of(Figure.TIME_MEDIAN, kind), days=days),
        duration(found.of(Figure.TIME_NINTH, kind), days=days),
        count(decided),
        per_cent(share(timely, decided)),
    )


def appeals(found: Statistics) -> Chart:
    """Contested labels that were answered in time, and late."""
    contest = CaseKind.CONTEST
    in_time = found.by_day.get((Figure.ANSWERED_IN_TIME, contest), {})
    late = found.by_day.get((Figure.ANSWERED_LATE, contest), {})
    rows = [
        span_row(
            span,
            (
                count(sum(in_time.get(day, 0) for day in span)),
                count(sum(late.get(day, 0) for day in span)),
            ),
        )
        for span in spans(found.calendar)
    ]
    waiting = sum(found.of(Figure.OPEN, contest, age) for age, _ in AGES)
    return Chart(
        key="appeals",
        title=gettext("Contested labels answered"),
        finding=gettext(
            "Answered in time: %(timely)s; late: %(late)s. Still open: %(waiting)s, past their"
            " time: %(overdue)s.",
            timely=sum(int(row.cells[0].value or 0) for row in rows),
            late=sum(int(row.cells[1].value or 0) for row in rows),
            waiting=waiting,
            overdue=found.of(Figure.OVERDUE, contest),
        ),
        drawing="columns-stacked",
        head=gettext("Days (UTC)"),
        columns=(gettext("In time"), gettext("Late")),
        rows=tuple(rows),
    )
