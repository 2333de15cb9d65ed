"""The queue and taking the next case from it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, sessions
from console.forms.queue import read_cursor, read_filter, write_cursor
from console.parts import database, settings
from shudi import clock
from shudi.cases.actions import claims
from shudi.cases.queries import queue
from shudi.sites import queries as sites
from shudi.staff.rules import Permission

blueprint = Blueprint("queue", __name__)
_FILTERS = ("kind", "site", "state", "holder", "overdue")


@blueprint.get("/queue")
@access.requires(Permission.CASE_READ)
def index() -> ResponseReturnValue:
    """A page of cases; the filter and the place to continue from are in the address."""
    actor, now = sessions.actor(), clock.now()
    with database().read_session() as session:
        known = sites.all_sites(session)
        wanted, site = read_filter(request.args, staff_id=actor.staff_id or 0, sites=known)
        after = read_cursor(request.args.get("after", ""))
        rows, following = queue.page(session, wanted=wanted, now=now, after=after)
        counts = queue.counts_by_kind(session, site_id=wanted.site_id, state=wanted.state)
    return render_template(
        "console/queue/index.html",
        rows=rows,
        counts=counts,
        total=min(sum(counts.values()), queue.COUNT_CAP),
        sites=known,
        site=site,
        wanted=wanted,
        kept=_kept(),
        after=after is not None,
        following=write_cursor(following),
        why=queue.why_first,
    )


@blueprint.post("/queue/take")
@access.requires(Permission.CASE_DECIDE)
def take() -> ResponseReturnValue:
    """Claim the first case that is nobody's."""
    with database().transaction() as session:
        site = sites.site_by_key(session, request.form.get("site", ""))
        case_id = claims.claim_next(
            session,
            actor=sessions.actor(),
            settings=settings(),
            now=clock.now(),
            site_id=site.id if site else None,
        )
    if case_id is None:
        flash(gettext("Nothing is waiting that you could take."), "info")
        return redirect(url_for("queue.index"), 303)
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _kept() -> dict[str, str]:
    """The filters in force, for links that change one of them."""
    return {name: request.args[name] for name in _FILTERS if request.args.get(name)}
