"""The account holder's own page. Public: the one-time link and its short session are the key.

Nothing here tells who decided anything, or how a place was found.
"""

import hmac

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, errors
from console.forms.holder import ContestForm
from console.outcome import seen
from console.parts import database
from shudi import clock
from shudi.accounts import queries as accounts
from shudi.cases.actions import holders
from shudi.cases.queries import holder
from shudi.cases.queries.holder import HolderVisit
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.labels.queries import desk
from shudi.sites import queries as sites

blueprint = Blueprint("holder", __name__)
COOKIE = "__Host-shudi-holder"
FIELD = "holder_token"


@blueprint.get("/holder/<token>")
@access.public
def link(token: str) -> ResponseReturnValue:
    """Where the one-time link leads. A button opens it, so that no mail scanner uses it up."""
    return render_template("holder/link.html", token=token)


@blueprint.post("/holder/<token>")
@access.public
def open_link(token: str) -> ResponseReturnValue:
    """Use the link up; a short session begins."""
    try:
        with database().transaction() as session:
            session_token = holders.open_link(session, token=token, now=clock.now())
    except NotFound:
        return render_template("holder/spent.html"), 404
    answer = redirect(url_for("holder.index"), 303)
    answer.set_cookie(
        COOKIE,
        session_token,
        max_age=int(holders.SESSION_LIFE.total_seconds()),
        secure=True,
        httponly=True,
        samesite="Strict",
        path="/",
    )
    return answer


@blueprint.get("/holder")
@access.public
def index() -> ResponseReturnValue:
    """The own label, why, since when, and what can be done."""
    with database().read_session() as session:
        visit = _visit(session)
        if visit is None:
            return render_template("holder/spent.html"), 404
        return _page(session, visit)


@blueprint.post("/holder/contest")
@access.public
def contest() -> ResponseReturnValue:
    """Say that the label is wrong: a case for somebody who has not decided on it."""
    form = ContestForm(request.form)
    with database().read_session() as session:
        visit = _visit(session)
        if visit is None:
            return render_template("holder/spent.html"), 404
        _check_token(visit)
        if not form.validate():
            problem = gettext("Say what is wrong, in 1 to 2,000 characters.")
            return _page(session, visit, form.text.data or "", problem), 422
    try:
        with database().transaction() as session:
            holders.contest(
                session,
                account_id=visit.account_id,
                label_version=form.label_version.data,
                text=form.text.data,
                now=clock.now(),
            )
    except (Invalid, Refused, Stale) as error:
        with database().read_session() as session:
            page = _page(session, visit, form.text.data or "", errors.words(error))
        return page, errors.status_of(error)
    flash(gettext("Thank you. Your message is with the desk."), "success")
    return redirect(url_for("holder.index"), 303)


@blueprint.post("/holder/leave")
@access.public
def leave() -> ResponseReturnValue:
    """Close the page: here and in the browser the session is over."""
    token = request.cookies.get(COOKIE, "")
    if token:
        with database().transaction() as session:
            holders.leave(session, token=token, now=clock.now())
    answer = redirect(url_for("holder.left"), 303)
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Strict", path="/")
    return answer


@blueprint.get("/holder/left")
@access.public
def left() -> ResponseReturnValue:
    """Good-bye."""
    return render_template("holder/left.html")


def _visit(session: Session) -> HolderVisit | None:
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    return holder.visit(session, token_hash=holders.token_hash(token), now=clock.now())


def _check_token(visit: HolderVisit) -> None:
    given = request.form.get(FIELD, "").encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(given, visit.csrf.encode()):
        raise NotAllowed("csrf-token", "This form is out of date.")


def _page(session: Session, visit: HolderVisit, text: str = "", problem: str = "") -> str:
    account = accounts.account(session, account_id=visit.account_id)
    label = desk.label(session, account_id=visit.account_id)
    site = sites.site_by_id(session, account.site_id)
    return render_template(
        "holder/index.html",
        visit=visit,
        account=account,
        label=label,
        shown=seen(label),
        contest=holder.last_contest(session, account_id=visit.account_id),
        as_of=site.as_of if site else None,
        text=text,
        problem=problem,
    )
