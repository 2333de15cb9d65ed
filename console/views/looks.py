"""Second looks: a decision taken again by somebody who does not know how it was taken."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, errors, places, sessions
from console.forms.taken import LookForm, SettleForm
from console.outcome import Seen
from console.parts import database
from shudi import clock
from shudi.cases.actions import looks as acts
from shudi.cases.queries import looks
from shudi.cases.queries.looks import Look
from shudi.cases.rules import CaseState, Verdict
from shudi.cases.rules.decisions import Finding, Settled
from shudi.cases.rules.policy import Act, Matter, barred
from shudi.errors import Invalid, Refused, Stale
from shudi.labels.rules import CorrectionKind
from shudi.staff.rules import Permission

blueprint = Blueprint("looks", __name__)


@blueprint.get("/second-looks/<int:case_id>")
@access.requires(Permission.CASE_READ)
def show(case_id: int) -> ResponseReturnValue:
    """The case as it stood; both verdicts once the second is given."""
    return _page(case_id)


@blueprint.post("/second-looks/<int:case_id>/look")
@access.requires(Permission.CASE_DECIDE)
def look(case_id: int) -> ResponseReturnValue:
    """Give the second verdict."""
    form = LookForm(request.form)
    if not form.validate():
        return _page(case_id, form, gettext("Some fields need another look.")), 422
    verdict = Verdict(form.verdict.data)
    corrects = verdict is Verdict.CORRECT
    kind = CorrectionKind(form.kind.data) if corrects and form.kind.data else None
    try:
        with database().transaction() as session:
            agreed = acts.look(
                session,
                actor=sessions.actor(),
                case_id=case_id,
                version=form.version.data,
                finding=Finding(verdict, kind, (form.region.data or None) if kind else None),
                reason=(form.reason.data if corrects else form.keep_reason.data) or "",
                text=form.text.data or "",
                now=clock.now(),
            )
    except (Invalid, Refused, Stale) as error:
        return _refused(case_id, form, error)
    if agreed:
        flash(gettext("You both came to the same verdict. The case is closed."), "success")
    else:
        flash(gettext("Your verdicts differ. A senior who gave neither settles it."), "success")
    return redirect(url_for("looks.show", case_id=case_id), 303)


@blueprint.post("/second-looks/<int:case_id>/settle")
@access.requires(Permission.CORRECTION_APPROVE)
def settle(case_id: int) -> ResponseReturnValue:
    """Say whose verdict is right."""
    form = SettleForm(request.form)
    if not form.validate():
        return _page(case_id, form, gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            opened = acts.settle(
                session,
                actor=sessions.actor(),
                case_id=case_id,
                version=form.version.data,
                settled=Settled(form.settled.data),
                text=form.text.data or "",
                now=clock.now(),
            )
    except (Invalid, Refused, Stale) as error:
        return _refused(case_id, form, error)
    if opened is None:
        flash(gettext("Settled. The decision stands."), "success")
        return redirect(url_for("looks.show", case_id=case_id), 303)
    flash(gettext("Settled. This case was opened, so that the label can be corrected."), "success")
    return redirect(url_for("cases.show", case_id=opened), 303)


def _refused(
    case_id: int, form: LookForm | SettleForm, error: Invalid | Refused | Stale
) -> ResponseReturnValue:
    status = 409 if isinstance(error, Stale) else 422
    return _page(case_id, form, errors.words(error)), status


def _page(case_id: int, form: LookForm | SettleForm | None = None, problem: str = "") -> str:
    actor = sessions.actor()
    with database().read_session() as session:
        row = looks.look(session, case_id=case_id)
    matter = Matter(account_id=row.account_id, decider=row.decider_id, looked=row.looked_by)
    may = actor.may(Permission.CASE_DECIDE) and barred(Act.LOOK, actor, matter) is None
    mine = row.holder_id is not None and row.holder_id == actor.staff_id
    given = row.agreed is not None
    senior = actor.may(Permission.CORRECTION_APPROVE)
    return render_template(
        "console/looks/show.html",
        row=row,
        shown=_shown(row),
        form=form if isinstance(form, LookForm) else None,
        settling=form if isinstance(form, SettleForm) else None,
        typed=form.text.data or "" if form else "",
        problem=problem,
        regions=places.choices() if mine else [],
        mine=mine and not given and row.state is CaseState.OPEN,
        may_claim=may and not mine and row.state is CaseState.OPEN,
        may_settle=given and row.state is CaseState.AWAITING and senior and may,
        barred=not may and actor.may(Permission.CASE_DECIDE),
    )


def _shown(row: Look) -> Seen | None:
    if row.stood is None:
        return None
    return Seen(row.stood.state, row.stood.region, corrected=False, disputed=False)
