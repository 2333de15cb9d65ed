"""Giving a case to a named person, passing it over, and who has it open."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, errors, queue_words, sessions
from console.forms.handover import AssignForm, SkipForm
from console.parts import database
from console.present import left
from console.views.queue import here_words, take_next
from shudi import clock
from shudi.cases.actions import handover, presence, skips
from shudi.cases.queries.case import CaseRow, case_row
from shudi.cases.queries.presence import present
from shudi.errors import Invalid, Refused, Stale
from shudi.staff.queries import people_with
from shudi.staff.rules import Permission

blueprint = Blueprint("handover", __name__)


@blueprint.get("/cases/<int:case_id>/hand-over")
@access.requires(Permission.CASE_DECIDE)
def show(case_id: int) -> ResponseReturnValue:
    """Who can be given the case, and the reasons for passing it over."""
    return _page(case_id)


def _page(case_id: int, **more: Any) -> str:
    actor = sessions.actor()
    with database().read_session() as session:
        case = _case(session, case_id)
        people = people_with(session, Permission.CASE_DECIDE, site_id=case.site_id)
    mine = case.holder_id is not None and case.holder_id == actor.staff_id
    values: dict[str, Any] = {
        "problem": "",
        "skip_problem": "",
        "to": 0,
        "text": "",
        "reason": "",
        "words_typed": "",
    }
    return render_template(
        "console/cases/hand_over.html",
        case=case,
        mine=mine,
        may_assign=mine or actor.may(Permission.CASE_ASSIGN),
        own=case.account_id in actor.own_accounts,
        people=[one for one in people if one.id != case.holder_id],
        me_id=actor.staff_id,
        queue_words=queue_words,
        **{**values, **more},
    )


def _case(session: Session, case_id: int) -> CaseRow:
    return case_row(session, case_id=case_id, staff_id=sessions.actor().staff_id or 0)


@blueprint.post("/cases/<int:case_id>/assign")
@access.requires(Permission.CASE_DECIDE)
def assign(case_id: int) -> ResponseReturnValue:
    """Give it; what was typed is kept where that fails."""
    form = AssignForm(request.form)
    typed = {"to": form.to.data or 0, "text": form.text.data or ""}
    if not form.validate():
        problem = gettext("Choose a person, and write at most 500 characters.")
        return _page(case_id, problem=problem, **typed), 422
    try:
        with database().transaction() as session:
            handover.assign(
                session,
                actor=sessions.actor(),
                case_id=case_id,
                to=form.to.data,
                seen_claim=form.claim.data,
                text=form.text.data or "",
                now=clock.now(),
            )
    except (Stale, Refused, Invalid) as error:
        return _page(case_id, problem=errors.words(error), **typed), errors.status_of(error)
    flash(gettext("The case was handed over. It comes first among their own cases."), "success")
    return redirect(url_for("queue.index"), 303)


@blueprint.post("/cases/<int:case_id>/skip")
@access.requires(Permission.CASE_DECIDE)
def skip(case_id: int) -> ResponseReturnValue:
    """Pass it over, and open the next one if so asked."""
    form = SkipForm(request.form)
    typed = {"reason": form.reason.data or "", "words_typed": form.text.data or ""}
    if not form.validate():
        problem = gettext("A reason has at most 500 characters.")
        return _page(case_id, skip_problem=problem, **typed), 422
    try:
        with database().transaction() as session:
            skips.skip(
                session,
                actor=sessions.actor(),
                case_id=case_id,
                reason=form.reason.data or "",
                text=form.text.data or "",
                now=clock.now(),
            )
    except (Refused, Invalid) as error:
        return _page(case_id, skip_problem=errors.words(error), **typed), errors.status_of(error)
    flash(gettext("Skipped for a day. Others still see the case."), "success")
    if form.then.data == "next":
        return take_next()
    return redirect(url_for("queue.index"), 303)


@blueprint.post("/cases/<int:case_id>/presence")
@access.requires(Permission.CASE_READ)
@access.unattended
def beat(case_id: int) -> ResponseReturnValue:
    """The open page says so; it hears who else is there and whether the case has moved."""
    actor, now = sessions.actor(), clock.now()
    with database().transaction() as session:
        presence.arrive(session, actor=actor, case_id=case_id, now=now)
    with database().read_session() as session:
        case = _case(session, case_id)
        names = present(session, case_ids=[case_id], but=actor.staff_id or 0, now=now)
    held = ""
    if case.holder and case.lease_until and case.lease_until > now:
        mine = case.holder_id == actor.staff_id
        held = f"{gettext('You') if mine else case.holder} · {left(case.lease_until)}"
    return jsonify(here=here_words(names.get(case_id, [])), held=held, mark=mark(case))


def mark(case: CaseRow) -> str:
    """Changes when somebody who has the page open should look again."""
    return f"{case.state.value}.{case.version}.{case.reports}.{case.holder_id or 0}"


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"case_mark": mark, "skip_words": queue_words.SKIP}


@blueprint.post("/cases/<int:case_id>/presence/leave")
@access.requires(Permission.CASE_READ)
@access.unattended
def leave(case_id: int) -> ResponseReturnValue:
    """The page was closed."""
    with database().transaction() as session:
        presence.leave(session, actor=sessions.actor(), case_id=case_id)
    return "", 204
