"""Many reports from one sender: who they are is not known, what they sent is."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from console import access, errors, queue_words, sessions
from console.forms.senders import SetAsideForm, chosen_cases
from console.parts import database
from shudi import clock
from shudi.cases.actions import senders as acts
from shudi.cases.queries import senders
from shudi.cases.queries.case import case_row
from shudi.errors import Invalid, Stale
from shudi.staff.rules import Permission

blueprint = Blueprint("senders", __name__)


@blueprint.get("/senders")
@access.requires(Permission.CASE_READ)
def index() -> ResponseReturnValue:
    """Who sent most of late, and what was set aside."""
    now = clock.now()
    with database().read_session() as session:
        busiest = senders.busiest(session, now=now)
        done = senders.set_asides(session, now=now)
    return render_template("console/senders/index.html", busiest=busiest, done=done, case=None)


@blueprint.get("/cases/<int:case_id>/senders")
@access.requires(Permission.CASE_READ)
def of_case(case_id: int) -> ResponseReturnValue:
    """Who sent the reports of one case."""
    staff_id = sessions.actor().staff_id or 0
    with database().read_session() as session:
        case = case_row(session, case_id=case_id, staff_id=staff_id)
        busiest = senders.of_case(session, case_id=case_id)
    return render_template("console/senders/index.html", busiest=busiest, done=[], case=case)


@blueprint.get("/senders/<int:report_id>")
@access.requires(Permission.CASE_READ)
def show(report_id: int) -> ResponseReturnValue:
    """What this sender reported, and what setting it aside would do to each case."""
    return _page(report_id)


def _page(report_id: int, **more: Any) -> str:
    with database().read_session() as session:
        preview = senders.preview(
            session, actor=sessions.actor(), report_id=report_id, now=clock.now()
        )
    values: dict[str, Any] = {"problem": "", "text": "", "left_out": set()}
    return render_template(
        "console/senders/show.html",
        report_id=report_id,
        preview=preview,
        queue_words=queue_words,
        may_decide=sessions.actor().may(Permission.CASE_DECIDE),
        **{**values, **more},
    )


@blueprint.post("/senders/<int:report_id>/set-aside")
@access.requires(Permission.CASE_DECIDE)
def set_aside(report_id: int) -> ResponseReturnValue:
    """Do it, for the cases that are ticked."""
    form = SetAsideForm(request.form)
    text = form.text.data or ""
    if not form.validate():
        return _page(report_id, problem=gettext("Write at most 500 characters."), text=text), 422
    cases = chosen_cases()
    try:
        with database().transaction() as session:
            acts.set_aside(
                session,
                actor=sessions.actor(),
                report_id=report_id,
                cases=cases,
                seen=form.seen.data,
                text=text,
                now=clock.now(),
            )
    except (Invalid, Stale) as error:
        page = _page(report_id, problem=errors.words(error), text=text)
        return page, errors.status_of(error)
    flash(_done(len(cases)), "success")
    return redirect(url_for("senders.index"), 303)


def _done(count: int) -> str:
    return str(
        ngettext(
            "Set aside in %(num)d case. It can be undone below.",
            "Set aside in %(num)d cases. It can be undone below.",
            count,
        )
    )


@blueprint.post("/senders/set-asides/<int:set_aside_id>/undo")
@access.requires(Permission.CASE_DECIDE)
def restore(set_aside_id: int) -> ResponseReturnValue:
    """Let the reports count again."""
    with database().transaction() as session:
        acts.restore(session, actor=sessions.actor(), set_aside_id=set_aside_id, now=clock.now())
    flash(gettext("The reports count again, and the cases they opened are open."), "success")
    return redirect(url_for("senders.index"), 303)
