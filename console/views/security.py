"""One's own ways in: password, app, passkeys, recovery codes, and what happened to them lately."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, app_secret, devices, sessions
from console.door import door
from console.errors import status_of, words
from console.forms.security import AppForm, NewPasswordForm, PasskeyForm
from console.own import own, renewed
from console.parts import database, settings
from shudi import clock
from shudi.errors import Invalid, Refused
from shudi.staff.actions import (
    change_app,
    change_password,
    renew_recovery_codes,
    see_notices,
)
from shudi.staff.codec import totp
from shudi.staff.codec.passkeys import possible
from shudi.staff.queries.identities import identity_of
from shudi.staff.queries.security import devices_of, notices_of, passkeys_of, ways_in

blueprint = Blueprint("security", __name__)
_LONGEST_ID = 18  # digits


@blueprint.get("/profile/security")
@access.signed_in
def index() -> ResponseReturnValue:
    """What one signs in with, and what happened to it."""
    return _show(NewPasswordForm())


@blueprint.post("/profile/security/password")
@access.signed_in
@access.dangerous
def password() -> ResponseReturnValue:
    """Set another password."""
    form = NewPasswordForm(request.form)
    if not form.validate():
        return _show(form), 422
    try:
        token = change_password(
            database(),
            door=door(),
            own=own(),
            present=form.present.data,
            chosen=form.password.data,
        )
    except (Invalid, Refused) as refusal:
        ours = refusal.code in ("password-wrong", "too-many-attempts")
        (form.present if ours else form.password).errors = [words(refusal)]
        return _show(form), status_of(refusal)
    return renewed(token, gettext("The password is changed. Everywhere else you are signed out."))


@blueprint.get("/profile/security/app")
@access.signed_in
def app() -> ResponseReturnValue:
    """Show a fresh secret for an app."""
    return _show_app(AppForm(), totp.new_secret())


@blueprint.post("/profile/security/app")
@access.signed_in
@access.dangerous
def app_submit() -> ResponseReturnValue:
    """Take the codes of that app from now on."""
    form = AppForm(request.form)
    secret = app_secret.unsealed(form.sealed.data or "", bound=_bound())
    if not form.validate() or not secret:
        return _show_app(form, secret or totp.new_secret()), 422
    try:
        with database().transaction() as session:
            token = change_app(session, door=door(), own=own(), secret=secret, code=form.code.data)
    except Invalid as refusal:
        form.code.errors = [words(refusal)]
        return _show_app(form, secret), 422
    return renewed(token, gettext("The app is changed. Everywhere else you are signed out."))


@blueprint.post("/profile/security/recovery-codes")
@access.signed_in
@access.dangerous
def recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes, and show them this once."""
    with database().transaction() as session:
        token, codes = renew_recovery_codes(session, own=own(), now=clock.now())
    sessions.adopt(token)
    return render_template(
        "console/security/codes.html", codes=codes, onward=url_for("security.index")
    )


@blueprint.post("/profile/security/seen")
@access.signed_in
def seen() -> ResponseReturnValue:
    """Take note of what happened."""
    last = request.form.get("last", "")
    if last.isascii() and last.isdigit() and len(last) <= _LONGEST_ID:
        with database().transaction() as session:
            see_notices(session, actor=sessions.actor(), last=int(last), now=clock.now())
    return redirect(url_for("security.index"), 303)


def _bound() -> str:
    return f"staff:{sessions.person().staff_id}"


def _show(form: NewPasswordForm) -> str:
    staff_id = sessions.person().staff_id
    with database().read_session() as session:
        ways = ways_in(session, staff_id=staff_id)
        notices = notices_of(session, staff_id=staff_id)
        passkeys = passkeys_of(session, staff_id=staff_id)
        browsers = devices_of(session, staff_id=staff_id, token=devices.token())
        identity = identity_of(session, staff_id=staff_id, issuer=settings().oidc_issuer)
    return render_template(
        "console/security/index.html",
        form=form,
        ways=ways,
        notices=notices,
        passkey=PasskeyForm() if possible(settings().base_url) else None,
        passkeys=passkeys,
        browsers=browsers,
        identity=identity,
    )


def _show_app(form: AppForm, secret: str) -> str:
    shown = app_secret.show(secret, name=sessions.person().name, bound=_bound())
    form.sealed.data = shown.sealed
    return render_template("console/security/app.html", form=form, shown=shown)
