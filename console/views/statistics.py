"""Figures of the desk's work, and taking them out as a file. No figure is about a person."""

import dataclasses

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from console import access, sessions
from console.charts import Chart, quality, work
from console.charts.spreadsheet import spreadsheet
from console.forms.statistics import read_window
from console.parts import database
from console.reading import on_record
from shudi import clock
from shudi.cases.actions.rollup import log_export
from shudi.cases.queries.statistics import Statistics, statistics
from shudi.cases.rules.figures import WINDOWS
from shudi.errors import NotFound
from shudi.staff.rules import Permission

blueprint = Blueprint("statistics", __name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading of the page."""

    key: str
    charts: tuple[Chart, ...]


@blueprint.get("/statistics")
@access.requires(Permission.STATISTICS_READ, personal=False)
def index() -> ResponseReturnValue:
    """The kept figures, as pictures with their tables."""
    days = read_window(request.args)
    with database().read_session() as session:
        found = statistics(session, days=days)
    return render_template(
        "console/statistics/index.html",
        found=found,
        sections=_sections(found),
        windows=WINDOWS,
    )


@blueprint.post("/statistics/export")
@access.requires(Permission.STATISTICS_EXPORT, personal=False)
def export() -> ResponseReturnValue:
    """The page's tables as a file. It is on record before a byte of it leaves; if it cannot be
    put on record, nothing leaves.
    """
    days = read_window(request.form)
    with on_record() as session:
        found = statistics(session, days=days)
        as_of = found.as_of
        if as_of is None:
            raise NotFound("nothing-counted", "No figures were counted yet.")
        log_export(session, actor=sessions.actor(), days=days, now=clock.now())
    charts = (chart for section in _sections(found) for chart in section.charts)
    name = f"shudi-statistics-{as_of:%Y-%m-%d}-{days}d.csv"
    return Response(
        spreadsheet(charts, days=days, as_of=as_of),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _sections(found: Statistics) -> list[Section]:
    if found.now_as_of is None or found.as_of is None:
        return []
    today = found.now_as_of.date()
    return [
        Section("work", (work.backlog(found), work.flow(found))),
        Section("time", (work.times(found), work.appeals(found))),
        Section(
            "overturned",
            (quality.overturned_by_region(found), quality.overturned_by_source(found)),
        ),
        Section("second", (quality.agreement(found), quality.second_looks(found))),
        Section("sources", (quality.drift(found),)),
        Section("corrections", (quality.in_force(found), quality.ending(found, today))),
    ]
