"""The sites that somebody works on, and the regions that a supervisor may inspect."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, errors, places, scope_words, sessions
from console.forms.scopes import ScopeFields, ScopeForm
from console.parts import database
from shudi import clock
from shudi.errors import Invalid, Refused, Stale
from shudi.sites.queries import all_sites
from shudi.staff.actions import set_scope
from shudi.staff.queries import people
from shudi.staff.rules import Permission

blueprint = Blueprint("scopes", __name__)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(scope_words=scope_words))


@blueprint.get("/people/<int:staff_id>/scope")
@access.requires(Permission.STAFF_MANAGE)
def edit(staff_id: int) -> ResponseReturnValue:
    """What they work on now, to be changed."""
    return _page(staff_id)


@blueprint.post("/people/<int:staff_id>/scope")
@access.requires(Permission.STAFF_MANAGE)
@access.dangerous
def save(staff_id: int) -> ResponseReturnValue:
    """Let them work on what was chosen, from their next click on."""
    form = ScopeForm(request.form)
    with database().read_session() as session:
        offer(session, form)
    if not form.validate():
        return _page(staff_id, form, gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            set_scope(
                session,
                actor=sessions.actor(),
                staff_id=staff_id,
                scope=form.scope(),
                seen=form.version.data,
                now=clock.now(),
            )
    except (Invalid, Refused, Stale) as error:
        return _page(staff_id, form, errors.words(error)), errors.status_of(error)
    flash(gettext("Changed. It holds from their next click on."), "success")
    return redirect(url_for("people.show", staff_id=staff_id), 303)


def offer(session: Session, form: ScopeFields) -> None:
    """Let `form` offer what whoever is signed in can give."""
    codes = [code for _, group in places.choices() for code, _ in group]
    known = [(site.id, site.name) for site in all_sites(session)]
    form.offer(sessions.actor().scope, known, codes)


def _page(staff_id: int, form: ScopeForm | None = None, problem: str = "") -> str:
    """A page that refuses keeps what was chosen, and shows the person as they are by now."""
    actor, now = sessions.actor(), clock.now()
    with database().read_session() as session:
        person = people.person(session, actor=actor, staff_id=staff_id, now=now)
        if form is None:
            form = ScopeForm()
            form.fill(person.scope)
        offer(session, form)
    return render_template(
        "console/people/scope.html",
        person=person,
        form=form,
        problem=problem,
        own=person.id == actor.staff_id,
        places=places.choices(),
    )
