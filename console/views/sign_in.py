"""The door: password, then second factor; and the way out."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import access, devices, sessions
from console.door import door
from console.errors import words
from console.forms.sign_in import REFUSALS, CodeForm, PasskeyAloneForm, PasswordForm
from console.own import offers_passkey
from console.parts import database, settings
from shudi.errors import Refused
from shudi.staff.actions import sign_in_factor, sign_in_passkey, sign_in_password
from shudi.staff.codec.passkeys import possible

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
@access.public
def password() -> ResponseReturnValue:
    """Ask for name and password."""
    if sessions.current() is not None:
        return redirect(access.destination(), 303)
    return _ask_password(PasswordForm())


@blueprint.post("/sign-in")
@access.public
def password_submit() -> ResponseReturnValue:
    """Check name and password."""
    form = PasswordForm(request.form)
    if not form.validate():
        return _ask_password(form), 422
    try:
        token = sign_in_password(
            database(), door=door(), name=form.name.data, password=form.password.data
        )
    except Refused as refusal:
        if refusal.code != "sign-in-refused":
            raise
        form.password.errors = [words(refusal)]
        return _ask_password(form), 422
    return sessions.start(token, lambda: url_for("sign_in.code", **access.carried()))


@blueprint.post("/sign-in/passkey")
@access.public
def passkey_submit() -> ResponseReturnValue:
    """Check a passkey that stands for both factors."""
    form = PasskeyAloneForm(request.form)
    if not form.validate():
        return _ask_password(PasswordForm(), passkey=form), 422
    try:
        token = sign_in_passkey(database(), door=door(), response=form.passkey.data)
    except Refused as refusal:
        if refusal.code not in REFUSALS:
            raise
        form.passkey.errors, form.passkey.data = [words(refusal)], ""
        return _ask_password(PasswordForm(), passkey=form), 422
    devices.keep()
    return sessions.start(token, access.destination)


@blueprint.get("/sign-in/code")
@access.public
def code() -> ResponseReturnValue:
    """Ask for the second factor."""
    if sessions.pending() is None:
        return redirect(url_for("sign_in.password", **access.carried()), 303)
    return _ask_code(CodeForm())


@blueprint.post("/sign-in/code")
@access.public
def code_submit() -> ResponseReturnValue:
    """Check the second factor."""
    form = CodeForm(request.form)
    if not form.validate():
        return _ask_code(form), 422
    try:
        token = sign_in_factor(database(), door=door(), token=sessions.token(), proof=form.proof())
    except Refused as refusal:
        if refusal.code == "sign-in-over":
            flash(words(refusal), "warning")
            return redirect(url_for("sign_in.password", **access.carried()), 303)
        if refusal.code not in REFUSALS:
            raise
        form.refuse(words(refusal))
        return _ask_code(form), 422
    devices.keep()
    return sessions.start(token, access.destination)


@blueprint.post("/sign-out")
@access.public
def sign_out() -> ResponseReturnValue:
    """End the session."""
    return sessions.forget(url_for("sign_in.password"))


def _ask_password(form: PasswordForm, *, passkey: PasskeyAloneForm | None = None) -> str:
    return render_template(
        "console/sign_in/password.html",
        form=form,
        passkey=(passkey or PasskeyAloneForm()) if possible(settings().base_url) else None,
        carried=access.carried(),
        continue_to=access.continue_to(),
    )


def _ask_code(form: CodeForm) -> str:
    found = sessions.either()
    return render_template(
        "console/sign_in/code.html",
        form=form,
        carried=access.carried(),
        by_passkey=offers_passkey(found),
    )
