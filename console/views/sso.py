"""Single sign-on: out to the provider, and back.

Nothing is done by coming back: the provider sends the browser from another site, and then it
brings no cookie of ours. The first page only leads on to the second, which is ours to ask for and
so gets the cookies; its form, sent at once by a script, does the rest. So the cookies stay
`SameSite=Strict`, GET changes nothing, and the token guards this form as any other.
"""

import logging

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, app_secret, devices, sessions, step_up
from console.door import door
from console.errors import status_of, words
from console.forms.security import AppForm
from console.forms.sso import ReturnForm
from console.own import own, renewed
from console.parts import database
from console.single_sign_on import RETURN, present
from console.step_up import KEPT
from shudi import clock
from shudi.errors import Invalid, NotFound, Refused, Stale, Unavailable
from shudi.staff import actions as acts
from shudi.staff.codec import totp
from shudi.staff.codec.keyring import token_hash
from shudi.staff.queries import open_enrolment
from shudi.staff.rules.single_sign_on import Identified
from shudi.staff.store.identities import Purpose

blueprint = Blueprint("sso", __name__)
_log = logging.getLogger("console.sso")
_TOLD = frozenset({"sso-refused", "sso-unknown", "sso-over", "sso-stale"})


@blueprint.post("/sign-in/sso")
@access.public
def begin() -> ResponseReturnValue:
    """Go to the provider to sign in."""
    return _go(acts.Errand(purpose=Purpose.SIGN_IN, wanted=access.carried()))


@blueprint.post("/enrol/<token>/sso")
@access.public
def accept(token: str) -> ResponseReturnValue:
    """Go to the provider to use an invitation."""
    with database().read_session() as session:
        open_enrolment(session, token=token, now=clock.now())
    return _go(acts.Errand(purpose=Purpose.ACCEPT, link_hash=token_hash(token)))


@blueprint.post("/profile/security/sso")
@access.signed_in
@access.dangerous
def link() -> ResponseReturnValue:
    """Go to the provider so that one can sign in by it from now on."""
    return _go(acts.Errand(purpose=Purpose.LINK))


@blueprint.post("/profile/security/sso/remove")
@access.signed_in
@access.dangerous
def unlink() -> ResponseReturnValue:
    """Sign in by the provider no more."""
    try:
        with database().transaction() as session:
            token = acts.unlink(session, own=own(), now=clock.now())
    except Refused as refusal:
        flash(words(refusal), "error")
        return redirect(url_for("security.index"), 303)
    return renewed(token, gettext("Single sign-on is off. Everywhere else you are signed out."))


@blueprint.post("/sign-in/sso/again")
@access.signed_in
def again() -> ResponseReturnValue:
    """Go to the provider to prove oneself anew; the form that waits is kept."""
    kept = request.form.get(KEPT, "")
    step_up.target_of(sessions.person(), kept)
    return _go(acts.Errand(purpose=Purpose.STEP_UP, kept=kept), fresh=True)


@blueprint.get(RETURN)
@access.public
def back() -> ResponseReturnValue:
    """Lead on to the page that gets our cookies."""
    form = ReturnForm(request.args)
    if not form.validate():
        raise NotFound("page", "There is no such page.")
    return render_template("console/sso/leading.html", onward=url_for("sso.arrived", **form.data))


@blueprint.get("/sign-in/sso/arrived")
@access.public
def arrived() -> ResponseReturnValue:
    """The form that finishes it."""
    form = ReturnForm(request.args)
    if not form.validate():
        raise NotFound("page", "There is no such page.")
    return render_template("console/sso/arrived.html", form=form)


@blueprint.post("/sign-in/sso/finish")
@access.public
def finish() -> ResponseReturnValue:
    """Ask the provider who that is, and do what they were sent for."""
    form = ReturnForm(request.form)
    if not form.validate():
        raise NotFound("page", "There is no such page.")
    try:
        trip = acts.come_back(database(), door=door(), state=form.state.data)
        if not form.code.data:
            return _refused(gettext("You did not sign in at that service, so nothing was done."))
        who = _identified(form, trip)
        return _FINISH[trip.errand.purpose](who, trip)
    except Unavailable as error:
        if error.code != "provider-down":
            raise
        return _down()
    except (Refused, Stale) as error:
        if error.code not in _TOLD and not isinstance(error, Stale):
            raise
        return _refused(words(error), status_of(error))


@blueprint.get("/sign-in/sso/factor")
@access.public
def factor() -> ResponseReturnValue:
    """Show a secret for the app of somebody who came for the first time."""
    if not _may_set_up():
        return redirect(url_for("sign_in.password"), 303)
    return _ask_factor(AppForm(), totp.new_secret())


@blueprint.post("/sign-in/sso/factor")
@access.public
def factor_submit() -> ResponseReturnValue:
    """Take the codes of that app from now on, and show the recovery codes this once."""
    if not _may_set_up():
        return redirect(url_for("sign_in.password"), 303)
    form = AppForm(request.form)
    secret = app_secret.unsealed(form.sealed.data or "", bound=_bound())
    if not form.validate() or not secret:
        return _ask_factor(form, secret or totp.new_secret()), 422
    try:
        with database().transaction() as session:
            token, codes = acts.set_up_factor(
                session, door=door(), token=sessions.token(), secret=secret, code=form.code.data
            )
    except Invalid as refusal:
        form.code.errors = [words(refusal)]
        return _ask_factor(form, secret), 422
    sessions.adopt(token)
    devices.keep()
    return render_template("console/security/codes.html", codes=codes, onward=access.landing())


@blueprint.post("/sign-in/sso/back-channel-logout")
@access.public
def logged_out() -> ResponseReturnValue:
    """The provider says that a session there is over (OpenID Connect Back-Channel Logout 1.0)."""
    sso = present()
    try:
        over = sso.provider.logged_out(request.form.get("logout_token", ""), now=clock.now())
    except Refused as error:
        _log.warning("a logout token was refused: %s", error.facts.get("why", ""))
        return "", 400
    with database().transaction() as session:
        acts.end_provider_sessions(
            session,
            issuer=sso.provider.issuer,
            subject=over.subject,
            provider_session=over.session,
            now=clock.now(),
        )
    return "", 200


def _go(errand: acts.Errand, *, fresh: bool = False) -> ResponseReturnValue:
    """A page that leads to the provider: a redirected form would need it in `form-action`, and
    whomever it redirects to.
    """
    with database().transaction() as session:
        ticket = acts.set_out(session, door=door(), errand=errand)
    try:
        onward = present().provider.address(ticket, fresh=fresh)
    except Unavailable:
        return _down()
    return render_template("console/sso/leading.html", onward=onward)


def _identified(form: ReturnForm, trip: acts.Returned) -> Identified:
    try:
        return present().provider.identify(
            code=form.code.data, issuer=form.iss.data or "", ticket=trip.ticket, now=clock.now()
        )
    except Refused as error:
        why = str(error.facts.get("why", ""))
        _log.warning("single sign-on was refused: %s", why)
        with database().transaction() as session:
            acts.note_refusal(session, door=door(), why=why)
        raise


def _sign_in(who: Identified, trip: acts.Returned) -> ResponseReturnValue:
    policy = present().policy
    return _let_in(acts.sign_in_identified(database(), door=door(), who=who, policy=policy), trip)


def _accept(who: Identified, trip: acts.Returned) -> ResponseReturnValue:
    came = acts.accept_identified(
        database(),
        door=door(),
        link_hash=trip.errand.link_hash,
        who=who,
        policy=present().policy,
    )
    return _let_in(came, trip)


def _let_in(came: acts.Arrived, trip: acts.Returned) -> ResponseReturnValue:
    wanted = trip.errand.wanted
    if not came.full:
        where = url_for("sso.factor") if came.first else url_for("sign_in.code", **wanted)
        return sessions.start(came.token, lambda: where)
    devices.keep()
    return sessions.start(came.token, lambda: access.address_of(wanted) or access.landing())


def _link(who: Identified, _trip: acts.Returned) -> ResponseReturnValue:
    with database().transaction() as session:
        token = acts.link_identified(session, door=door(), own=own(), who=who)
    return renewed(token, gettext("Single sign-on is on. Everywhere else you are signed out."))


def _step_up(who: Identified, trip: acts.Returned) -> ResponseReturnValue:
    target = step_up.target_of(sessions.person(), trip.errand.kept)
    token = acts.step_up_identified(
        database(),
        door=door(),
        token=sessions.token(),
        who=who,
        asked_at=trip.asked_at,
        policy=present().policy,
    )
    sessions.adopt(token)
    return render_template("console/sso/proved.html", target=target, kept=trip.errand.kept)


_FINISH = {
    Purpose.SIGN_IN: _sign_in,
    Purpose.ACCEPT: _accept,
    Purpose.LINK: _link,
    Purpose.STEP_UP: _step_up,
}


def _may_set_up() -> bool:
    if sessions.pending() is None:
        return False
    with database().read_session() as session:
        return acts.may_set_up(session, token=sessions.token())


def _ask_factor(form: AppForm, secret: str) -> str:
    found = sessions.either()
    name = found.name if found else ""
    shown = app_secret.show(secret, name=name, bound=_bound())
    form.sealed.data = shown.sealed
    return render_template("console/sso/factor.html", form=form, shown=shown, name=name)


def _bound() -> str:
    return f"sso:{token_hash(sessions.token())}"


def _down() -> ResponseReturnValue:
    text = render_template("console/sso/down.html", signed_in=sessions.current() is not None)
    return text, 503, {"Retry-After": "60"}


def _refused(why: str, status: int = 422) -> ResponseReturnValue:
    text = render_template(
        "console/sso/refused.html", why=why, signed_in=sessions.current() is not None
    )
    return text, status
