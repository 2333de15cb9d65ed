"""Ready words for decisions: the page where seniors and administrators write them."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, errors, sessions
from console.forms.reasons import NewWordsForm, RetireForm, WordsForm
from console.parts import database
from console.present import language
from shudi import clock
from shudi.cases.actions import reasons
from shudi.cases.queries.reasons import in_use, reason
from shudi.errors import Invalid, Refused, Stale
from shudi.staff.rules import Permission

blueprint = Blueprint("reasons", __name__)


@blueprint.get("/ready-words")
@access.requires(Permission.REASON_WRITE, personal=False)
def index() -> ResponseReturnValue:
    """All ready words in use, and a form for new ones."""
    return _list(None, "")


@blueprint.post("/ready-words")
@access.requires(Permission.REASON_WRITE, personal=False)
def add() -> ResponseReturnValue:
    """Add ready words."""
    form = NewWordsForm(request.form)
    if not form.validate():
        return _list(form, gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            reasons.add(
                session,
                actor=sessions.actor(),
                kind=form.kind.data,
                language=form.language.data,
                title=form.title.data,
                text=form.text.data,
                now=clock.now(),
            )
    except (Invalid, Refused) as error:
        return _list(form, errors.words(error)), 422
    flash(gettext("The words are ready for use."), "success")
    return redirect(url_for("reasons.index"), 303)


@blueprint.get("/ready-words/<int:reason_id>")
@access.requires(Permission.REASON_WRITE, personal=False)
def show(reason_id: int) -> ResponseReturnValue:
    """One of them, to change or to retire."""
    return _one(reason_id)


@blueprint.post("/ready-words/<int:reason_id>")
@access.requires(Permission.REASON_WRITE, personal=False)
def change(reason_id: int) -> ResponseReturnValue:
    """Change the words; whoever comes late sees what stands, with their own words kept."""
    form = WordsForm(request.form)
    if not form.validate():
        problem = gettext("Some fields need another look.")
        return _one(reason_id, form=form, problem=problem), 422
    try:
        with database().transaction() as session:
            reasons.change(
                session,
                actor=sessions.actor(),
                reason_id=reason_id,
                version=form.version.data,
                title=form.title.data,
                text=form.text.data,
                now=clock.now(),
            )
    except (Invalid, Refused, Stale) as error:
        moved = isinstance(error, Stale)
        answer = _one(reason_id, form=form, problem=errors.words(error), moved=moved)
        return answer, errors.status_of(error)
    flash(gettext("The words were changed."), "success")
    return redirect(url_for("reasons.index"), 303)


@blueprint.post("/ready-words/<int:reason_id>/retire")
@access.requires(Permission.REASON_WRITE, personal=False)
def retire(reason_id: int) -> ResponseReturnValue:
    """Take the words out of use."""
    form = RetireForm(request.form)
    if not form.validate():
        raise Invalid("shape", "The version is missing.")
    with database().transaction() as session:
        reasons.retire(
            session,
            actor=sessions.actor(),
            reason_id=reason_id,
            version=form.version.data,
            now=clock.now(),
        )
    flash(gettext("The words are out of use."), "success")
    return redirect(url_for("reasons.index"), 303)


def _list(form: NewWordsForm | None, problem: str) -> str:
    with database().read_session() as session:
        rows = in_use(session)
    return render_template(
        "console/reasons/index.html", rows=rows, form=form, problem=problem, chosen=language()
    )


def _one(reason_id: int, **more: Any) -> str:
    with database().read_session() as session:
        row = reason(session, reason_id=reason_id)
    values: dict[str, Any] = {"form": None, "problem": "", "moved": False}
    return render_template("console/reasons/show.html", row=row, **{**values, **more})
