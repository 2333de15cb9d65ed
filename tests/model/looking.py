"""Second looks in the model: what is drawn, what the second person finds, what a senior settles."""

from tests.model import risks, showing, weighing
from tests.model.risks import Refusals, Wish
from tests.model.state import UNDO, Case, Decision, Desk, Person

# Contests have a second person by policy; a brake is no decision on one label.
_LEFT_OUT = ("contest", "brake", "second_look")
_VERDICTS = ("keep", "dismiss", "correct", "lift")
Finding = tuple[str, Wish | None]  # verdict, and what a correction would be


def draw(desk: Desk) -> None:
    """Once nobody can undo it any more. One account is looked at again once at a time."""
    for decision in desk.decisions:
        if decision.drawn is None and decision.at <= desk.now - UNDO:
            decision.drawn = desk.looks and _fits(desk, decision)
            if decision.drawn:
                case = showing.open_case(desk, "second_look", decision.case.account)
                case.first, case.barred = decision, {decision.by}


def _fits(desk: Desk, decision: Decision) -> bool:
    account = decision.case.account
    if account is None or account.deleted or decision.two or decision.state != "stands":
        return False
    if decision.case.kind in _LEFT_OUT or decision.verdict not in _VERDICTS:
        return False
    return not any(one.kind == "second_look" for one in desk.unanswered(account))


def looking(person: Person, case: Case, *, fresh: bool) -> Refusals:
    """What bars from giving the second verdict."""
    found = _tied(person, case) | weighing.still_open(case)
    if not fresh:
        found.add((409, "case-moved"))
    if case.looked is not None:
        found.add((409, "look-given"))
    if case.holder is None:
        found.add((422, "not-claimed"))
    elif case.holder is not person:
        found.add((409, "claimed-by-other"))
    return found


def _tied(person: Person, case: Case) -> Refusals:
    found = risks.at_case(person, case)
    gave = person in case.barred or person is case.looked
    return found | {(403, "own-look")} if gave else found


def look(desk: Desk, person: Person, case: Case, finding: Finding) -> None:
    """Readers see nothing of it. Where two differ, a senior who gave neither is asked."""
    assert case.first is not None
    case.looked, case.agreed = person, _seen(finding) == _seen(_found(case.first))
    if case.agreed:
        showing.close(desk, case)
    else:
        showing.await_second(case)


def _found(decision: Decision) -> Finding:
    made = decision.correction if decision.verdict == "correct" else None
    return decision.verdict, Wish(kind=made.kind, region=made.region) if made else None


def _seen(finding: Finding) -> tuple[str, str | None, str | None]:
    """What readers would see: to keep and to dismiss both leave the label alone."""
    verdict, wish = finding
    if verdict != "correct" or wish is None:
        return "keep" if verdict == "dismiss" else verdict, None, None
    return verdict, wish.kind, wish.region if wish.kind == "replace" else None


def settling(person: Person, case: Case, *, fresh: bool) -> Refusals:
    """What bars a senior from saying whose verdict is right."""
    found = _tied(person, case)
    if case.agreed is None:
        found.add((422, "look-missing"))
    if not fresh or case.state == "closed":
        found.add((409, "case-moved"))
    return found


def settle(desk: Desk, case: Case, settled: str) -> None:
    """Where the second was right, the label changes by an ordinary case."""
    case.settled = settled
    showing.close(desk, case)
    if settled == "second":
        showing.open_case(desk, "report", case.account)
