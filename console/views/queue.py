"""The queue, what changes in it while somebody looks, kept views, and taking the next case."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, queue_words, sessions
from console.forms.queue import (
    ViewForm,
    read_cursor,
    read_filter,
    tidy_query,
    write_cursor,
    written,
)
from console.parts import database, settings
from console.present import left, word
from shudi import clock
from shudi.cases.actions import claims, views
from shudi.cases.queries import queue, tabs
from shudi.cases.queries.presence import present
from shudi.cases.queries.queue import Filter, QueueRow
from shudi.cases.queries.views import views_of
from shudi.cases.rules.priority import Queue, Raise, Why, explain
from shudi.sites import queries as sites
from shudi.sites.queries import SiteRow
from shudi.staff.queries import staff_name
from shudi.staff.rules import Permission

blueprint = Blueprint("queue", __name__)
_BESIDE = frozenset({Why.LOWERED, *Raise})


@dataclasses.dataclass(frozen=True, slots=True)
class _List:
    """What the address asks for, and a page of it."""

    sites: list[SiteRow]
    wanted: Filter
    site: str
    rows: list[QueueRow]
    following: str
    here: dict[int, list[str]]


def _list(session: Session) -> _List:
    """Three reads."""
    staff_id, now = sessions.actor().staff_id or 0, clock.now()
    known = sites.all_sites(session)
    wanted, site = read_filter(request.args, staff_id=staff_id, sites=known)
    after = read_cursor(request.args.get("after", ""))
    rows, following = queue.page(session, wanted=wanted, now=now, after=after)
    here = present(session, case_ids=[row.id for row in rows], but=staff_id, now=now)
    return _List(known, wanted, site, rows, write_cursor(following), here)


@blueprint.get("/queue")
@access.requires(Permission.CASE_READ)
def index() -> ResponseReturnValue:
    """A page of cases; the filter and the place to continue from are in the address."""
    return _page()


def _page(**more: Any) -> str:
    actor, now = sessions.actor(), clock.now()
    staff_id = actor.staff_id or 0
    with database().read_session() as session:
        found = _list(session)
        wanted = found.wanted
        holder = int(wanted.holder) if wanted.holder.isdigit() else None
        values: dict[str, Any] = {
            "counts": tabs.counts(session, wanted=wanted, now=now),
            "held": tabs.held(session, staff_id=staff_id, now=now),
            "kept_views": views_of(session, staff_id=staff_id),
            "holder_name": staff_name(session, holder, actor=actor) if holder else "",
            "problem": "",
            "name": "",
        }
    kept = written(wanted, found.site)
    return render_template(
        "console/queue/index.html",
        found=found,
        wanted=wanted,
        kept=kept,
        after=request.args.get("after", "") if read_cursor(request.args.get("after", "")) else "",
        why=_words_for(_reasons(found.rows[0])) if found.rows else "",
        raised={row.id: _raised(row) for row in found.rows},
        queue_words=queue_words,
        **{**values, **more},
    )


def _reasons(row: QueueRow) -> tuple[Why | Raise, ...]:
    return explain(row.kind, row.severity, row.raised_by, due_at=row.due_at, now=clock.now())


def _words_for(reasons: Iterable[Why | Raise]) -> str:
    between: str = gettext("; ")
    return between.join(word(queue_words.WHY, reason) for reason in reasons)


def _raised(row: QueueRow) -> str:
    """What a line says beside its severity: what its kind and its due instant do not."""
    return _words_for(one for one in _reasons(row) if one in _BESIDE)


@blueprint.get("/queue/pulse")
@access.requires(Permission.CASE_READ)
@access.unattended
def pulse() -> ResponseReturnValue:
    """What the open page asks now and then: the same rows, with whatever moves on them."""
    with database().read_session() as session:
        found = _list(session)
    return jsonify(rows=[_moving(found, row) for row in found.rows])


def _moving(found: _List, row: QueueRow) -> dict[str, Any]:
    who = ""
    if row.holder and row.lease_until:
        mine = row.holder_id == found.wanted.staff_id
        who = f"{gettext('You') if mine else row.holder} · {left(row.lease_until)}"
    return {
        "id": row.id,
        "mark": row.mark,
        "held": who or gettext("Nobody"),
        "here": here_words(found.here.get(row.id, [])),
    }


def here_words(names: list[str]) -> str:
    """Who else has the case open, in words; empty for nobody."""
    return gettext("Open just now: %(names)s", names=gettext(", ").join(names)) if names else ""


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"here_words": here_words}


@blueprint.post("/queue/take")
@access.requires(Permission.CASE_DECIDE)
def take() -> ResponseReturnValue:
    """Claim the first case that is nobody's, of the queue and site that were looked at."""
    return take_next()


def take_next() -> ResponseReturnValue:
    """Claim the next case and go there; back to the queue where there is none."""
    name = request.form.get("queue", "")
    with database().transaction() as session:
        site = sites.site_by_key(session, request.form.get("site", ""))
        case_id = claims.claim_next(
            session,
            actor=sessions.actor(),
            settings=settings(),
            now=clock.now(),
            site_id=site.id if site else None,
            queue=Queue(name) if name in [*Queue] else None,
        )
    lane: dict[str, Any] = {
        "queue": name if name in [*Queue] else None,
        "site": site.key if site else None,
    }
    if case_id is None:
        flash(gettext("Nothing is waiting that you could take."), "info")
        return redirect(url_for("queue.index", **lane), 303)
    return redirect(url_for("cases.show", case_id=case_id, **lane), 303)


@blueprint.post("/queue/views")
@access.requires(Permission.CASE_READ)
def save_view() -> ResponseReturnValue:
    """Keep the filter under a name."""
    form = ViewForm(request.form)
    if not form.validate():
        problem = gettext("A name has between 1 and 60 characters.")
        return _page(problem=problem, name=form.name.data or ""), 422
    with database().transaction() as session:
        query = tidy_query(form.query.data or "", sites.all_sites(session))
        views.save_view(
            session, actor=sessions.actor(), name=form.name.data, query=query, now=clock.now()
        )
    flash(gettext("The view was saved. Its address can be given to others."), "success")
    return redirect(f"{url_for('queue.index')}?{query}", 303)


@blueprint.post("/queue/views/<int:view_id>/remove")
@access.requires(Permission.CASE_READ)
def remove_view(view_id: int) -> ResponseReturnValue:
    """Forget a view."""
    with database().transaction() as session:
        views.remove_view(session, actor=sessions.actor(), view_id=view_id, now=clock.now())
    flash(gettext("The view was removed."), "success")
    return redirect(url_for("queue.index"), 303)
