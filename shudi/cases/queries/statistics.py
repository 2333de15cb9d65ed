"""What the statistics page and the overview read: kept figures only, never the tables behind."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.rules.figures import PLACES, Figure
from shudi.cases.store.rollup import FigureDay, FigureRow, FigureRun

_FLOW = (Figure.OPENED, Figure.CLOSED)


@dataclasses.dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of one window, and those of now. Days are UTC days, oldest first."""

    days: int
    as_of: datetime | None  # of the window; None: never counted
    now_as_of: datetime | None  # of what stands now
    places_as_of: datetime | None  # when the period ended that figures by place are of
    figures: Mapping[tuple[Figure, str, str], int | None]
    by_day: Mapping[tuple[Figure, str], Mapping[date, int]]

    @property
    def calendar(self) -> list[date]:
        """The window's days, up to the one that was counted last."""
        if self.now_as_of is None:
            return []
        last = self.now_as_of.date()
        return [last - timedelta(days=back) for back in range(self.days - 1, -1, -1)]

    def of(self, figure: Figure, part: str = "", slot: str = "") -> int:
        """A count; nothing kept is nought."""
        return self.figures.get((figure, part, slot)) or 0

    def total(self, figure: Figure) -> int:
        """A count over all its parts."""
        return sum(value or 0 for (one, _, _), value in self.figures.items() if one is figure)

    def parts(self, figure: Figure) -> list[str]:
        """What a figure is kept for, in alphabetical order."""
        kept = {part for one, part, _ in self.figures if one is figure}
        return sorted(kept | {part for one, part in self.by_day if one is figure})

    def day(self, figure: Figure, day: date) -> int:
        """A day's count over all its parts."""
        return sum(days.get(day, 0) for (one, _), days in self.by_day.items() if one is figure)


def statistics(session: Session, *, days: int) -> Statistics:
    """The kept figures for a window of `days` days. Three queries, whatever the tables hold."""
    runs = {
        run.days: run.as_of
        for run in session.execute(
            sa.select(FigureRun.days, FigureRun.as_of).where(FigureRun.days.in_((0, PLACES, days)))
        )
    }
    rows = session.execute(
        sa.select(FigureRow.figure, FigureRow.part, FigureRow.slot, FigureRow.value).where(
            FigureRow.days.in_((0, PLACES, days))
        )
    )
    figures = {(figure, part, slot): value for figure, part, slot, value in rows}
    by_day: dict[tuple[Figure, str], dict[date, int]] = {}
    if 0 in runs:
        for day, figure, part, value in session.execute(
            sa.select(FigureDay.day, FigureDay.figure, FigureDay.part, FigureDay.value).where(
                FigureDay.day > runs[0].date() - timedelta(days=days)
            )
        ):
            by_day.setdefault((figure, part), {})[day] = value
    return Statistics(days, runs.get(days), runs.get(0), runs.get(PLACES), figures, by_day)


def open_by_day(found: Statistics) -> dict[date, int]:
    """How many cases were open at the end of each day: back from now by what came and went."""
    standing, result = found.total(Figure.OPEN), {}
    for day in reversed(found.calendar):
        result[day] = standing
        standing += found.day(Figure.CLOSED, day) - found.day(Figure.OPENED, day)
    return result


@dataclasses.dataclass(frozen=True, slots=True)
class Glance:
    """What the overview shows of the kept figures: open cases at the end of the last days, oldest
    first (empty until figures are kept), and contests that nobody here may answer.
    """

    trend: list[int]
    nobodys: int


def glance(session: Session, *, now: datetime, days: int = 14) -> Glance:
    """One query."""
    first = now.date() - timedelta(days=days)
    flow = (
        sa.select(FigureDay.figure, FigureDay.day, sa.func.sum(FigureDay.value))
        .where(FigureDay.figure.in_(_FLOW), FigureDay.day > first)
        .group_by(FigureDay.figure, FigureDay.day)
    )
    standing = (
        sa.select(FigureRow.figure, sa.cast(sa.null(), sa.Date), sa.func.sum(FigureRow.value))
        .where(FigureRow.figure.in_((Figure.OPEN, Figure.NOBODY)), FigureRow.days == 0)
        .group_by(FigureRow.figure)
    )
    rows: Sequence[Any] = session.execute(sa.union_all(flow, standing)).all()
    seen = {(Figure(name), day): int(n or 0) for name, day, n in rows}
    nobodys = seen.get((Figure.NOBODY, None), 0)
    return Glance(_levels(seen, now, days) if seen else [], nobodys)


def _levels(seen: Mapping[tuple[Figure, date | None], int], now: datetime, days: int) -> list[int]:
    """Open cases at the end of each day: back from now by what came and went."""
    level, back = seen.get((Figure.OPEN, None), 0), []
    for ago in range(days):
        day = now.date() - timedelta(days=ago)
        back.append(max(level, 0))
        level += seen.get((Figure.CLOSED, day), 0) - seen.get((Figure.OPENED, day), 0)
    return back[::-1]


def places_end(session: Session) -> datetime | None:
    """When the period ended whose figures by place were released last."""
    return session.scalar(sa.select(FigureRun.as_of).where(FigureRun.days == PLACES))
