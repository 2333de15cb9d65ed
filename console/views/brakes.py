"""Brakes: changes too large to pass by themselves."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from console import access, sessions
from console.forms.brakes import BrakeForm
from console.parts import database
from shudi import clock
from shudi.cases.actions import brakes as acts
from shudi.labels.queries import brakes
from shudi.staff.rules import Permission

blueprint = Blueprint("brakes", __name__)


@blueprint.get("/brakes")
@access.requires(Permission.BRAKE_READ)
def index() -> ResponseReturnValue:
    """Those that hold first, then the newest."""
    with database().read_session() as session:
        rows = brakes.brakes(session)
    return render_template("console/brakes/index.html", rows=rows)


@blueprint.get("/brakes/<int:brake_id>")
@access.requires(Permission.BRAKE_READ)
def show(brake_id: int) -> ResponseReturnValue:
    """One brake with the recorded difference."""
    return _page(brake_id)


@blueprint.post("/brakes/<int:brake_id>/accept")
@access.requires(Permission.BRAKE_DECIDE)
def accept(brake_id: int) -> ResponseReturnValue:
    """The change is right: let it through."""
    form = BrakeForm(request.form)
    if not form.validate():
        return _page(brake_id, gettext("Some fields need another look.")), 422
    with database().transaction() as session:
        released = acts.accept(
            session,
            actor=sessions.actor(),
            brake_id=brake_id,
            version=form.version.data,
            waive_hours=form.waive_hours.data or 0,
            now=clock.now(),
        )
        changed = released.changed
    flash(
        ngettext("%(num)d label was updated.", "%(num)d labels were updated.", changed), "success"
    )
    return redirect(url_for("brakes.show", brake_id=brake_id), 303)


@blueprint.post("/brakes/<int:brake_id>/reject")
@access.requires(Permission.BRAKE_DECIDE)
def reject(brake_id: int) -> ResponseReturnValue:
    """The change is wrong: drop it."""
    form = BrakeForm(request.form)
    if not form.validate():
        return _page(brake_id, gettext("Some fields need another look.")), 422
    with database().transaction() as session:
        acts.reject(
            session,
            actor=sessions.actor(),
            brake_id=brake_id,
            version=form.version.data,
            now=clock.now(),
        )
    flash(gettext("What was held is dropped. The old labels stay."), "success")
    return redirect(url_for("brakes.show", brake_id=brake_id), 303)


def _page(brake_id: int, problem: str = "") -> str:
    actor = sessions.actor()
    with database().read_session() as session:
        row = brakes.brake(session, brake_id=brake_id)
        own = brakes.holds_any(session, brake_id=brake_id, accounts=actor.own_accounts)
    may = actor.may(Permission.BRAKE_DECIDE) and row.state == "held"
    return render_template(
        "console/brakes/show.html",
        row=row,
        may=may and not own,
        own=may and own,
        problem=problem,
    )
