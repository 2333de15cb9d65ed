"""The account holder's own page. Public: the one-time link and its short session are the key.

Nothing here tells who decided anything, or how a place was found.
"""

import dataclasses
import hmac
import json
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, errors, holder_words
from console.forms.holder import ContestForm
from console.outcome import seen
from console.parts import database, settings
from console.reading import on_record
from shudi import clock
from shudi.accounts import queries as accounts
from shudi.cases.actions import appeals, holders
from shudi.cases.queries import holder
from shudi.cases.queries.holder import Contest, HolderVisit
from shudi.cases.queries.holder_export import own_data
from shudi.cases.rules import ANSWER_WITHIN, CaseKind
from shudi.cases.rules.appeals import SECOND, instance_of, is_late
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.labels.queries import desk
from shudi.labels.queries.desk import LabelView
from shudi.labels.rules import CorrectionState
from shudi.oversight.queries import told

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
            return _page(session, visit, form, problem), 422
    try:
        with database().transaction() as session:
            appeals.contest(
                session,
                account_id=visit.account_id,
                label_version=form.label_version.data,
                text=form.text.data,
                evidence=form.evidence.data or "",
                settings=settings(),
                now=clock.now(),
            )
    except (Invalid, Refused, Stale) as error:
        with database().read_session() as session:
            page = _page(session, visit, form, errors.words(error))
        return page, errors.status_of(error)
    flash(gettext("Thank you. Your message is with the desk."), "success")
    return redirect(url_for("holder.index"), 303)


@blueprint.post("/holder/export")
@access.public
def export() -> ResponseReturnValue:
    """Own data as a file. That it was taken is on record before it leaves."""
    with database().read_session() as session:
        visit = _visit(session)
    if visit is None:
        return render_template("holder/spent.html"), 404
    _check_token(visit)
    with on_record() as session:
        holders.record_export(session, account_id=visit.account_id, now=clock.now())
        data = own_data(session, account_id=visit.account_id, now=clock.now())
        looked = told.told(session, account_id=visit.account_id, now=clock.now())
    data["inspections"] = [dataclasses.asdict(one) for one in looked]
    answer = Response(
        json.dumps(data, default=_written, ensure_ascii=False, indent=2) + "\n",
        mimetype="application/json",
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="own-data.json"'
    return answer


def _written(value: date) -> str:
    return value.isoformat()


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


def _page(
    session: Session, visit: HolderVisit, form: ContestForm | None = None, problem: str = ""
) -> str:
    account = accounts.account(session, account_id=visit.account_id)
    label = desk.label(session, account_id=visit.account_id)
    made = holder.corrected(session, account_id=visit.account_id)
    contests = holder.contests(session, account_id=visit.account_id)
    return render_template(
        "holder/index.html",
        visit=visit,
        account=account,
        label=label,
        shown=seen(label),
        current=next((one for one in made if one.state is CorrectionState.IN_FORCE), None),
        past=[one for one in made if one.state is not CorrectionState.IN_FORCE],
        months=desk.months_seen(session, account_id=visit.account_id),
        contests=contests,
        waiting=holder.waiting(session, account_id=visit.account_id),
        inspections=told.told(session, account_id=visit.account_id, now=clock.now()),
        holder_words=holder_words,
        form=form,
        problem=problem,
        **_next_step(label, contests, clock.now()),
    )


def _next_step(label: LabelView | None, contests: list[Contest], now: datetime) -> dict[str, Any]:
    """What the holder can do: contest (`first`, `second`), or why not (`late`, else nothing)."""
    days = settings().contest_days
    step = {
        "step": "",
        "until": label.since + timedelta(days=days) if label and days else None,
        "answer_days": ANSWER_WITHIN[CaseKind.CONTEST].days,
        "retention_days": settings().retention_days,
    }
    if label is None or label.hidden or label.version == 0:
        return step
    try:
        instance = instance_of(contests[0].former if contests else None, label.version)
    except (Refused, Stale) as error:
        return step | {"step": error.code}
    if is_late(since=label.since, today=now.date(), days=days):
        return step | {"step": "contest-late"}
    return step | {"step": "second" if instance == SECOND else "first"}
