"""One case: what it is about, who holds it, what happened."""

import dataclasses
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, notice_words, places, sessions
from console.care import count_opened
from console.forms.cases import NoteForm
from console.forms.submissions import SubmissionForm
from console.outcome import Outcome, seen
from console.parts import database, settings
from console.views import onward
from shudi import clock
from shudi.accounts.queries import Submitted, waiting
from shudi.cases.actions import claims, notes
from shudi.cases.queries import appeals, decisions
from shudi.cases.queries.appeals import AppealView
from shudi.cases.queries.beside import Beside, beside
from shudi.cases.queries.case import CaseRow, case_row, decided_on
from shudi.cases.queries.decisions import DecisionRow
from shudi.cases.queries.timeline import Cursor, Entry, Show, Source, Timeline, timeline
from shudi.cases.rules import NOTE_TAKE_BACK, CaseKind, CaseState, EventKind
from shudi.labels.queries import corrections, desk
from shudi.labels.queries.corrections import CorrectionRow
from shudi.labels.queries.desk import LabelView, MonthSeen
from shudi.labels.rules import CorrectionState
from shudi.staff.rules import Permission

blueprint = Blueprint("cases", __name__)
_TOLD = (EventKind.OPENED, EventKind.REPORTED)
_CURSOR_PARTS = 3


@dataclasses.dataclass(frozen=True, slots=True)
class CasePage:
    """Everything a case's page shows. `submitted` is what a case on account information is
    about; nothing where it was withdrawn or erased.
    """

    case: CaseRow
    timeline: Timeline
    beside: Beside
    label: LabelView | None = None
    months: list[MonthSeen] = dataclasses.field(default_factory=list)
    history: list[CorrectionRow] = dataclasses.field(default_factory=list)
    submitted: Submitted | None = None
    taken: list[DecisionRow] = dataclasses.field(default_factory=list)
    appeal: AppealView | None = None

    @property
    def told(self) -> list[Entry]:
        """What people said, oldest first."""
        return [one for one in self.timeline.told if one.kind in _TOLD and (one.text or one.data)]

    @property
    def latest(self) -> Entry | None:
        """What happened last on this case."""
        own = (one for one in self.timeline.entries if one.source is Source.EVENT)
        return next((one for one in own if one.case_id == self.case.id), None)

    @property
    def current(self) -> CorrectionRow | None:
        """The correction in force."""
        return self._in(CorrectionState.IN_FORCE)

    @property
    def waiting(self) -> CorrectionRow | None:
        """The correction that waits for a second person."""
        return self._in(CorrectionState.PROPOSED)

    def _in(self, state: CorrectionState) -> CorrectionRow | None:
        return next((one for one in self.history if one.state is state), None)


def load(
    session: Session, case_id: int, *, show: Show = Show.ALL, after: Cursor | None = None
) -> CasePage:
    """The case and what belongs to it: seven reads at most. NotFound where there is none."""
    staff_id = sessions.actor().staff_id or 0
    case = case_row(session, case_id=case_id, staff_id=staff_id)
    mine = case.holder_id == staff_id and case.state is CaseState.OPEN
    lines = timeline(session, case_id=case_id, account_id=case.account_id, show=show, after=after)
    around = beside(session, case=case, staff_id=staff_id, with_canned=mine)
    if case.account_id is None:
        return CasePage(case, lines, around)
    if _about_information(case):
        return CasePage(
            case,
            lines,
            around,
            desk.label(session, account_id=case.account_id),
            submitted=decided_on(session, case_id=case_id)
            if case.state is CaseState.CLOSED
            else waiting(session, account_id=case.account_id),
            taken=_taken(session, case),
        )
    return CasePage(
        case,
        lines,
        around,
        desk.label(session, account_id=case.account_id),
        desk.months_seen(session, account_id=case.account_id),
        corrections.corrections_of(session, account_id=case.account_id),
        taken=_taken(session, case),
        appeal=appeals.of_case(session, case_id=case_id) if case.kind is CaseKind.CONTEST else None,
    )


def _taken(session: Session, case: CaseRow) -> list[DecisionRow]:
    """Only a closed case has a decision to take back: who decides reads nothing more for it."""
    return decisions.of_case(session, case_id=case.id) if case.state is CaseState.CLOSED else []


def _about_information(case: CaseRow) -> bool:
    return case.kind is CaseKind.ACCOUNT_INFORMATION


def render(page: CasePage, **more: Any) -> str:
    """The case's page; `more` brings a form back with what was typed."""
    actor, now = sessions.actor(), clock.now()
    case = page.case
    mine = case.holder_id is not None and case.holder_id == actor.staff_id
    running = case.lease_until is not None and case.lease_until > now
    values: dict[str, Any] = {
        "form": None,
        "problem": "",
        "outcome": Outcome(seen(page.label)),
        "regions": places.choices() if mine else [],
        "expected": None,
        "note": "",
        "note_problem": "",
        "file_problem": "",
        "show": Show.ALL,
        "earlier": "",
    }
    values |= more
    if isinstance(values["form"], SubmissionForm) is not _about_information(case):
        values["form"] = None  # of the other kind of case: no page has it, so nobody filled it in
    return render_template(
        "console/cases/show.html",
        page=page,
        case=case,
        mine=mine,
        taken=running and not mine,
        own=case.account_id in actor.own_accounts,
        me_id=actor.staff_id,
        may_decide=actor.may(Permission.CASE_DECIDE),
        may_senior=actor.may(Permission.CORRECTION_APPROVE),
        may_remove=actor.may(Permission.ATTACHMENT_REMOVE),
        correction_days=settings().correction_days,
        take_back_after=now - NOTE_TAKE_BACK,
        shows=Show,
        notice_words=notice_words,
        later=_written(page.timeline.next),
        **values,
    )


@blueprint.get("/cases/<int:case_id>")
@access.requires(Permission.CASE_READ)
def show(case_id: int) -> ResponseReturnValue:
    """The case's page. The address says which lines of the timeline (`show`) and from where."""
    asked = request.args.get("show", "")
    lines = Show(asked) if asked in [*Show] else Show.ALL
    after = _read(request.args.get("before", ""))
    with database().read_session() as session:
        page = load(session, case_id, show=lines, after=after)
    count_opened(case_id)
    if page.case.kind is CaseKind.SECOND_LOOK:  # its own page keeps the first verdict back
        return redirect(url_for("looks.show", case_id=case_id), 303)
    return render(page, show=lines, earlier=_written(after))


def _written(cursor: Cursor | None) -> str:
    """The cursor as an address carries it."""
    if cursor is None:
        return ""
    return f"{clock.microseconds(cursor.at)}.{cursor.source}.{cursor.id}"


def _read(text: str) -> Cursor | None:
    """What `_written` wrote; nothing where the address is none of ours."""
    parts = text.split(".")
    if len(parts) != _CURSOR_PARTS or not all(one.isascii() and one.isdigit() for one in parts):
        return None
    at, source, number = map(int, parts)
    try:
        return Cursor(clock.from_microseconds(at), Source(source), number)
    except (OverflowError, ValueError):
        return None


@blueprint.post("/cases/<int:case_id>/claim")
@access.requires(Permission.CASE_DECIDE)
def claim(case_id: int) -> ResponseReturnValue:
    """Take the case to work on."""
    with database().transaction() as session:
        claims.claim(
            session,
            actor=sessions.actor(),
            case_id=case_id,
            settings=settings(),
            now=clock.now(),
        )
    return _back(case_id)


@blueprint.post("/cases/<int:case_id>/renew")
@access.requires(Permission.CASE_DECIDE)
def renew(case_id: int) -> ResponseReturnValue:
    """Keep the case; the page's script asks for JSON, the button for the page."""
    with database().transaction() as session:
        until = claims.renew(
            session,
            actor=sessions.actor(),
            case_id=case_id,
            settings=settings(),
            now=clock.now(),
        )
    if request.accept_mimetypes.best == "application/json":
        return jsonify(until=until.isoformat())
    flash(gettext("The lease was renewed."), "success")
    return _back(case_id)


@blueprint.post("/cases/<int:case_id>/release")
@access.requires(Permission.CASE_DECIDE)
def release(case_id: int) -> ResponseReturnValue:
    """Give the case back to the queue."""
    with database().transaction() as session:
        claims.release(session, actor=sessions.actor(), case_id=case_id, now=clock.now())
    flash(gettext("The case is back in the queue."), "success")
    return redirect(url_for("queue.index", **onward.lane()), 303)


@blueprint.post("/cases/<int:case_id>/note")
@access.requires(Permission.CASE_DECIDE)
def note(case_id: int) -> ResponseReturnValue:
    """Add an internal note."""
    form = NoteForm(request.form)
    if not form.validate():
        with database().read_session() as session:
            page = load(session, case_id)
        problem = gettext("A note has between 1 and 2,000 characters.")
        return render(page, note=form.text.data, note_problem=problem), 422
    with database().transaction() as session:
        called = notes.note(
            session,
            actor=sessions.actor(),
            case_id=case_id,
            text=form.text.data,
            now=clock.now(),
        )
    flash(_noted(called), "success")
    return _back(case_id, "add-note")


def _noted(called: list[str]) -> str:
    if not called:
        return str(gettext("The note was added."))
    names = ", ".join(called)
    return str(gettext("The note was added. On their overview: %(names)s.", names=names))


def _back(case_id: int, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("cases.show", case_id=case_id, _anchor=anchor, **onward.lane()), 303)
