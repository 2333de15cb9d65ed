"""New geo databases that would move many labels: what they move, and a person's word on it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, sessions
from console.answering import answer
from console.forms.brakes import BrakeForm
from console.parts import database
from shudi import clock
from shudi.cases.actions import sources as acts
from shudi.geo import queries as updates
from shudi.geo.rules import UpdateState
from shudi.labels.queries import drift
from shudi.labels.rules.drift import TRIAL_MOST
from shudi.staff.rules import Permission

blueprint = Blueprint("source_updates", __name__)


@blueprint.get("/source-updates/<int:update_id>")
@access.requires(Permission.SOURCE_READ)
def show(update_id: int) -> ResponseReturnValue:
    """One change of databases, with what it moves."""
    return _page(update_id)


@blueprint.post("/source-updates/<int:update_id>/sample")
@access.requires(Permission.SOURCE_DECIDE)
def sample(update_id: int) -> ResponseReturnValue:
    """Look accounts up in both as they are seen, and change nothing."""
    return _do(update_id, acts.sample, gettext("The trial begins within seconds."))


@blueprint.post("/source-updates/<int:update_id>/accept")
@access.requires(Permission.SOURCE_DECIDE)
def accept(update_id: int) -> ResponseReturnValue:
    """Use the new databases."""
    done = gettext("Accepted. The worker takes the new databases into use within seconds.")
    return _do(update_id, acts.accept, done)


@blueprint.post("/source-updates/<int:update_id>/stop")
@access.requires(Permission.SOURCE_DECIDE)
def stop(update_id: int) -> ResponseReturnValue:
    """Keep the old databases."""
    return _do(update_id, acts.stop, gettext("Stopped. The old databases stay in use."))


def _do(update_id: int, act: Callable[..., Any], done: str) -> ResponseReturnValue:
    """One act on what was seen."""
    form = BrakeForm(request.form)

    def carry_out(session: Session) -> str:
        act(
            session,
            actor=sessions.actor(),
            update_id=update_id,
            version=form.version.data,
            now=clock.now(),
        )
        return done

    then = url_for("source_updates.show", update_id=update_id)
    return answer(form, carry_out, page=lambda problem: _page(update_id, problem), then=then)


def _page(update_id: int, problem: str = "") -> str:
    actor = sessions.actor()
    with database().read_session() as session:
        row = updates.update(session, update_id=update_id)
        trial = drift.trial(session, update_id=update_id) if row.sampled_at else None
        own = drift.trial_moves_any(session, update_id=update_id, accounts=actor.own_accounts)
    before = {one["name"]: one for one in row.old["sources"]}
    after = {one["name"]: one for one in row.new["sources"]}
    may = actor.may(Permission.SOURCE_DECIDE) and row.state is UpdateState.HELD
    return render_template(
        "console/source_updates/show.html",
        row=row,
        sources=[(name, before.get(name), after.get(name)) for name in {**before, **after}],
        trial=trial,
        trial_most=TRIAL_MOST,
        may=may and not own,
        own=may and own,
        problem=problem,
    )
