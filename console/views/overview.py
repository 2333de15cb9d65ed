"""Where work begins: what is mine, what waits, what is wrong."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console import access, sessions
from console.parts import database, locator
from shudi import clock
from shudi.cases.queries import mentions, queue, statistics
from shudi.cases.queries.watch import watch
from shudi.labels.queries import brakes, corrections
from shudi.staff.queries import people
from shudi.staff.rules import Permission

blueprint = Blueprint("overview", __name__)


@blueprint.get("/")
@access.requires(Permission.OVERVIEW_READ)
def index() -> ResponseReturnValue:
    """The desk at a glance."""
    actor, now = sessions.actor(), clock.now()
    with database().read_session() as session:
        mine = queue.mine(session, staff_id=actor.staff_id or 0, now=now)
        reads, manages = actor.may(Permission.CASE_READ), actor.may(Permission.STAFF_MANAGE)
        calls = mentions.unread(session, staff_id=actor.staff_id or 0) if reads else []
        proposed = people.proposals(session, actor=actor, now=now) if manages else []
        backlog = queue.backlog(session, now=now)
        held = brakes.held_brakes(session)
        decided = corrections.glance(session, now=now)
        figures = actor.may(Permission.STATISTICS_READ)  # of all sites
        kept = statistics.glance(session, now=now) if figures else statistics.Glance([], 0)
        watched = watch(session)
    return render_template(
        "console/overview/index.html",
        mine=mine,
        calls=calls,
        proposed=proposed,
        backlog=backlog,
        held=held,
        renewal=watched.renewal if actor.scope.unlimited else None,
        waiting=decided.waiting,
        ending=decided.ending,
        trend=kept.trend,
        nobodys=kept.nobodys,
        stuck=watched.stuck,
        checkpoint=watched.checkpoint,
        sources=locator().status(),
        cap=queue.COUNT_CAP,
    )
