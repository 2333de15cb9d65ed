"""What authorities ask for: proposing an inspection, how it stands, what was seen by it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, errors, inspection_words, places, sessions
from console.forms.inspections import RequestForm, asked
from console.parts import database, vocabulary
from shudi import clock
from shudi.errors import Invalid, Refused
from shudi.oversight import actions as acts
from shudi.oversight.queries import inspections
from shudi.oversight.queries.waiting import Matter, waiting
from shudi.oversight.rules import LONGEST, NAMED_MOST, PROPOSAL_LIFE, InspectionState
from shudi.sites import queries as sites
from shudi.staff.rules import Permission

blueprint = Blueprint("inspections", __name__)
blueprint.record_once(
    lambda state: state.app.jinja_env.globals.update(inspection_words=inspection_words)
)
_OURS = frozenset({Matter.INSPECTION, Matter.LONGER})
_TONES = {"proposed": "odd", "approved": "good", "refused": "bad"}
_ICONS = {"proposed": "people", "approved": "eye", "refused": "cross", "ended": "check"}


@blueprint.get("/inspections")
@access.requires(Permission.INSPECTION_READ)
def index() -> ResponseReturnValue:
    """Every inspection, newest first; what waits for a second person stands above."""
    before = asked("before")
    with database().read_session() as session:
        rows = inspections.inspections(
            session, staff_id=_me(), before=before, limit=inspections.PAGE + 1
        )
        waits = waiting(session, actor=sessions.actor(), now=clock.now())
    more = len(rows) > inspections.PAGE
    return render_template(
        "console/inspections/index.html",
        rows=rows[: inspections.PAGE],
        waiting=[one for one in waits if one.matter in _OURS],
        following=rows[inspections.PAGE - 1].id if more else None,
        before=before,
        may_propose=sessions.actor().may(Permission.INSPECTION_PROPOSE),
        **_standing(),
    )


@blueprint.get("/inspections/new")
@access.requires(Permission.INSPECTION_PROPOSE, personal=False)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _form(RequestForm(days=7))


@blueprint.post("/inspections/new")
@access.requires(Permission.INSPECTION_PROPOSE)
@access.dangerous
def propose() -> ResponseReturnValue:
    """Write the request down; another administrator decides on it."""
    form = RequestForm(request.form)
    if not form.validate():
        return _form(form, gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            number = acts.propose(
                session,
                actor=sessions.actor(),
                request=form.request(),
                vocabulary=vocabulary(),
                now=clock.now(),
            )
    except (Invalid, Refused) as error:
        return _form(form, _said(error)), errors.status_of(error)
    flash(gettext("Proposed. Another administrator approves it, or refuses it."), "success")
    return redirect(url_for("inspections.show", inspection_id=number), 303)


@blueprint.get("/inspections/<int:inspection_id>")
@access.requires(Permission.INSPECTION_READ)
def show(inspection_id: int) -> ResponseReturnValue:
    """One inspection, and what was seen by it."""
    return page(inspection_id)


def page(inspection_id: int, problem: str = "", text: str = "") -> str:
    """The page of one; `problem` is why something was not done, `text` what was typed."""
    before, now = asked("before"), clock.now()
    with database().read_session() as session:
        row = inspections.inspection(session, staff_id=_me(), inspection_id=inspection_id)
        looks = inspections.seen(
            session, inspection_id=inspection_id, before=before, limit=inspections.PAGE + 1
        )
        count = inspections.seen_count(session, inspection_id=inspection_id)
    more = len(looks) > inspections.PAGE
    return render_template(
        "console/inspections/show.html",
        row=row,
        state=inspections.state_by_clock(row.state, row.proposed_at, row.ends_at, now),
        looks=looks[: inspections.PAGE],
        count=count,
        following=looks[inspections.PAGE - 1].seq if more else None,
        before=before,
        my_id=_me(),
        may_propose=sessions.actor().may(Permission.INSPECTION_PROPOSE),
        lapses_at=row.proposed_at + PROPOSAL_LIFE,
        longest=LONGEST.days,
        problem=problem,
        text=text,
        **_standing(),
    )


def _form(form: RequestForm, problem: str = "") -> str:
    with database().read_session() as session:
        known = sites.all_sites(session)
        people = inspections.supervisors(session, sites=sessions.actor().scope.sites)
    return render_template(
        "console/inspections/new.html",
        form=form,
        problem=problem,
        sites=known,
        people=people,
        places=places.choices(),
        most=NAMED_MOST,
        longest=LONGEST.days,
        today=clock.now().date(),
    )


def _said(error: Invalid | Refused) -> str:
    """Why not, in words; of accounts that are unknown the first few ids."""
    ids, more = error.facts.get("ids"), error.facts.get("more")
    if not isinstance(ids, list):
        return errors.words(error)
    shown = gettext("The site has no such accounts: %(ids)s.", ids=", ".join(ids))
    rest = gettext("There are %(more)s more of them.", more=more) if more else ""
    return f"{shown} {rest}".rstrip()


def _me() -> int:
    return sessions.person().staff_id


def _standing() -> dict[str, object]:
    """How states look, for templates."""
    return {
        "now": clock.now(),
        "state_tones": _TONES,
        "state_icons": _ICONS,
        "InspectionState": InspectionState,
    }
