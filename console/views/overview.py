"""Where work begins: what is mine, what waits, what is wrong."""

from datetime import datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from console import access, sessions
from console.parts import database, locator
from shudi import clock
from shudi.cases.queries import mentions, queue, statistics
from shudi.cases.queries.watch import watch
from shudi.labels.queries import brakes, corrections
from shudi.oversight.queries.waiting import waiting
from shudi.staff.rules import Actor, Permission

blueprint = Blueprint("overview", __name__)


@blueprint.get("/")
@access.start
@access.requires(Permission.OVERVIEW_READ)
def index() -> ResponseReturnValue:
    """The desk at a glance."""
    actor, now = sessions.actor(), clock.now()
    with database().read_session() as session:
        mine, calls = _own(session, actor, now)
        backlog = queue.backlog(session, now=now)
        held = brakes.held_brakes(session)
        decided = corrections.glance(session, now=now)
        figures = actor.may(Permission.STATISTICS_READ)  # of all sites
        kept = statistics.glance(session, now=now) if figures else statistics.Glance([], 0)
        watched = watch(session)
        for_two = waiting(session, actor=actor, now=now)
    return render_template(
        "console/overview/index.html",
        mine=mine,
        calls=calls,
        waiting_for_two=for_two,
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


def _own(
    session: Session, actor: Actor, now: datetime
) -> tuple[list[queue.QueueRow], list[mentions.MentionRow]]:
    """The cases that they hold and the notes that call them; of who reads no cases, nothing."""
    if not actor.may(Permission.CASE_READ):
        return [], []
    staff_id = actor.staff_id or 0
    calls = mentions.unread(session, staff_id=staff_id)
    return queue.mine(session, staff_id=staff_id, now=now), calls
