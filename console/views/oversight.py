"""What a supervisor sees: their inspections that run, and what lies within one.

No log, no page: every answer is put on record in the transaction that reads it, which is committed
before anything goes out.
"""

from collections.abc import Callable, Collection
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext
from sqlalchemy.orm import Session

from console import access, errors, inspection_files, sessions
from console.forms.inspections import ExportForm, asked
from console.parts import database
from console.reading import on_record
from shudi import clock
from shudi.errors import NotFound, Refused
from shudi.oversight import actions as acts
from shudi.oversight.queries import happened, inspections, looking
from shudi.oversight.rules import EXPORT_MOST, LIST_PAGE, Format, Kind, Running, Table
from shudi.staff.rules import Permission

blueprint = Blueprint("oversight", __name__)
_LONGEST = 128
_MIME = {Format.CSV: "text/csv", Format.NDJSON: "application/x-ndjson"}
# Reads what a page shows; returns it, and the accounts that are on it.
Read = Callable[[Session, Running], tuple[Any, Collection[int]]]


@blueprint.get("/oversight")
@access.requires(Permission.INSPECTION_LOOK, personal=False)
def index() -> ResponseReturnValue:
    """One's own inspections that run."""
    with database().read_session() as session:
        rows = inspections.running(session, staff_id=sessions.person().staff_id, now=clock.now())
    return render_template("console/oversight/index.html", rows=rows)


@blueprint.get("/oversight/<int:inspection_id>")
@access.requires(Permission.INSPECTION_LOOK)
@access.on_own_record
def show(inspection_id: int) -> ResponseReturnValue:
    """The accounts within one, a page at a time; or the one of an id."""
    return _accounts(inspection_id)


def _accounts(inspection_id: int, problem: str = "") -> str:
    text = request.args.get("q", "").strip()[:_LONGEST].replace("\x00", "")
    beyond = asked("beyond") or 0

    def read(session: Session, inspection: Running) -> tuple[Any, Collection[int]]:
        rows = looking.accounts(
            session, inspection, account=text, beyond=beyond, limit=LIST_PAGE + 1
        )
        # the one too many only says that there is a next page: it is not shown
        return rows, [row.id for row in rows[:LIST_PAGE]]

    inspection, rows = _shown(inspection_id, "accounts", read)
    return render_template(
        "console/oversight/show.html",
        inspection=inspection,
        rows=rows[:LIST_PAGE],
        following=rows[LIST_PAGE - 1].id if len(rows) > LIST_PAGE else None,
        beyond=beyond,
        text=text,
        problem=problem,
        most=format_decimal(EXPORT_MOST),
    )


@blueprint.get("/oversight/<int:inspection_id>/accounts/<int:account_id>")
@access.requires(Permission.INSPECTION_LOOK)
@access.on_own_record
def account(inspection_id: int, account_id: int) -> ResponseReturnValue:
    """One account, as far as the inspection shows it."""

    def read(session: Session, inspection: Running) -> tuple[Any, Collection[int]]:
        row = looking.account(session, inspection, account_id=account_id)
        made, lines = [], []
        if inspection.shows(Kind.LABELS):
            made = happened.corrections(session, inspection, account_id=account_id)
        if inspection.shows(Kind.CASES):
            lines = happened.cases(session, inspection, account_id=account_id)
        return (row, made, lines), [row.id]

    inspection, (row, made, lines) = _shown(inspection_id, "account", read)
    return render_template(
        "console/oversight/account.html",
        inspection=inspection,
        row=row,
        corrections=made,
        cases=lines,
    )


@blueprint.get("/oversight/<int:inspection_id>/cases")
@access.requires(Permission.INSPECTION_LOOK)
@access.on_own_record
def cases(inspection_id: int) -> ResponseReturnValue:
    """The cases within one, newest first."""
    before = asked("before")

    def read(session: Session, inspection: Running) -> tuple[Any, Collection[int]]:
        if not inspection.shows(Kind.CASES):
            raise NotFound("case-unknown", "There is no such case.")
        rows = happened.cases(
            session,
            inspection,
            before_id=before,
            limit=LIST_PAGE + 1,
        )
        return rows, [row.account_id for row in rows[:LIST_PAGE]]

    inspection, rows = _shown(inspection_id, "cases", read)
    return render_template(
        "console/oversight/cases.html",
        inspection=inspection,
        rows=rows[:LIST_PAGE],
        following=rows[LIST_PAGE - 1].case_id if len(rows) > LIST_PAGE else None,
        before=before,
    )


@blueprint.post("/oversight/<int:inspection_id>/export")
@access.requires(Permission.INSPECTION_LOOK)
@access.on_own_record
@access.dangerous
def export(inspection_id: int) -> ResponseReturnValue:
    """A table as a file. How many rows it has stands in its name, and in the log."""
    form = ExportForm(request.form)
    if not form.validate():
        return _accounts(inspection_id, gettext("Choose what to take out, and as which file.")), 422
    table, file = form.table.data, form.file.data
    try:
        inspection, lines = _exported(inspection_id, table, file)
    except Refused as error:
        return _accounts(inspection_id, errors.words(error)), errors.status_of(error)
    name = f"inspection-{inspection.id}-{table.value}-{len(lines)}-rows.{file.value}"
    return Response(
        inspection_files.written(inspection_files.columns(inspection, table), lines, file),
        mimetype=_MIME[file],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _exported(inspection_id: int, table: Table, file: Format) -> tuple[Running, list[list[Any]]]:
    """The lines of a file, on record."""
    now, actor = clock.now(), sessions.actor()
    with on_record() as session:
        inspection = acts.enter(session, actor=actor, inspection_id=inspection_id, now=now)
        lines, ids = _lines(session, inspection, table)
        acts.note_export(
            session,
            actor=actor,
            inspection=inspection,
            table=table,
            file=file,
            rows=len(lines),
            accounts=ids,
            now=now,
        )
    return inspection, lines


def _lines(
    session: Session, inspection: Running, table: Table
) -> tuple[list[list[Any]], list[int]]:
    most = EXPORT_MOST + 1  # one more is too many
    if table is Table.ACCOUNTS:
        found = looking.accounts(session, inspection, limit=most)
        lines = [inspection_files.account_line(inspection, row) for row in found]
        return lines, [row.id for row in found]
    if table is Table.CORRECTIONS:
        made = happened.corrections(session, inspection, limit=most)
        return [*map(inspection_files.correction_line, made)], [row.account_id for row in made]
    opened = happened.cases(session, inspection, limit=most)
    return [*map(inspection_files.case_line, opened)], [row.account_id for row in opened]


def _shown(inspection_id: int, page: str, read: Read) -> tuple[Running, Any]:
    """What a page shows, once it is on record."""
    now, actor = clock.now(), sessions.actor()
    with on_record() as session:
        inspection = acts.enter(session, actor=actor, inspection_id=inspection_id, now=now)
        found, ids = read(session, inspection)
        acts.note_look(
            session, actor=actor, inspection=inspection, page=page, accounts=ids, now=now
        )
    return inspection, found
