"""Batches in words. Tests compare keys with the enums."""

from flask_babel import lazy_gettext

from console import messages
from console.words import Words
from shudi.cases.rules.batches import BatchAct, BatchState, Outcome

_ = lazy_gettext

ACT: Words = {
    BatchAct.COARSEN: _("Coarsen"),
    BatchAct.WITHHOLD: _("Withhold"),
    BatchAct.MARK_UNCERTAIN: _("Mark uncertain"),
    BatchAct.LIFT: _("Lift corrections"),
    BatchAct.UNDO: _("Undo a batch"),
    BatchAct.REVERT: _("Revert a batch"),
}
ACT_MEANS: Words = {
    BatchAct.COARSEN: _("Show the country instead of the province."),
    BatchAct.WITHHOLD: _("Show no place at all; only a senior can show it again."),
    BatchAct.MARK_UNCERTAIN: _("Say that the place is uncertain and show the wider one, if any."),
    BatchAct.LIFT: _("End the corrections in force; readers see what activity shows."),
}
STATE: Words = {
    BatchState.WAITING: _("Waits for a second person"),
    BatchState.RUNNING: _("Running"),
    BatchState.DONE: _("Finished"),
    BatchState.REFUSED: _("Refused"),
    BatchState.CANCELLED: _("Cancelled"),
}
STATE_LOOKS = {
    BatchState.WAITING: ("people", "odd"),
    BatchState.RUNNING: ("clock", "info"),
    BatchState.DONE: ("check", "good"),
    BatchState.REFUSED: ("cross", "bad"),
    BatchState.CANCELLED: ("cross", ""),
}
OUTCOME: Words = {
    Outcome.WAITING: _("Not begun"),
    Outcome.DONE: _("Done"),
    Outcome.NOTHING_TO_DO: _("Nothing to do"),
    Outcome.STALE: _("Changed meanwhile"),
    Outcome.REFUSED: _("Not possible"),
    Outcome.FAILED: _("Failed"),
}
# The same in a preview.
FORESEEN: Words = {**OUTCOME, Outcome.DONE: _("Would be done")}
OUTCOME_LOOKS = {
    Outcome.WAITING: ("clock", ""),
    Outcome.DONE: ("check", "good"),
    Outcome.NOTHING_TO_DO: ("info", ""),
    Outcome.STALE: ("swap", "warn"),
    Outcome.REFUSED: ("lock", "odd"),
    Outcome.FAILED: ("warn", "bad"),
}
# Why one account ended as it did, where a batch says it in other words than a case does.
ITEM: Words = {
    "account-deleted": _("The account was deleted."),
    "contested": _("The holder contests this label: the contest is answered first."),
    "correction-waiting": _("Another correction of this label waits already."),
    "fault": _("Something went wrong on our side; nothing was changed here."),
    "label-moved": _("The label has changed since it was listed."),
    "lift-waiting": _("Ending this correction was proposed already; a second person decides."),
    "no-correction": _("No correction is in force."),
    "no-label": _("No place is known yet."),
    "role": _("Whoever made the batch may not do this any more."),
    "second-person": _("It takes a second person for this account: decide it by itself."),
    "superseded": _("A later correction has taken its place."),
    "taken-back": _("It counts no longer, so there is nothing to take back."),
}
WRONG: Words = {
    "account-invalid": _("This is no account id."),
    "line-columns": _("More than an account and a version. An id with a comma stands in quotes."),
    "line-quotes": _("The quotes do not match."),
    "line-version": _("The version is no number. An id with a comma stands in quotes."),
}


def item(code: str) -> str:
    """Why one account ended as it did; empty where there is nothing to say."""
    return str(ITEM.get(code) or messages.ERROR.get(code) or code)
