"""The second admin's word on a role that takes two."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, sessions
from console.parts import database
from shudi import clock
from shudi.staff.actions import confirm as confirm_act
from shudi.staff.actions import refuse as refuse_act
from shudi.staff.rules import Permission

blueprint = Blueprint("proposals", __name__)


@blueprint.post("/people/proposals/<int:proposal_id>/confirm")
@access.requires(Permission.STAFF_MANAGE)
@access.dangerous
def confirm(proposal_id: int) -> ResponseReturnValue:
    """Give the role."""
    return _decide(confirm_act, proposal_id, gettext("Confirmed. They sign in again."))


@blueprint.post("/people/proposals/<int:proposal_id>/refuse")
@access.requires(Permission.STAFF_MANAGE)
def refuse(proposal_id: int) -> ResponseReturnValue:
    """Refuse it, or withdraw what one proposed oneself."""
    return _decide(refuse_act, proposal_id, gettext("The proposal is off."))


def _decide(act: Callable[..., int], proposal_id: int, told: str) -> ResponseReturnValue:
    with database().transaction() as session:
        staff_id = act(session, actor=sessions.actor(), proposal_id=proposal_id, now=clock.now())
    flash(told, "success")
    return redirect(url_for("people.show", staff_id=staff_id), 303)
