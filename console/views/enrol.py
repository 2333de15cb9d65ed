"""Single-use links: setting password and second factor, and signing in to a demo store.

Opening a link never uses it: mail scanners and previews open links too. Pressing the button does.
"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console import access, app_secret, devices, sessions
from console.door import door
from console.errors import words
from console.forms.enrol import EnrolForm
from console.parts import client, database, request_id, settings
from shudi import clock
from shudi.clients.rules import IPAddress
from shudi.errors import Invalid, NotFound
from shudi.staff.actions import Credentials, demo_sign_in
from shudi.staff.actions import enrol as enrol_act
from shudi.staff.codec import totp
from shudi.staff.codec.keyring import token_hash
from shudi.staff.queries import is_demo_store, open_enrolment
from shudi.staff.store import LinkPurpose

blueprint = Blueprint("enrol", __name__)


@blueprint.get("/enrol/<token>")
@access.public
def show(token: str) -> ResponseReturnValue:
    """Show whom the link is for, and a fresh secret for their app."""
    return _ask(token, EnrolForm(), totp.new_secret())


@blueprint.post("/enrol/<token>")
@access.public
def submit(token: str) -> ResponseReturnValue:
    """Use the link, and show the recovery codes this once."""
    form = EnrolForm(request.form)
    secret = app_secret.unsealed(form.sealed.data or "", bound=token_hash(token))
    if not form.validate() or not secret:
        return _ask(token, form, secret or totp.new_secret()), 422
    try:
        new_token, codes = enrol_act(
            database(),
            door=door(),
            token=token,
            chosen=Credentials(form.password.data, secret, form.code.data),
        )
    except Invalid as refusal:
        field = form.code if refusal.code == "code-wrong" else form.password
        field.errors = [words(refusal)]
        return _ask(token, form, secret), 422
    sessions.end()
    sessions.adopt(new_token)
    devices.keep()
    return render_template("console/security/codes.html", codes=codes, onward=access.landing())


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
    return sessions.start(new_token, access.landing)


def _from_here() -> IPAddress | None:
    """The client's address if it is this machine, and no proxy speaks for somebody else."""
    address = client()
    names = ("X-Forwarded-For", "Forwarded", "X-Real-IP", settings().forwarded_header)
    forwarded = any(name in request.headers for name in names)
    return address if address is not None and address.is_loopback and not forwarded else None


def _ask(token: str, form: EnrolForm, secret: str) -> str:
    with database().read_session() as session:
        person = open_enrolment(session, token=token, now=clock.now())
    shown = app_secret.show(secret, name=person.name, bound=token_hash(token))
    form.sealed.data = shown.sealed
    return render_template(
        "console/enrol/enrol.html", token=token, form=form, person=person, shown=shown
    )
