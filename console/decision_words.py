"""Decisions in words: what takes two people, whether a decision stands, what a plan ran into."""

from flask_babel import lazy_gettext

from console.words import Words
from shudi.cases.rules.decisions import Settled, Stands
from shudi.cases.rules.policy import Risk

_ = lazy_gettext

RISK: Words = {
    Risk.REPLACE: _("Another place is shown than activity says."),
    Risk.PROTECTED: _("The account is protected."),
    Risk.CROSS_BORDER: _("Readers are shown another country or area."),
    Risk.BATCH: _("It is one of many that are decided together."),
    Risk.OWN_DECISION: _("It changes what the same person decided before."),
    Risk.APPEAL_UPHELD: _("It grants what the account holder contests."),
    Risk.TWO_MADE: _("It ends what two people decided."),
}
STANDS: Words = {
    Stands.STANDS: _("Stands"),
    Stands.UNDONE: _("Undone"),
    Stands.REVERTED: _("Reverted"),
}
SETTLED: Words = {
    Settled.FIRST: _("The first verdict is right"),
    Settled.SECOND: _("The second verdict is right"),
}
