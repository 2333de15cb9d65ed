"""The second person's word on an inspection, its end, and a later end."""

import functools
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, errors, sessions
from console.forms.inspections import LongerForm, WordForm
from console.parts import database
from console.views.inspections import page
from shudi import clock
from shudi.errors import Invalid, Refused, Stale
from shudi.oversight import actions as acts
from shudi.staff.rules import Permission

blueprint = Blueprint("inspections_decided", __name__, url_prefix="/inspections")


@blueprint.post("/<int:inspection_id>/approve")
@access.requires(Permission.INSPECTION_APPROVE)
@access.dangerous
def approve(inspection_id: int) -> ResponseReturnValue:
    """Let it run."""
    return _done(inspection_id, acts.approve, gettext("Approved. It runs from now on."))


@blueprint.post("/<int:inspection_id>/refuse")
@access.requires(Permission.INSPECTION_APPROVE)
def refuse(inspection_id: int) -> ResponseReturnValue:
    """Say no, with the reason."""
    return _worded(inspection_id, acts.refuse, gettext("Refused."))


@blueprint.post("/<int:inspection_id>/withdraw")
@access.requires(Permission.INSPECTION_PROPOSE)
def withdraw(inspection_id: int) -> ResponseReturnValue:
    """Take back what one proposed."""
    return _worded(inspection_id, acts.withdraw, gettext("Withdrawn."))


@blueprint.post("/<int:inspection_id>/stop")
@access.requires(Permission.INSPECTION_PROPOSE)
def stop(inspection_id: int) -> ResponseReturnValue:
    """End it at once."""
    told = gettext("Stopped. Nothing is seen by it any more.")
    return _worded(inspection_id, acts.stop, told)


@blueprint.post("/<int:inspection_id>/tell")
@access.requires(Permission.INSPECTION_PROPOSE)
def tell(inspection_id: int) -> ResponseReturnValue:
    """Let holders be told after all."""
    return _done(inspection_id, acts.tell, gettext("Holders are told once it is over."))


@blueprint.post("/<int:inspection_id>/longer")
@access.requires(Permission.INSPECTION_PROPOSE)
def longer(inspection_id: int) -> ResponseReturnValue:
    """Ask for a later end."""
    form = LongerForm(request.form)
    if not form.validate():
        problem = gettext("Say for how many days, and why.")
        return page(inspection_id, problem, form.text.data or ""), 422
    act = functools.partial(acts.propose_longer, days=form.days.data, text=form.text.data or "")
    told = gettext("Proposed. Another administrator approves it, or refuses it.")
    return _done(inspection_id, act, told)


@blueprint.post("/<int:inspection_id>/longer/approve")
@access.requires(Permission.INSPECTION_APPROVE)
@access.dangerous
def approve_longer(inspection_id: int) -> ResponseReturnValue:
    """Let it run on."""
    return _done(inspection_id, acts.approve_longer, gettext("Approved. It ends later."))


@blueprint.post("/<int:inspection_id>/longer/drop")
@access.requires(Permission.INSPECTION_PROPOSE)
def drop_longer(inspection_id: int) -> ResponseReturnValue:
    """The end stays."""
    return _done(inspection_id, acts.drop_longer, gettext("Its end stays as it was."))


def _worded(inspection_id: int, act: Callable[..., None], told: str) -> ResponseReturnValue:
    """Do what needs a reason."""
    form = WordForm(request.form)
    bound = functools.partial(act, text=form.text.data or "")
    return _done(inspection_id, bound, told)


def _done(inspection_id: int, act: Callable[..., Any], told: str) -> ResponseReturnValue:
    """Do it to the inspection as the page showed it, or say why not."""
    form = WordForm(request.form)
    text = form.text.data or ""
    if not form.validate():
        return page(inspection_id, gettext("Some fields need another look."), text), 422
    try:
        with database().transaction() as session:
            act(
                session,
                actor=sessions.actor(),
                inspection_id=inspection_id,
                version=form.version.data,
                now=clock.now(),
            )
    except (Invalid, Refused, Stale) as error:
        return page(inspection_id, errors.words(error), text), errors.status_of(error)
    flash(told, "success")
    return redirect(url_for("inspections.show", inspection_id=inspection_id), 303)
