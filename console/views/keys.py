"""The keyboard: what the pages need to know of it, and the page where a person changes it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, keys, sessions
from console.forms.keys import KeyboardForm, problems, typed_keys
from console.parts import database
from shudi import clock
from shudi.staff.actions import set_keyboard
from shudi.staff.rules import Keyboard

blueprint = Blueprint("keys", __name__)


@blueprint.get("/profile/keyboard")
@access.signed_in
def index() -> ResponseReturnValue:
    """The person's keys, to be changed."""
    keyboard = sessions.person().keyboard
    return _page(KeyboardForm(obj=keyboard), keys.keys_of(keyboard.keys))


@blueprint.post("/profile/keyboard")
@access.signed_in
def save() -> ResponseReturnValue:
    """Keep them, or say which of them collide."""
    form, typed = KeyboardForm(request.form), typed_keys(request.form)
    wrong = problems(typed, keys.commands_for(sessions.actor()))
    if not form.validate() or wrong:
        return _page(form, typed, wrong), 422
    return _keep(form.keyboard(typed), gettext("Saved."))


@blueprint.post("/profile/keyboard/reset")
@access.signed_in
def reset() -> ResponseReturnValue:
    """Go back to the shipped keys and reasons."""
    return _keep(Keyboard(), gettext("The shortcuts are as they were shipped."))


def _keep(keyboard: Keyboard, told: str) -> ResponseReturnValue:
    with database().transaction() as session:
        set_keyboard(session, actor=sessions.actor(), keyboard=keyboard, now=clock.now())
    flash(told, "success")
    return redirect(url_for("keys.index"), 303)


def _page(form: KeyboardForm, typed: dict[str, str], wrong: dict[str, str] | None = None) -> str:
    return render_template(
        "console/keys/index.html", form=form, typed=typed, wrong=wrong or {}, where=keys.WHERE
    )


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"shortcuts": _shortcuts, "keyboard_where": keys.WHERE}


def _shortcuts() -> list[tuple[keys.Command, str]]:
    """The commands of whoever is signed in, each with its key."""
    own = keys.keys_of(sessions.person().keyboard.keys)
    return [(one, own[one.id]) for one in keys.commands_for(sessions.actor())]
