"""Taking back in the model: undoing for ten minutes, reverting for ever, and what time does."""

from datetime import timedelta

from tests.model import acting, looking, risks, showing, weighing
from tests.model.risks import Wish
from tests.model.state import KEPT, LEASE, Correction, Decision, Desk, Person


def undo(desk: Desk, decision: Decision) -> None:
    """As if it had not been: the label and the case are what they were."""
    case, correction = decision.case, decision.correction
    if decision.renewed is not None and case.correction is not None:
        case.correction.expires, case.correction.expired = decision.renewed
        case.correction.moves += 1
    elif correction is not None and decision.imposes:
        showing.end(desk, correction, "undone", None, restore=True)
    elif correction is not None:
        asked = decision.closed and case.kind == "expiry"
        put_back(desk, correction, asked=asked)
    decision.state = "undone"
    decision.moves += 1
    if decision.closed:
        case.state, case.closed_at = "open", None
        case.moves += 1
        if case.kind == "contest" and case.marked and case.account is not None:
            case.account.disputed = True
            case.account.touch()
        if case.kind == "contest":
            case.answered_version, case.upheld = None, False
        if decision.holder is not None:
            case.holder, case.until = decision.holder, desk.now + LEASE
    if decision.reverts is not None:
        decision.reverts.state = "stands"
        decision.reverts.moves += 1
    if case.account is not None:
        showing.close_overtaken(desk, case.account)


def put_back(desk: Desk, correction: Correction, *, asked: bool) -> None:
    """It has not ended; if its term is over, people are asked about it again."""
    correction.state, correction.ended_by = "in_force", None
    correction.ending_by = None
    if correction.expires <= desk.now and not asked:
        correction.expired = False
    correction.moves += 1
    showing.refresh(desk, correction.account)


def revert(desk: Desk, person: Person, decision: Decision) -> None:
    """Another decision restores what was before, or proposes to."""
    correction = decision.correction
    assert correction is not None
    if decision.imposes:
        acting.lift(desk, person, correction, restore=True)
        return
    wish = Wish(
        kind=correction.kind, region=correction.region, reverts_itself=correction.reverts_itself
    )
    account = correction.account
    why = risks.correcting_risks(desk, person, account, wish, appeal=False)
    again = acting.new_correction(desk, person, account, wish, why)
    again.reverts = decision
    if not again.waits:
        acting.link(desk, decision, again, person, two=False)
    if again.state == "in_force":
        showing.close_overtaken(desk, account)


def pass_time(desk: Desk, by: timedelta) -> None:
    """The clock is turned, and the worker does what has come due."""
    desk.now += by
    due = [one for one in desk.corrections if one.state == "in_force" and not one.expired]
    for correction in sorted(due, key=lambda one: one.expires):
        if correction.expires <= desk.now:
            expire(desk, correction)
    planned = [one for one in desk.corrections if one.state == "scheduled" and one.starts]
    for correction in planned:
        if correction.starts is not None and correction.starts <= desk.now:
            start(desk, correction)
    looking.draw(desk)
    for brake in desk.brakes:  # what it holds is a trace of activity, and goes with the others
        for account in [one for one, (at, _) in brake.held.items() if at < desk.now - KEPT]:
            del brake.held[account]
    for case in desk.cases:
        over = case.until is not None and case.until <= desk.now
        if over or (case.holder is not None and not case.holder.active):
            case.release()


def expire(desk: Desk, correction: Correction) -> None:
    """It reverts where that was chosen; else it stays in force and people are asked."""
    if correction.reverts_itself and correction.kind != "withhold":
        showing.end(desk, correction, "reverted", None, restore=False)
        showing.close_overtaken(desk, correction.account)
        return
    correction.expired = True
    correction.moves += 1
    showing.open_case(desk, "expiry", correction.account, correction)


def start(desk: Desk, correction: Correction) -> None:
    """A plan begins, unless the label is not what it was meant for."""
    account = correction.account
    wish = Wish(kind=correction.kind, region=correction.region)
    region, refused = risks.placed(wish, account)
    unfit = (
        account.hidden
        or bool(refused)
        or region != correction.region
        or weighing.withheld_since(correction, desk.in_force(account))
    )
    if not unfit and correction.approved_by is None:
        unfit = bool(risks.correcting_risks(desk, None, account, wish, appeal=False))
    if unfit:
        showing.end(desk, correction, "returned", None, restore=False)
        showing.open_case(desk, "scheduled", account, correction)
        return
    showing.put_in_force(desk, correction)
    showing.close_overtaken(desk, account)
