"""One batch: how far it is, what became of each account, and what people may do with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, errors, sessions
from console.batch_offers import offers_of
from console.forms.batches import BackForm, WordForm, shown, write_shown
from console.parts import database, settings, vocabulary
from console.views.batches import number
from shudi import clock
from shudi.cases.actions.batches import life
from shudi.cases.actions.batches import preview as previews
from shudi.cases.actions.batches.preview import Preview
from shudi.cases.queries import batches, takers
from shudi.cases.rules.batches import BatchAct, BatchState, Outcome
from shudi.cases.rules.policy import UNDO_FOR
from shudi.errors import Invalid, Refused, ShudiError, Stale
from shudi.staff.rules import Permission

blueprint = Blueprint("batch", __name__)


@blueprint.get("/batches/<int:batch_id>")
@access.requires(Permission.CASE_READ)
def show(batch_id: int) -> ResponseReturnValue:
    """Its state, and a page of its accounts."""
    return _page(batch_id)


def _page(batch_id: int, problem: str = "") -> str:
    wanted = request.args.get("outcome", "")
    outcome = Outcome(wanted) if wanted in [*Outcome] else None
    after, now = number("after") or 0, clock.now()
    with database().read_session() as session:
        row = batches.batch(session, batch_id=batch_id)
        counts = batches.counts(session, batch_id=batch_id)
        links = batches.taken_back_by(session, batch_id=batch_id)
        items, following = batches.items(
            session, batch_id=batch_id, outcome=outcome, after=min(after, 2**31 - 1)
        )
        offers = offers_of(session, sessions.actor(), row, counts, links, now)
        waits = row.state is BatchState.WAITING
        nobody = waits and batch_id in takers.stuck(session).batches
    return render_template(
        "console/batches/show.html",
        row=row,
        counts=counts,
        links=links,
        items=items,
        following=following,
        after=after,
        outcome=outcome,
        offers=offers,
        nobody=nobody,
        undo_ends=(row.ended_at or now) + UNDO_FOR,
        Outcome=Outcome,
        problem=problem,
    )


@blueprint.get("/batches/<int:batch_id>/progress")
@access.requires(Permission.CASE_READ)
def progress(batch_id: int) -> ResponseReturnValue:
    """How far it is, for the page that is open."""
    with database().read_session() as session:
        row = batches.batch(session, batch_id=batch_id)
    words = gettext("%(worked)s of %(total)s accounts", worked=row.worked, total=row.total)
    return jsonify(state=row.state.value, worked=row.worked, total=row.total, words=words)


@blueprint.post("/batches/<int:batch_id>/cancel")
@access.requires(Permission.CASE_DECIDE)
def cancel(batch_id: int) -> ResponseReturnValue:
    """Begin no more accounts."""
    form = WordForm(request.form)
    told = gettext("Cancelled. What was done stays; the rest was not begun.")
    return _act(batch_id, form, life.cancel, told)


@blueprint.get("/batches/<int:batch_id>/approve")
@access.requires(Permission.CORRECTION_APPROVE)
def answer(batch_id: int) -> ResponseReturnValue:
    """What would become of each account now, and the second person's word."""
    return _foreseen(batch_id, "approve")


@blueprint.post("/batches/<int:batch_id>/approve")
@access.requires(Permission.CORRECTION_APPROVE)
def approve(batch_id: int) -> ResponseReturnValue:
    """Agree to the whole list."""
    form, told = WordForm(request.form), gettext("Approved. The batch is running.")
    return _act(batch_id, form, life.approve, told)


@blueprint.post("/batches/<int:batch_id>/refuse")
@access.requires(Permission.CORRECTION_APPROVE)
def refuse(batch_id: int) -> ResponseReturnValue:
    """Do not agree, and say why."""
    form, told = WordForm(request.form), gettext("Refused. Nothing more of it is done.")
    return _act(batch_id, form, life.refuse, told, page="approve", text=form.text.data or "")


@blueprint.get("/batches/<int:batch_id>/again")
@access.requires(Permission.CASE_DECIDE)
def again_shown(batch_id: int) -> ResponseReturnValue:
    """What trying again would do now."""
    return _foreseen(batch_id, "again")


@blueprint.post("/batches/<int:batch_id>/again")
@access.requires(Permission.CASE_DECIDE)
def again(batch_id: int) -> ResponseReturnValue:
    """Try again what did not go, as it was shown now."""
    seen = shown(request.form.get("seen", ""))
    told = gettext("The accounts are tried again.")
    return _act(batch_id, WordForm(request.form), life.try_again, told, page="again", seen=seen)


@blueprint.get("/batches/<int:batch_id>/back")
@access.requires(Permission.CASE_DECIDE)
def back_shown(batch_id: int) -> ResponseReturnValue:
    """What taking it back would do now."""
    return _foreseen(batch_id, request.args.get("act", "revert"))


@blueprint.post("/batches/<int:batch_id>/back")
@access.requires(Permission.CASE_DECIDE)
def back(batch_id: int) -> ResponseReturnValue:
    """Take it back by a batch of its own."""
    form = BackForm(request.form)
    if not form.validate():
        return _foreseen(batch_id, form.act.data or "", form, _look())
    try:
        with database().transaction() as session:
            made = life.take_back(
                session,
                actor=sessions.actor(),
                uid=form.uid.data,
                batch_id=batch_id,
                version=form.version.data,
                act=BatchAct(form.act.data),
                text=form.text.data or "",
                seen=shown(request.form.get("seen", "")),
                settings=settings(),
                now=clock.now(),
            )
    except (Invalid, Refused, Stale) as error:
        return _foreseen(batch_id, form.act.data, form, errors.words(error), error)
    if made.second:
        flash(gettext("Proposed. It runs once a senior other than you agrees."), "success")
    else:
        flash(gettext("It is being taken back; you can leave this page."), "success")
    return redirect(url_for("batch.show", batch_id=made.id), 303)


def _look() -> str:
    return str(gettext("Some fields need another look."))


def _act(
    batch_id: int,
    form: WordForm,
    act: Callable[..., object],
    told: str,
    *,
    page: str = "",
    **more: Any,
) -> ResponseReturnValue:
    """Call the act and show the batch; refused, the page it came from with what was typed."""
    problem, found = _look(), None
    if form.validate():
        try:
            with database().transaction() as session:
                act(
                    session,
                    actor=sessions.actor(),
                    batch_id=batch_id,
                    version=form.version.data,
                    now=clock.now(),
                    **more,
                )
        except (Invalid, Refused, Stale) as error:
            problem, found = errors.words(error), error
        else:
            flash(told, "success")
            return redirect(url_for("batch.show", batch_id=batch_id), 303)
    if page:
        return _foreseen(batch_id, page, form, problem, found)
    return _page(batch_id, problem), errors.status_of(found) if found else 422


def _foreseen(
    batch_id: int,
    step: str,
    form: WordForm | None = None,
    problem: str = "",
    error: ShudiError | None = None,
) -> ResponseReturnValue:
    """The page before `approve`, `again`, `undo` or `revert`: every account as things stand now.
    Where the step is none any more, the batch itself.
    """
    status = errors.status_of(error) if error else 422 if problem else 200
    now = clock.now()
    with database().read_session() as session:
        row = batches.batch(session, batch_id=batch_id)
        counts = batches.counts(session, batch_id=batch_id)
        links = batches.taken_back_by(session, batch_id=batch_id)
        offered = offers_of(session, sessions.actor(), row, counts, links, now).allows(step)
        found = _ahead(session, batch_id, step, now) if offered else None
    if found is None:
        problem = problem or gettext("This cannot be done with this batch now.")
        return _page(batch_id, problem), status if error else 409
    page = render_template(
        "console/batches/confirm.html",
        row=row,
        step=step,
        found=found,
        form=form or BackForm(),
        seen=write_shown(found.items),
        Outcome=Outcome,
        problem=problem,
    )
    return page, status


def _ahead(session: Session, batch_id: int, step: str, now: datetime) -> Preview:
    if step in ("approve", "again"):
        look = previews.preview_waiting if step == "approve" else previews.preview_again
        return look(
            session, batch_id=batch_id, vocabulary=vocabulary(), settings=settings(), now=now
        )
    return previews.preview_back(
        session,
        actor=sessions.actor(),
        batch_id=batch_id,
        act=BatchAct(step),
        vocabulary=vocabulary(),
        settings=settings(),
        now=now,
    )
