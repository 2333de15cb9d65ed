"""Finding an account and everything about its label."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, reading, sessions
from console.forms.accounts import LookForm
from console.outcome import Outcome, seen
from console.parts import database
from shudi import clock
from shudi.accounts import queries as accounts
from shudi.cases.actions import intake
from shudi.cases.queries import case as cases
from shudi.labels.queries import corrections, desk
from shudi.sites import queries as sites
from shudi.staff.rules import Permission

blueprint = Blueprint("accounts", __name__)
_LONGEST = 128


@blueprint.get("/accounts")
@access.requires(Permission.ACCOUNT_READ)
def index() -> ResponseReturnValue:
    """Search by id, handle or name within a site."""
    text = request.args.get("q", "").strip()[:_LONGEST].replace("\x00", "")
    with database().read_session() as session:
        known = sites.all_sites(session)
        site = next((one for one in known if one.key == request.args.get("site")), None)
        site = site or (known[0] if known else None)
        rows = accounts.search(session, site_id=site.id, text=text) if site and text else []
        versions = desk.versions(session, account_ids=[row.id for row in rows])
    reading.put_hits_on_record(sessions.actor(), {"account": [row.id for row in rows]})
    return render_template(
        "console/accounts/index.html",
        sites=known,
        site=site,
        text=text,
        rows=rows,
        versions=versions,
        may_decide=sessions.actor().may(Permission.CASE_DECIDE),
    )


@blueprint.get("/accounts/<int:account_id>")
@access.requires(Permission.ACCOUNT_READ)
def show(account_id: int) -> ResponseReturnValue:
    """One account."""
    return _page(account_id)


@blueprint.post("/accounts/<int:account_id>/open-case")
@access.requires(Permission.CASE_DECIDE)
def open_case(account_id: int) -> ResponseReturnValue:
    """Take a closer look: a case, with the reason for it."""
    form = LookForm(request.form)
    if not form.validate():
        problem = gettext("Say why in at most 500 characters.")
        return _page(account_id, text=form.text.data or "", problem=problem), 422
    with database().transaction() as session:
        case_id = intake.open_by_staff(
            session,
            actor=sessions.actor(),
            account_id=account_id,
            text=form.text.data,
            now=clock.now(),
        )
    flash(gettext("The case is open. Claim it to decide."), "success")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _page(account_id: int, text: str = "", problem: str = "") -> str:
    actor = sessions.actor()
    with database().read_session() as session:
        account = accounts.account(session, account_id=account_id)
        label = desk.label(session, account_id=account_id)
        history = corrections.corrections_of(session, account_id=account_id)
        lines = cases.of_account(session, account_id=account_id)
        months = desk.months_seen(session, account_id=account_id)
    return render_template(
        "console/accounts/show.html",
        account=account,
        label=label,
        history=history,
        cases=lines,
        months=months,
        outcome=Outcome(seen(label)),
        own=account_id in actor.own_accounts,
        may_decide=actor.may(Permission.CASE_DECIDE),
        text=text,
        problem=problem,
    )
