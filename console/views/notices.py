"""What was told to platforms and to the desk, what became of it, and sending it again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, notice_words, sessions
from console.forms.notices import read_filter
from console.parts import database, settings
from shudi import clock
from shudi.cases.actions import notices as acts
from shudi.outbox import queries
from shudi.sites import queries as sites
from shudi.staff.rules import Permission

blueprint = Blueprint("notices", __name__)
_KEPT = ("state", "topic", "channel", "site")
# macros see what is global only
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(notice_words=notice_words))


@blueprint.get("/notices")
@access.requires(Permission.NOTICE_READ)
def index() -> ResponseReturnValue:
    """A page of notices, newest first."""
    with database().read_session() as session:
        known = sites.all_sites(session)
        wanted = read_filter(request.args, known)
        rows, following = queries.page(session, wanted=wanted)
        given_up = queries.given_up(session)
    return render_template(
        "console/notices/index.html",
        rows=rows,
        following=following,
        wanted=wanted,
        kept={name: request.args[name] for name in _KEPT if request.args.get(name)},
        sites=known,
        names={site.id: site.name for site in known},
        site=next((site for site in known if site.id == wanted.site_id), None),
        given_up=given_up,
        now=clock.now(),
    )


@blueprint.get("/notices/<int:message_id>")
@access.requires(Permission.NOTICE_READ)
def show(message_id: int) -> ResponseReturnValue:
    """One notice: what it tells, and every attempt to deliver it."""
    actor = sessions.actor()
    with database().read_session() as session:
        row, payload, attempts = queries.notice(session, message_id=message_id)
        site = sites.site_by_id(session, row.site_id)
    sending = row.leased_until is not None and row.leased_until > clock.now()
    # who is not to see accounts does not see them here either
    shown = {
        name: value
        for name, value in payload.items()
        if name != "site" and (name != "account" or actor.may(Permission.ACCOUNT_READ))
    }
    return render_template(
        "console/notices/show.html",
        row=row,
        payload=shown,
        attempts=attempts,
        site=site,
        sending=sending,
        may=actor.may(Permission.NOTICE_MANAGE),
        recipients=settings().smtp_to,
    )


@blueprint.post("/notices/<int:message_id>/retry")
@access.requires(Permission.NOTICE_MANAGE)
def retry(message_id: int) -> ResponseReturnValue:
    """Try it now, or replay it, under the same id."""
    with database().transaction() as session:
        acts.retry(session, actor=sessions.actor(), message_id=message_id, now=clock.now())
    flash(gettext("It is sent now, under the same id. Look again in a moment."), "success")
    return redirect(url_for("notices.show", message_id=message_id), 303)
