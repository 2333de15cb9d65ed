"""Single-use links: setting password and second factor, and signing in to a demo store.

Opening a link never uses it: mail scanners and previews open links too. Pressing the button does.
"""

import segno
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console import access, sessions
from console.errors import words
from console.forms.enrol import EnrolForm
from console.parts import client, database, keyring, request_id, settings
from shudi import clock
from shudi.clients.rules import IPAddress
from shudi.errors import Invalid, NotFound, Refused
from shudi.staff.actions import Credentials, demo_sign_in
from shudi.staff.actions import enrol as enrol_act
from shudi.staff.codec import totp
from shudi.staff.codec.keyring import token_hash
from shudi.staff.queries import Enrolment, is_demo_store, open_enrolment
from shudi.staff.store import LinkPurpose

blueprint = Blueprint("enrol", __name__)
_SEAL_SECONDS = 24 * 60 * 60


@blueprint.get("/enrol/<token>")
@access.public
def show(token: str) -> ResponseReturnValue:
    """Show whom the link is for, and a fresh secret for their app."""
    return _ask(token, EnrolForm(), totp.new_secret())


@blueprint.post("/enrol/<token>")
@access.public
def submit(token: str) -> ResponseReturnValue:
    """Use the link."""
    form = EnrolForm(request.form)
    secret = _unsealed(token, form.sealed.data or "")
    if not form.validate() or not secret:
        return _ask(token, form, secret or totp.new_secret()), 422
    try:
        new_token = enrol_act(
            database(),
            keyring=keyring(),
            token=token,
            chosen=Credentials(form.password.data, secret, form.code.data),
            client=client(),
            now=clock.now(),
            hours=settings().session_hours,
            request_id=request_id(),
        )
    except Invalid as refusal:
        field = form.code if refusal.code == "code-wrong" else form.password
        field.errors = [words(refusal)]
        return _ask(token, form, secret), 422
    return sessions.start(new_token, access.landing())


@blueprint.get("/demo-sign-in/<token>")
@access.public
def demo(token: str) -> ResponseReturnValue:
    """Show the button that uses a demo link."""
    with database().read_session() as session:
        if _from_here() is None or not is_demo_store(session):
            raise NotFound("link-gone", "This link does not work.")
        person = open_enrolment(session, token=token, now=clock.now(), purpose=LinkPurpose.DEMO)
    return render_template("console/enrol/demo.html", token=token, person=person)


@blueprint.post("/demo-sign-in/<token>")
@access.public
def demo_submit(token: str) -> ResponseReturnValue:
    """Use a demo link."""
    with database().transaction() as session:
        new_token = demo_sign_in(
            session,
            token=token,
            client=_from_here(),
            now=clock.now(),
            hours=settings().session_hours,
            request_id=request_id(),
        )
    return sessions.start(new_token, access.landing())


def _from_here() -> IPAddress | None:
    """The client's address if it is this machine, and no proxy speaks for somebody else."""
    address = client()
    forwarded = {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers.keys())
    return address if address is not None and address.is_loopback and not forwarded else None


def _ask(token: str, form: EnrolForm, secret: str) -> str:
    with database().read_session() as session:
        person = open_enrolment(session, token=token, now=clock.now())
    form.sealed.data = keyring().seal(f"enrol {token_hash(token)} {secret}")
    return render_template(
        "console/enrol/enrol.html",
        token=token,
        form=form,
        person=person,
        picture=_picture(person, secret),
        groups=[secret[start : start + 4] for start in range(0, len(secret), 4)],
    )


def _unsealed(token: str, sealed: str) -> str:
    """The secret of the page that was shown for this very link, or nothing."""
    try:
        parts = keyring().unseal(sealed, ttl=_SEAL_SECONDS).split(" ")
    except Refused:
        return ""
    return parts[2] if parts[:2] == ["enrol", token_hash(token)] else ""


def _picture(person: Enrolment, secret: str) -> str:
    uri = totp.provisioning_uri(secret, name=person.name)
    picture: str = segno.make(uri, error="m").svg_data_uri(scale=5, border=3, light="#fff")
    return picture
