"""The queue's codes in words: the queues, why a case stands where it does, reasons to skip it."""

from flask_babel import lazy_gettext

from console.words import Words
from shudi.cases.rules import SkipReason
from shudi.cases.rules.priority import Fate, Queue, Raise, Why

_ = lazy_gettext

QUEUE: Words = {
    Queue.URGENT: _("High and urgent"),
    Queue.BRAKES: _("Brakes"),
    Queue.CONTESTS: _("Contests"),
    Queue.HARM: _("Risk of harm"),
    Queue.REPORTS: _("Reports"),
    Queue.INFORMATION: _("Account information"),
    Queue.EXPIRIES: _("Expired corrections"),
    Queue.SCHEDULED: _("Planned corrections"),
    Queue.DISAGREEMENTS: _("Sources disagree"),
    Queue.SECOND_LOOKS: _("Second looks"),
}
QUEUE_MEANS: Words = {
    Queue.URGENT: _("Everything of high or urgent severity, whatever kind it is."),
    Queue.BRAKES: _("Changes too large to pass by themselves; they hold up a whole site."),
    Queue.CONTESTS: _("Account holders who say that their own label is wrong."),
    Queue.HARM: _("Reports of high severity, such as that a label puts somebody at risk."),
    Queue.REPORTS: _("Other reports by readers, and cases the desk opened itself."),
    Queue.INFORMATION: _("Names, handles and other account information that screening stopped."),
    Queue.EXPIRIES: _("Corrections that reached their end and stay in force until decided."),
    Queue.SCHEDULED: _("Corrections whose hour came and that could not be made as planned."),
    Queue.DISAGREEMENTS: _("Labels on which the geo databases do not agree."),
    Queue.SECOND_LOOKS: _(
        "Decisions drawn for a blind second look, to see whether two people agree."
    ),
}
WHY: Words = {
    Why.KIND: _("the severity of its kind"),
    Why.LOWERED: _("lowered by what was reported"),
    Why.OVERDUE: _("overdue"),
    Why.SOON: _("due within a day"),
    Raise.HARM: _("raised: somebody may be at risk"),
    Raise.PROTECTED: _("raised: a protected account"),
    Raise.CONTESTED: _("raised: the holder contests the label"),
    Raise.MANY: _("raised: five or more senders"),
}
SKIP: Words = {
    SkipReason.LANGUAGE: _("In a language I do not read"),
    SkipReason.EXPERTISE: _("Needs somebody who knows more"),
    SkipReason.WAITING: _("Waits for an answer from outside"),
    SkipReason.TOO_CLOSE: _("Too close to me"),
    SkipReason.DISTRESSING: _("I would rather not read this now"),
    SkipReason.OTHER: _("Another reason, in words"),
}
FATE: Words = {
    Fate.DISMISSED: _("Dismissed: nothing else speaks for it"),
    Fate.LESS: _("Stays open, without these reports"),
    Fate.HELD: _("Left alone: somebody is working on it"),
    Fate.BARRED: _("Left alone: you may not decide it"),
}
