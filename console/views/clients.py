"""The keys of programs: who has one, for what, how much it asks; making, replacing, revoking."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext

from console import access, errors, sessions
from console.charts import clients as charts
from console.forms.clients import ENDS, OVERLAPS, KeyForm, RotateForm
from console.parts import database, settings
from shudi import clock
from shudi.clients import queries
from shudi.clients.actions import create_key, revoke_key, rotate_key
from shudi.errors import Invalid, NotFound, Refused, Stale
from shudi.sites.queries import all_sites
from shudi.staff.rules import Permission

blueprint = Blueprint("clients", __name__)
_DAYS = 30


@blueprint.get("/api-keys")
@access.requires(Permission.KEY_MANAGE, personal=False)
def index() -> ResponseReturnValue:
    """Every key."""
    with database().read_session() as session:
        rows = queries.list_keys(session)
    order = {"live": 0, "ending": 0, "expired": 1, "revoked": 2}
    now = clock.now()
    rows.sort(key=lambda row: (order[row.state(now)], row.name.casefold(), row.id))
    return render_template("console/clients/index.html", rows=rows, now=now)


@blueprint.get("/api-keys/new")
@access.requires(Permission.KEY_MANAGE, personal=False)
def new() -> ResponseReturnValue:
    """What a new key may."""
    return _ask(KeyForm(days=ENDS[3]))


@blueprint.post("/api-keys/new")
@access.requires(Permission.KEY_MANAGE, personal=False)
@access.dangerous
def create() -> ResponseReturnValue:
    """Make a key, and show it this once."""
    form = KeyForm(request.form)
    _offer(form)
    if not form.validate():
        return _ask(form), 422
    now = clock.now()
    days = form.days.data
    try:
        with database().transaction() as session:
            key_id, key = create_key(
                session,
                actor=sessions.actor(),
                name=form.name.data,
                scopes=form.scopes.data,
                site_id=form.site.data or None,
                expires_at=now + timedelta(days=days) if days else None,
                minute_limit=form.limit.data,
                now=now,
            )
    except Invalid as error:
        return _ask(form, errors.words(error)), 422
    return _page(key_id, made=key)


@blueprint.get("/api-keys/<int:key_id>")
@access.requires(Permission.KEY_MANAGE, personal=False)
def show(key_id: int) -> ResponseReturnValue:
    """One key and how much it asks."""
    return _page(key_id)


@blueprint.post("/api-keys/<int:key_id>/rotate")
@access.requires(Permission.KEY_MANAGE, personal=False)
@access.dangerous
def rotate(key_id: int) -> ResponseReturnValue:
    """Another key for the same program, shown this once; the one before works on for a while."""
    form = RotateForm(request.form)
    if not form.validate():
        return _page(key_id, problem=gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            key = rotate_key(
                session,
                actor=sessions.actor(),
                key_id=key_id,
                overlap=timedelta(hours=form.overlap.data),
                now=clock.now(),
            )
    except (Invalid, Refused, Stale) as error:
        return _page(key_id, problem=errors.words(error)), errors.status_of(error)
    return _page(key_id, made=key)


@blueprint.post("/api-keys/<int:key_id>/revoke")
@access.requires(Permission.KEY_MANAGE, personal=False)
@access.dangerous
def revoke(key_id: int) -> ResponseReturnValue:
    """End a key at once."""
    try:
        with database().transaction() as session:
            revoke_key(session, actor=sessions.actor(), key_id=key_id, now=clock.now())
    except Refused as error:
        return _page(key_id, problem=errors.words(error)), errors.status_of(error)
    flash(gettext("The key is revoked."), "success")
    return redirect(url_for("clients.show", key_id=key_id), 303)


def _offer(form: KeyForm) -> None:
    with database().read_session() as session:
        form.offer([(site.id, site.name) for site in all_sites(session)])


def _ask(form: KeyForm, problem: str = "") -> str:
    _offer(form)
    return render_template(
        "console/clients/new.html",
        form=form,
        problem=problem,
        limit=format_decimal(settings().lookup_limit),
    )


def _page(key_id: int, *, made: str = "", problem: str = "") -> str:
    now = clock.now()
    days = [now.date() - timedelta(days=back) for back in reversed(range(_DAYS))]
    with database().read_session() as session:
        row = queries.key_by_id(session, key_id)
        counts = queries.requests_by_day(session, key_id=key_id, days=days)
    if row is None:
        raise NotFound("key-unknown", "There is no such key.")
    return render_template(
        "console/clients/show.html",
        row=row,
        state=row.state(now),
        chart=charts.requests(days, counts),
        overlap=row.before_until is not None and row.before_until > now,
        overlaps=OVERLAPS,
        limit=format_decimal(row.minute_limit or settings().lookup_limit),
        made=made,
        problem=problem,
    )
