"""Passkeys and known browsers: what a device is asked, and what a person adds and takes away."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, sessions
from console.door import door
from console.errors import words
from console.forms.security import PasskeyForm
from console.own import own, renewed
from console.parts import database
from shudi import clock
from shudi.errors import Refused, Stale
from shudi.staff.actions import (
    add_passkey,
    forget_device,
    offer_passkey,
    offer_proof,
    remove_passkey,
)

blueprint = Blueprint("passkeys", __name__)


@blueprint.post("/passkeys/challenge")
@access.public
def challenge() -> ResponseReturnValue:
    """What a device is asked to sign: for whom the session names, or for anybody."""
    found = sessions.either()
    with database().transaction() as session:
        asked = offer_proof(session, door=door(), staff_id=found.staff_id if found else None)
    return _json(asked)


@blueprint.post("/profile/security/passkeys/offer")
@access.signed_in
def offer() -> ResponseReturnValue:
    """What a device is told to make a passkey."""
    with database().transaction() as session:
        told = offer_passkey(session, door=door(), own=own())
    return _json(told)


@blueprint.post("/profile/security/passkeys")
@access.signed_in
@access.dangerous
def add() -> ResponseReturnValue:
    """Keep what the device made."""
    form = PasskeyForm(request.form)
    if not form.validate():
        flash(gettext("The passkey was not added. Give it a name, and let your device make it."))
        return redirect(url_for("security.index"), 303)
    try:
        with database().transaction() as session:
            token = add_passkey(
                session,
                door=door(),
                own=own(),
                response=form.passkey.data,
                name=form.name.data.strip(),
            )
    except (Refused, Stale) as refusal:
        flash(words(refusal), "error")
        return redirect(url_for("security.index"), 303)
    return renewed(token, gettext("The passkey is added. Everywhere else you are signed out."))


@blueprint.post("/profile/security/passkeys/<int:passkey_id>/remove")
@access.signed_in
@access.dangerous
def remove(passkey_id: int) -> ResponseReturnValue:
    """Take a passkey away."""
    with database().transaction() as session:
        token = remove_passkey(session, own=own(), passkey_id=passkey_id, now=clock.now())
    return renewed(token, gettext("The passkey is removed. Everywhere else you are signed out."))


@blueprint.post("/profile/security/browsers/<int:device_id>/forget")
@access.signed_in
def forget(device_id: int) -> ResponseReturnValue:
    """Know a browser no more."""
    with database().transaction() as session:
        forget_device(session, actor=sessions.actor(), device_id=device_id, now=clock.now())
    flash(gettext("That browser is not known any more."), "success")
    return redirect(url_for("security.index"), 303)


def _json(text: str) -> Response:
    return Response(text, mimetype="application/json")
