"""What a form on a page with a version leads to: the act is done, or the page is shown again."""

from collections.abc import Callable

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import errors
from console.forms import ConsoleForm
from console.parts import database
from shudi.errors import Refused, ShudiError, Stale


def answer(
    form: ConsoleForm,
    act: Callable[[Session], str],
    *,
    page: Callable[[str], str],
    then: str,
    shown: tuple[type[ShudiError], ...] = (Refused, Stale),
) -> ResponseReturnValue:
    """Do `act` in one transaction, flash the words that it returns and go to `then`. What is wrong
    with the form, and refusals that are `shown`, are said on the `page`: who comes too late sees
    what stands now. Every other refusal has a page of its own.
    """
    if not form.validate():
        return page(gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            done = act(session)
    except shown as error:
        return page(errors.words(error)), errors.status_of(error)
    flash(done, "success")
    return redirect(then, 303)
