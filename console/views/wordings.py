"""The words of notices as each site has them, with a preview by the server."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, errors, sessions
from console.forms.notices import VersionForm, WordingForm, read_which
from console.parts import database, settings, vocabulary
from shudi import clock
from shudi.errors import Invalid, NotFound
from shudi.outbox.codec import LANGUAGES, shipped
from shudi.outbox.rules import WORDED, Wording, check_wording, fill
from shudi.sites import queries as sites
from shudi.sites.actions import wordings as acts
from shudi.sites.actions.wordings import Which
from shudi.sites.queries import SiteRow
from shudi.staff.rules import Permission

blueprint = Blueprint("wordings", __name__)
_EXAMPLE = "CN-GD"


@blueprint.get("/notice-wordings")
@access.requires(Permission.NOTICE_MANAGE, personal=False)
def index() -> ResponseReturnValue:
    """Every notice that has words, and in which languages a site has its own."""
    with database().read_session() as session:
        known = sites.all_sites(session)
        site = next((one for one in known if one.key == request.args.get("site")), None)
        site = site or (known[0] if known else None)
        own = sites.wordings(session, site.id) if site else {}
    return render_template(
        "console/wordings/index.html",
        sites=known,
        site=site,
        own=own,
        worded=sorted(WORDED),
        languages=LANGUAGES,
    )


@blueprint.get("/notice-wordings/<int:site_id>")
@access.requires(Permission.NOTICE_MANAGE, personal=False)
def edit(site_id: int) -> ResponseReturnValue:
    """One notice's words in one language."""
    return _page(_which(site_id, from_form=False))


@blueprint.post("/notice-wordings/<int:site_id>")
@access.requires(Permission.NOTICE_MANAGE, personal=False)
def save(site_id: int) -> ResponseReturnValue:
    """Use these words from now on."""
    which, form = _which(site_id), WordingForm(request.form)
    if not form.validate():
        return _page(which, form.wording(), gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            acts.set_wording(
                session,
                actor=sessions.actor(),
                which=which,
                version=form.version.data,
                wording=form.wording(),
                now=clock.now(),
            )
    except Invalid as error:
        return _page(which, form.wording(), errors.words(error)), 422
    flash(gettext("Saved. What is sent from now on says it so."), "success")
    return redirect(_address(which), 303)


@blueprint.post("/notice-wordings/<int:site_id>/preview")
@access.requires(Permission.NOTICE_MANAGE, personal=False)
def preview(site_id: int) -> ResponseReturnValue:
    """How it will read; changes nothing. A page, or JSON for the script that asks while typing."""
    which, form = _which(site_id), WordingForm(request.form)
    wording = form.wording()
    with database().read_session() as session:
        site = _site(sites.site_by_id(session, site_id))
    seen, problem = _read(which, wording, site)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(title=seen.title, text=seen.text, problem=problem)
    return _page(which, wording, problem)


@blueprint.post("/notice-wordings/<int:site_id>/reset")
@access.requires(Permission.NOTICE_MANAGE, personal=False)
def reset(site_id: int) -> ResponseReturnValue:
    """Use the shipped words again."""
    which, form = _which(site_id), VersionForm(request.form)
    if not form.validate():
        return _page(which, None, gettext("Some fields need another look.")), 422
    with database().transaction() as session:
        acts.reset_wording(
            session,
            actor=sessions.actor(),
            which=which,
            version=form.version.data,
            now=clock.now(),
        )
    flash(gettext("The shipped words are in use again."), "success")
    return redirect(_address(which), 303)


def _which(site_id: int, *, from_form: bool = True) -> Which:
    which = read_which(request.form if from_form else request.args, site_id)
    if which is None:
        raise NotFound("wording-unknown", "There are no such words.")
    return which


def _site(site: SiteRow | None) -> SiteRow:
    if site is None:
        raise NotFound("site-unknown", "There is no such site.")
    return site


def _address(which: Which) -> str:
    return url_for(
        "wordings.edit",
        site_id=which.site_id,
        topic=which.topic.value,
        channel=which.channel.value,
        language=which.language,
    )


def _read(which: Which, wording: Wording, site: SiteRow) -> tuple[Wording, str]:
    """The words with examples in place of placeholders, and what is wrong with them."""
    facts = {
        "site": site.name,
        "place": vocabulary().get(_EXAMPLE).on_labels[which.language],
        "case": "1024",
        "count": "3",
        "link": f"{settings().base_url.rstrip('/')}/cases/1024",
    }
    try:
        return fill(check_wording(which.topic, which.channel, wording), facts), ""
    except Invalid as error:
        return fill(wording, facts), errors.words(error)


def _page(which: Which, typed: Wording | None = None, problem: str = "") -> str:
    with database().read_session() as session:
        site = _site(sites.site_by_id(session, which.site_id))
        key = (which.topic.value, which.channel.value, which.language)
        row = sites.wordings(session, which.site_id).get(key)
    standard = shipped(which.language)[which.topic, which.channel]
    stored = Wording(row.title, row.text) if row else standard
    wording = typed or stored
    seen, _ = _read(which, wording, site)
    return render_template(
        "console/wordings/edit.html",
        which=which,
        site=site,
        version=row.version if row else 0,
        own=row is not None,
        wording=wording,
        standard=standard,
        seen=seen,
        known=sorted(WORDED[which.topic, which.channel]),
        problem=problem,
    )
