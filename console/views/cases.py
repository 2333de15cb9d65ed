"""One case: what it is about, who holds it, what happened."""

import dataclasses
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, places, sessions
from console.forms.cases import NoteForm
from console.forms.submissions import SubmissionForm
from console.outcome import Outcome, seen
from console.parts import database, settings
from shudi import clock
from shudi.accounts.queries import Submitted, waiting
from shudi.cases.actions import claims, review
from shudi.cases.queries.case import CaseRow, Event, case_row, decided_on, events
from shudi.cases.rules import CaseKind, CaseState, EventKind
from shudi.labels.queries import corrections, desk
from shudi.labels.queries.corrections import CorrectionRow
from shudi.labels.queries.desk import LabelView, MonthSeen
from shudi.labels.rules import CorrectionState
from shudi.staff.rules import Permission

blueprint = Blueprint("cases", __name__)
_TOLD = (EventKind.OPENED, EventKind.REPORTED)


@dataclasses.dataclass(frozen=True, slots=True)
class CasePage:
    """Everything a case's page shows. `submitted` is what a case on account information is
    about; nothing where it was withdrawn or erased.
    """

    case: CaseRow
    timeline: list[Event]
    label: LabelView | None = None
    months: list[MonthSeen] = dataclasses.field(default_factory=list)
    history: list[CorrectionRow] = dataclasses.field(default_factory=list)
    submitted: Submitted | None = None

    @property
    def told(self) -> list[Event]:
        """What people said, oldest first."""
        said = [one for one in self.timeline if one.kind in _TOLD and (one.text or one.data)]
        return said[::-1]

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


def load(session: Session, case_id: int) -> CasePage:
    """The case and what belongs to it: five reads. NotFound where there is none."""
    case = case_row(session, case_id=case_id, staff_id=sessions.actor().staff_id or 0)
    timeline = events(session, case_id=case_id)
    if case.account_id is None:
        return CasePage(case, timeline)
    if _about_information(case):
        return CasePage(
            case,
            timeline,
            desk.label(session, account_id=case.account_id),
            submitted=decided_on(session, case_id=case_id)
            if case.state is CaseState.CLOSED
            else waiting(session, account_id=case.account_id),
        )
    return CasePage(
        case,
        timeline,
        desk.label(session, account_id=case.account_id),
        desk.months_seen(session, account_id=case.account_id),
        corrections.corrections_of(session, account_id=case.account_id),
    )


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
        "note": "",
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
        may_decide=actor.may(Permission.CASE_DECIDE),
        correction_days=settings().correction_days,
        **values,
    )


@blueprint.get("/cases/<int:case_id>")
@access.requires(Permission.CASE_READ)
def show(case_id: int) -> ResponseReturnValue:
    """The case's page."""
    with database().read_session() as session:
        page = load(session, case_id)
    return render(page)


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
    return redirect(url_for("queue.index"), 303)


@blueprint.post("/cases/<int:case_id>/note")
@access.requires(Permission.CASE_DECIDE)
def note(case_id: int) -> ResponseReturnValue:
    """Add an internal note."""
    form = NoteForm(request.form)
    if not form.validate():
        with database().read_session() as session:
            page = load(session, case_id)
        problem = gettext("A note has between 1 and 2,000 characters.")
        return render(page, note=form.text.data, problem=problem), 422
    with database().transaction() as session:
        review.note(
            session,
            actor=sessions.actor(),
            case_id=case_id,
            text=form.text.data,
            now=clock.now(),
        )
    flash(gettext("The note was added."), "success")
    return _back(case_id)


def _back(case_id: int) -> ResponseReturnValue:
    return redirect(url_for("cases.show", case_id=case_id), 303)
