"""Where each site's webhooks go, and the secrets they are signed with."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, errors, sessions
from console.forms.notices import ReceiverForm, VersionForm
from console.parts import database, keyring, settings
from shudi import clock
from shudi.errors import Invalid, NotFound
from shudi.sites import queries as sites
from shudi.sites.actions import receivers as acts
from shudi.staff.rules import Permission

blueprint = Blueprint("receivers", __name__)


@blueprint.get("/receivers")
@access.requires(Permission.NOTICE_MANAGE, personal=False)
def index() -> ResponseReturnValue:
    """Every site and where its webhooks go."""
    with database().read_session() as session:
        known = sites.all_sites(session)
        own = sites.receivers(session)
    return render_template(
        "console/receivers/index.html",
        sites=known,
        own=own,
        default=settings().webhook_url,
        mail=settings().smtp_to if settings().smtp_host else (),
    )


@blueprint.get("/receivers/<int:site_id>")
@access.requires(Permission.NOTICE_MANAGE, personal=False)
def show(site_id: int) -> ResponseReturnValue:
    """One site's receiver."""
    return _page(site_id)


@blueprint.post("/receivers/<int:site_id>")
@access.requires(Permission.NOTICE_MANAGE, personal=False)
def save(site_id: int) -> ResponseReturnValue:
    """Set the URL, or leave it to the settings."""
    form = ReceiverForm(request.form)
    if not form.validate():
        return _page(site_id, form.url.data, gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            secret = acts.set_receiver(
                session,
                actor=sessions.actor(),
                site_id=site_id,
                version=form.version.data,
                url=(form.url.data or "").strip(),
                keyring=keyring(),
                now=clock.now(),
            )
    except Invalid as error:
        return _page(site_id, form.url.data, errors.words(error)), 422
    flash(gettext("Saved. What waits goes there, too."), "success")
    _tell(secret)
    return redirect(url_for("receivers.show", site_id=site_id), 303)


@blueprint.post("/receivers/<int:site_id>/rotate")
@access.requires(Permission.NOTICE_MANAGE, personal=False)
def rotate(site_id: int) -> ResponseReturnValue:
    """A new secret; the one before it signs for another day."""
    form = VersionForm(request.form)
    if not form.validate():
        return _page(site_id, None, gettext("Some fields need another look.")), 422
    with database().transaction() as session:
        secret = acts.rotate_secret(
            session,
            actor=sessions.actor(),
            site_id=site_id,
            version=form.version.data,
            keyring=keyring(),
            now=clock.now(),
        )
    _tell(secret)
    return redirect(url_for("receivers.show", site_id=site_id), 303)


def _tell(secret: str) -> None:
    """Show a secret this once. It travels in the admin's own cookie and is nowhere else legible."""
    if secret:
        words = gettext("The secret, shown this once; give it to the platform: %(secret)s")
        flash(words % {"secret": secret}, "success")


def _page(site_id: int, url: str | None = None, problem: str = "") -> str:
    with database().read_session() as session:
        site = sites.site_by_id(session, site_id)
        row = sites.receiver(session, site_id)
    if site is None:
        raise NotFound("site-unknown", "There is no such site.")
    return render_template(
        "console/receivers/show.html",
        site=site,
        row=row,
        url=row.url if url is None else url,
        overlap=row.before_until is not None and row.before_until > clock.now(),
        default=settings().webhook_url,
        problem=problem,
    )
