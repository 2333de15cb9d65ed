"""The agreement on personal data: reading it, and accepting it."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from console import access, sessions
from console.agreement import POINTS
from console.parts import database
from shudi import clock
from shudi.staff.actions import accept_agreement
from shudi.staff.rules import AGREEMENT

blueprint = Blueprint("agreement", __name__)


@blueprint.get("/agreement")
@access.signed_in
def index() -> ResponseReturnValue:
    """What everybody accepts before they see personal data; later, when they did."""
    return render_template(
        "console/agreement/index.html",
        person=sessions.person(),
        points=POINTS,
        version=AGREEMENT,
        carried=access.carried(),
    )


@blueprint.post("/agreement")
@access.signed_in
def accept() -> ResponseReturnValue:
    """Keep that it was accepted, then on to the page that was wanted."""
    with database().transaction() as session:
        accept_agreement(
            session,
            actor=sessions.actor(),
            version=request.form.get("version", ""),
            now=clock.now(),
        )
    return redirect(access.destination(), 303)
