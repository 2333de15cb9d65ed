"""Codes about notices in words; tests compare keys with the codes the domain uses."""

from flask_babel import LazyString, lazy_gettext

from shudi.outbox.rules import Channel, Topic
from shudi.outbox.store import MessageState

_ = lazy_gettext
Words = dict[str, LazyString]

TOPIC: Words = {
    Topic.ACCOUNT_DECIDED: _("Account information decided"),
    Topic.BRAKE_TRIPPED: _("Brake tripped"),
    Topic.CASE_DECIDED: _("Case decided"),
    Topic.CASE_REOPENED: _("Decision taken back"),
    Topic.CONTEST_ANSWERED: _("Contest answered"),
    Topic.CONTEST_RECEIVED: _("Contest received"),
    Topic.CORRECTION_DUE: _("Correction back in the queue"),
    Topic.CORRECTION_EXPIRED: _("Correction reverted at its end"),
    Topic.CORRECTION_IN_FORCE: _("Correction in force"),
    Topic.CORRECTION_LIFTED: _("Correction lifted"),
    Topic.DIGEST_EXPIRING: _("Weekly digest of corrections that end"),
}
CHANNEL: Words = {
    Channel.WEBHOOK: _("Webhook"),
    Channel.MAIL: _("Mail"),
}
READER: Words = {
    Channel.WEBHOOK: _("The account holder, through the platform"),
    Channel.MAIL: _("The desk, by mail"),
}
STATE: Words = {
    MessageState.WAITING: _("Waiting"),
    MessageState.SENT: _("Delivered"),
    MessageState.FAILED: _("Given up"),
}
# What an attempt can come to (shudi.outbox.gateway, shudi.outbox.rules.FINAL, shudi.deliveries).
OUTCOME: Words = {
    "address-refused": _("The address lies inside our own network"),
    "gone": _("The receiver says that it is gone for good"),
    "internal": _("The notice could not be put together; see the server's log"),
    "login-refused": _("The mail server refused the login"),
    "name-unknown": _("The host's name is not known"),
    "no-receiver": _("No receiver is set any more"),
    "not-supported": _("The mail server does not offer what the settings ask for"),
    "recipient-refused": _("The mail server refused the recipient"),
    "redirect": _("The receiver wanted to send us elsewhere"),
    "status-1xx": _("The receiver answered nonsense"),
    "status-2xx": _("The mail server answered out of turn"),
    "status-3xx": _("The mail server answered out of turn"),
    "status-4xx": _("The receiver refused it (4xx)"),
    "status-5xx": _("The receiver failed (5xx)"),
    "timeout": _("No answer in time"),
    "tls": _("The secure connection failed"),
    "unreachable": _("Not reachable, or hung up"),
    "url-refused": _("The URL is not one that webhooks may have"),
}
