"""What people are told about their own ways in. Tests compare keys with the domain's."""

from flask import Flask
from flask_babel import LazyString, lazy_gettext, ngettext

from shudi.staff.queries.security import NoticeRow
from shudi.staff.store.factors import NoticeKind

_ = lazy_gettext

NOTICE: dict[NoticeKind, LazyString] = {
    NoticeKind.PASSWORD_CHANGED: _("Your password was changed."),
    NoticeKind.APP_CHANGED: _("Another authenticator app was set up."),
    NoticeKind.RECOVERY_RENEWED: _("New recovery codes were made."),
    NoticeKind.PASSKEY_ADDED: _("A passkey was added."),
    NoticeKind.PASSKEY_REMOVED: _("A passkey was removed."),
    NoticeKind.RESET: _("An administrator reset your password and second factor."),
    NoticeKind.IDENTITY_LINKED: _("Single sign-on was turned on."),
    NoticeKind.IDENTITY_CUT: _("Single sign-on was turned off."),
    NoticeKind.NEW_DEVICE: _("Somebody signed in as you in a browser that was not known."),
}


# By what somebody came in; empty: an older release did not say.
METHOD: dict[str, LazyString] = {
    "": _("Not noted"),
    "demo": _("demo link"),
    "invitation": _("invitation"),
    "passkey": _("passkey"),
    "password+code": _("password and code"),
    "password+passkey": _("password and passkey"),
    "password+recovery": _("password and recovery code"),
    "sso": _("single sign-on"),
    "sso+code": _("single sign-on and code"),
    "sso+passkey": _("single sign-on and passkey"),
    "sso+recovery": _("single sign-on and recovery code"),
}


def register(app: Flask) -> None:
    """Give templates `security_notice` and `sign_in_method`."""
    app.jinja_env.globals["security_notice"] = sentence
    app.jinja_env.globals["sign_in_method"] = lambda method: str(METHOD[method])


def sentence(one: NoticeRow) -> str:
    """The notice as the person reads it."""
    if one.kind is NoticeKind.RECOVERY_USED:
        return str(
            ngettext(
                "A recovery code was used; %(num)d is left.",
                "A recovery code was used; %(num)d are left.",
                one.count,
            )
        )
    if one.kind is NoticeKind.REFUSALS:
        return str(
            ngettext(
                "%(num)d attempt to sign in as you was refused.",
                "%(num)d attempts to sign in as you were refused.",
                one.count,
            )
        )
    return str(NOTICE[one.kind])
