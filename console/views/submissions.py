"""Deciding a case on account information."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, errors, sessions
from console.forms.submissions import SubmissionForm
from console.parts import database
from console.views import cases, onward
from shudi import clock
from shudi.cases.actions import submissions
from shudi.errors import Invalid, Refused, Stale
from shudi.staff.rules import Permission

blueprint = Blueprint("submissions", __name__)


@blueprint.post("/cases/<int:case_id>/decide-submission")
@access.requires(Permission.CASE_DECIDE)
def decide(case_id: int) -> ResponseReturnValue:
    """Let the submitted values become live, or refuse them."""
    form = SubmissionForm(request.form)
    if not form.validate():
        return _again(case_id, form, gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            told = _act(session, case_id, form)
    except (Invalid, Refused, Stale) as error:
        return _again(case_id, form, errors.words(error)), errors.status_of(error)
    return onward.decided(case_id, told)


def _act(session: Session, case_id: int, form: SubmissionForm) -> str:
    """Call the act that the verdict names; returns what to tell."""
    common = {
        "actor": sessions.actor(),
        "case_id": case_id,
        "version": form.version.data,
        "text": form.text.data or "",
        "now": clock.now(),
    }
    if form.verdict.data == "accept":
        submissions.accept(session, reason=form.accept_reason.data or "", **common)
        return str(gettext("Accepted. The new values are live and the platform is told."))
    submissions.refuse(session, rule=form.rule.data or "", **common)
    return str(gettext("Refused. The live values stay and the platform is told."))


def _again(case_id: int, form: SubmissionForm, problem: str) -> str:
    """The case's page as it stands now, with everything that was typed."""
    with database().read_session() as session:
        page = cases.load(session, case_id)
    return cases.render(page, form=form, problem=problem)
