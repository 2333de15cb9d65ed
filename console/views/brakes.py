"""Brakes: changes too large to pass by themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from console import access, brake_words, sessions
from console.answering import answer
from console.forms.brakes import BrakeForm
from console.parts import database, keyring
from shudi import clock
from shudi.cases.actions import brakes as acts
from shudi.geo import queries as updates
from shudi.labels.queries import brakes
from shudi.labels.rules.brakes import sample_size
from shudi.staff.rules import Permission

_RECENT = timedelta(days=30)  # so long after new databases a brake may come of them

blueprint = Blueprint("brakes", __name__)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(brake_words=brake_words))


@blueprint.get("/brakes")
@access.requires(Permission.BRAKE_READ)
def index() -> ResponseReturnValue:
    """Those that hold first, then the newest."""
    with database().read_session() as session:
        rows = brakes.brakes(session)
        renewed = updates.updates(session) if _reads_sources() else None
    return render_template("console/brakes/index.html", rows=rows, updates=renewed)


@blueprint.get("/brakes/<int:brake_id>")
@access.requires(Permission.BRAKE_READ)
def show(brake_id: int) -> ResponseReturnValue:
    """One brake: all that it holds now, or held when it was decided."""
    return _page(brake_id)


@blueprint.post("/brakes/<int:brake_id>/sample")
@access.requires(Permission.BRAKE_DECIDE)
def sample(brake_id: int) -> ResponseReturnValue:
    """Let a few go first, to be looked at."""

    def act(session: Session, version: int, _: int) -> str:
        [key, *_older] = keyring().derive("brake-sample")
        num = acts.sample(
            session,
            actor=sessions.actor(),
            brake_id=brake_id,
            version=version,
            key=key,
            now=clock.now(),
        )
        return str(
            ngettext(
                "%(num)d account went first. Look at it, then decide on the rest.",
                "%(num)d accounts went first. Look at them, then decide on the rest.",
                num,
            )
        )

    return _do(brake_id, act)


@blueprint.post("/brakes/<int:brake_id>/accept")
@access.requires(Permission.BRAKE_DECIDE)
def accept(brake_id: int) -> ResponseReturnValue:
    """The change is right: let it through."""

    def act(session: Session, version: int, hours: int) -> str:
        released = acts.accept(
            session,
            actor=sessions.actor(),
            brake_id=brake_id,
            version=version,
            waive_hours=hours,
            now=clock.now(),
        )
        num = released.changed
        return str(ngettext("%(num)d label was updated.", "%(num)d labels were updated.", num))

    return _do(brake_id, act)


@blueprint.post("/brakes/<int:brake_id>/reject")
@access.requires(Permission.BRAKE_DECIDE)
def reject(brake_id: int) -> ResponseReturnValue:
    """The change is wrong: drop it, and take a sample of it back."""

    def act(session: Session, version: int, _: int) -> str:
        back, _stayed = acts.reject(
            session,
            actor=sessions.actor(),
            brake_id=brake_id,
            version=version,
            now=clock.now(),
        )
        if not back:
            return str(gettext("What was held is dropped. The old labels stay."))
        return str(
            ngettext(
                "What was held is dropped, and %(num)d label of the sample went back.",
                "What was held is dropped, and %(num)d labels of the sample went back.",
                back,
            )
        )

    return _do(brake_id, act)


def _reads_sources() -> bool:
    return sessions.actor().may(Permission.SOURCE_READ)


def _taken(session: Session, opened_at: datetime) -> list[Any]:
    return updates.taken_since(session, since=opened_at - _RECENT)


def _do(brake_id: int, act: Callable[[Session, int, int], str]) -> ResponseReturnValue:
    """One act on what was seen."""
    form = BrakeForm(request.form)
    return answer(
        form,
        lambda session: act(session, form.version.data or 0, form.waive_hours.data or 0),
        page=lambda problem: _page(brake_id, problem),
        then=url_for("brakes.show", brake_id=brake_id),
    )


def _page(brake_id: int, problem: str = "") -> str:
    actor = sessions.actor()
    with database().read_session() as session:
        row = brakes.brake(session, brake_id=brake_id)
        holds = row.state == "held"
        difference: Any = brakes.difference(session, brake_id=brake_id) if holds else row.recorded
        sampled = brakes.sampled(session, brake_id=brake_id) if row.sampled_at else []
        own = brakes.holds_any(session, brake_id=brake_id, accounts=actor.own_accounts)
        recent = _taken(session, row.opened_at) if holds and _reads_sources() else []
    may = actor.may(Permission.BRAKE_DECIDE) and holds
    return render_template(
        "console/brakes/show.html",
        row=row,
        difference=difference,
        sample=sampled,
        size=sample_size(difference.accounts),
        may=may and not own,
        own=may and own,
        recent=recent,
        problem=problem,
    )
