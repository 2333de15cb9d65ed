"""Batches: one act on an explicit list, previewed account by account, run by the worker."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from console import access, batch_words, errors, sessions
from console.forms.batches import BatchForm, ticked
from console.parts import database, settings, vocabulary
from shudi import clock
from shudi.cases.actions.batches import life
from shudi.cases.actions.batches import preview as previews
from shudi.cases.codec.batch_list import Parsed, write
from shudi.cases.queries import batches
from shudi.cases.rules.batches import CHOSEN, Listed, Outcome
from shudi.errors import Invalid, Refused
from shudi.sites import queries as sites
from shudi.sites.queries import SiteRow
from shudi.staff.rules import Permission

blueprint = Blueprint("batches", __name__)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(batch_words=batch_words))
_DIGITS = 18  # what a 64-bit id has at most
_LISTS = frozenset({"batches.edit", "batches.preview", "batches.create"})
# What a form puts around the list, and the longest line of it: 128 letters of four bytes, a
# version, quotes.
_AROUND, _LINE = 64 * 1024, 640


def init_app(app: Flask) -> None:
    """Ask before anything reads the form (console.csrf does) how large it may be."""
    app.before_request(_allow_list)


def _allow_list() -> None:
    """Only where a list is sent, and only from somebody who may act on one."""
    if request.endpoint not in _LISTS:
        return
    found = sessions.current()
    if found is not None and found.actor().may(Permission.CASE_DECIDE):
        most = _AROUND + _LINE * settings().batch_most
        request.max_content_length = request.max_form_memory_size = most


def number(name: str) -> int | None:
    """A whole number of the address, or None."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


@blueprint.get("/batches")
@access.requires(Permission.CASE_READ)
def index() -> ResponseReturnValue:
    """Every batch, newest first."""
    after = number("after")
    with database().read_session() as session:
        rows, following = batches.newest(session, after=after)
    return render_template(
        "console/batches/index.html",
        rows=rows,
        following=following,
        after=after is not None,
        may_make=sessions.actor().may(Permission.CASE_DECIDE),
    )


@blueprint.get("/batches/new")
@access.requires(Permission.CASE_DECIDE)
def new() -> ResponseReturnValue:
    """An empty list."""
    return _form(BatchForm(data={"site": request.args.get("site", "")}))


@blueprint.post("/batches/new")
@access.requires(Permission.CASE_DECIDE)
def edit() -> ResponseReturnValue:
    """A list with what was ticked elsewhere, or what was typed and is to be changed."""
    form, problem = BatchForm(request.form), ""
    chosen = ticked()
    if not chosen:
        if "act" not in request.form:
            problem = gettext("Tick the accounts first, or list them here.")
        return _form(form, problem=problem)
    with database().read_session() as session:
        found = batches.picked(session, seen=chosen)
    form.site.data, form.accounts.data = found.site_key, write(found.listed)
    if found.left_out:
        problem = ngettext(
            "A batch is of one site: %(num)d account of another was left out.",
            "A batch is of one site: %(num)d accounts of others were left out.",
            found.left_out,
        )
    return _form(form, problem=problem)


@blueprint.post("/batches/preview")
@access.requires(Permission.CASE_DECIDE)
def preview() -> ResponseReturnValue:
    """What would become of each account, as things stand now. Nothing is done."""
    form = BatchForm(request.form)
    try:
        parsed, site = _checked(form)
        with database().read_session() as session:
            found = previews.preview(
                session,
                actor=sessions.actor(),
                site_id=site.id,
                terms=form.terms(),
                listed=parsed.listed,
                vocabulary=vocabulary(),
                settings=settings(),
                now=clock.now(),
            )
    except (Invalid, Refused) as error:
        return _form(form, problem=errors.words(error)), 422
    form.accounts.data = write(Listed(one.account, one.seen) for one in found.items)
    return render_template(
        "console/batches/preview.html",
        form=form,
        terms=form.terms(),
        site=site,
        found=found,
        repeated=parsed.repeated,
        Outcome=Outcome,
    )


@blueprint.post("/batches")
@access.requires(Permission.CASE_DECIDE)
def create() -> ResponseReturnValue:
    """Make it. It runs at once, or once a second person agrees."""
    form = BatchForm(request.form)
    try:
        parsed, site = _checked(form)
        with database().transaction() as session:
            batch = life.create(
                session,
                actor=sessions.actor(),
                uid=form.uid.data,
                site_id=site.id,
                terms=form.terms(),
                listed=parsed.listed,
                settings=settings(),
                now=clock.now(),
            )
    except (Invalid, Refused) as error:
        return _form(form, problem=errors.words(error)), 422
    if batch.second:
        flash(gettext("Made. It runs once a senior other than you agrees."), "success")
    else:
        flash(gettext("Made. It is running; you can leave this page."), "success")
    return redirect(url_for("batch.show", batch_id=batch.id), 303)


def _checked(form: BatchForm) -> tuple[Parsed, SiteRow]:
    """The list and its site; Invalid where a line or a field is not right."""
    form.take_file()
    shaped = form.validate()
    parsed = form.parsed()
    if not shaped or parsed.wrong:
        raise Invalid("list-wrong", "Some lines or fields need another look.")
    with database().read_session() as session:
        site = sites.site_by_key(session, form.site.data)
    if site is None:
        raise Invalid("site-unknown", "There is no such site.")
    return parsed, site


def _form(form: BatchForm, problem: str = "") -> str:
    with database().read_session() as session:
        known = sites.all_sites(session)
    parsed = form.parsed() if request.method == "POST" else Parsed([], [], 0)
    return render_template(
        "console/batches/new.html",
        form=form,
        sites=known,
        acts=CHOSEN,
        parsed=parsed,
        problem=problem,
        most=settings().batch_most,
        second=settings().batch_second,
        correction_days=settings().correction_days,
    )
