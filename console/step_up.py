"""Asking for a second factor again before something dangerous, with all that was typed kept.

The form that was sent goes into the page that asks, sealed, and comes back with the factor: one
request gives both, so nothing is typed twice and no password is shown.
"""

import json
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import ImmutableMultiDict

from console import csrf, sessions
from console.door import door
from console.errors import status_of, words
from console.forms.sign_in import REFUSALS, CodeForm
from console.own import offers_passkey
from console.parts import database, keyring
from console.single_sign_on import proves
from shudi import clock
from shudi.errors import Refused
from shudi.staff.actions import step_up
from shudi.staff.queries import SignedIn

KEPT = "kept"
_SECONDS = 60 * 60


def pass_or_ask(found: SignedIn) -> ResponseReturnValue | None:
    """Let the request pass if a second factor was given lately or comes with it; else ask."""
    kept = request.form.get(KEPT)
    if kept is None:
        if found.proved_lately(clock.now()):
            return None
        return _ask(CodeForm(), _sealed(found)), 403
    fields = _unsealed(found, kept)
    if found.proved_lately(clock.now()):
        request.form = ImmutableMultiDict(fields)
        return None
    form = CodeForm(request.form)
    if not form.validate():
        return _ask(form, kept), 422
    try:
        token = step_up(database(), door=door(), token=sessions.token(), proof=form.proof())
    except Refused as refusal:
        if refusal.code not in (*REFUSALS, "too-many-attempts"):
            raise
        form.refuse(words(refusal))
        return _ask(form, kept), status_of(refusal)
    sessions.adopt(token)
    request.form = ImmutableMultiDict(fields)
    return None


def _ask(form: CodeForm, kept: str) -> str:
    return render_template(
        "console/security/step_up.html",
        form=form,
        kept=kept,
        target=request.full_path,
        by_passkey=offers_passkey(sessions.either()),
        by_sso=proves(sessions.current()),
    )


def target_of(found: SignedIn, kept: str) -> str:
    """The address, on this site, that the sealed form `kept` of this person goes to."""
    bound, _ = json.loads(keyring().unseal(kept, ttl=_SECONDS))
    person, _, target = str(bound).partition(" ")
    if person != str(found.staff_id):
        raise _not_ours()
    return target


def _sealed(found: SignedIn) -> str:
    fields = [pair for pair in request.form.items(multi=True) if pair[0] != csrf.FIELD]
    return keyring().seal(json.dumps([_bound(found), fields]))


def _unsealed(found: SignedIn, kept: str) -> list[tuple[Any, Any]]:
    """What was typed, if this person typed it for this very address within the hour."""
    bound, fields = json.loads(keyring().unseal(kept, ttl=_SECONDS))
    if bound != _bound(found):
        raise _not_ours()
    return [(name, value) for name, value in fields]


def _not_ours() -> Refused:
    return Refused("unreadable", "This was not sealed here, or too long ago.")


def _bound(found: SignedIn) -> str:
    return f"{found.staff_id} {request.full_path}"
