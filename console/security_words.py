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
    NoticeKind.NEW_DEVICE: _("Somebody signed in as you in a browser that was not known."),
}


def register(app: Flask) -> None:
    """Give templates `security_notice`."""
    app.jinja_env.globals["security_notice"] = sentence


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
