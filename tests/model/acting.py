"""What acts do in the model, once nothing stands against them."""

from datetime import timedelta

from tests.model import risks, showing, weighing
from tests.model.risks import Wish
from tests.model.state import (
    HANDED,
    LEASE,
    TERM,
    Account,
    Case,
    Correction,
    Decision,
    Desk,
    Person,
)


def claim(desk: Desk, person: Person, case: Case) -> bool:
    """Whether the claim is new; else it was renewed."""
    mine = case.holder is person
    until = desk.now + LEASE
    case.until = max(case.until, until) if mine and case.until else until
    case.holder = person
    return not mine


def hand_over(desk: Desk, case: Case, to: Person) -> None:
    case.holder, case.until = to, desk.now + HANDED


def keep(desk: Desk, person: Person, case: Case) -> None:
    correction, renewed = case.correction, None
    if case.kind == "expiry" and correction is not None:
        renewed = (correction.expires, correction.expired)
        correction.expires, correction.expired = desk.now + TERM, False
        correction.moves += 1
    showing.decide(desk, case, person, "keep").renewed = renewed


def lift_expired(desk: Desk, person: Person, case: Case) -> None:
    correction = case.correction
    assert correction is not None
    showing.end(desk, correction, "lifted", person, restore=False)
    showing.decide(desk, case, person, "lift", correction)
    showing.close_overtaken(desk, correction.account)


def new_correction(
    desk: Desk, person: Person, account: Account, wish: Wish, why: set[str]
) -> Correction:
    """Make it and, where it is not for two or for later, put it in force."""
    account.known = True
    start = wish.starts or desk.now
    at_once = wish.kind == "withhold" and wish.starts is None
    waits = bool(why)
    correction = Correction(
        account=account,
        kind=wish.kind,
        region=risks.placed(wish, account)[0],
        by=person,
        state="proposed" if waits and not at_once else "scheduled" if wish.starts else "new",
        expires=start + (TERM if wish.days is None else timedelta(days=wish.days)),
        reverts_itself=wish.reverts_itself,
        original=account.shown,
        label_version=account.version,
        starts=wish.starts,
        unconfirmed=waits and at_once,
        over=desk.in_force(account),
    )
    desk.corrections.append(correction)
    if correction.state == "new":
        showing.put_in_force(desk, correction)
    return correction


def correct(desk: Desk, person: Person, case: Case, wish: Wish) -> Correction:
    account = case.account
    assert account is not None
    why = risks.correcting_risks(desk, person, account, wish, appeal=case.kind == "contest")
    correction = new_correction(desk, person, account, wish, why)
    correction.case = case
    if correction.waits:
        showing.await_second(case)
        case.part.add(person)
    else:
        showing.decide(desk, case, person, "correct", correction)
    if correction.state == "in_force":
        showing.close_overtaken(desk, account)
    return correction


def restore(desk: Desk, person: Person, case: Case) -> None:
    """Uphold a contest by ending the correction in force, or propose to."""
    assert case.account is not None
    correction = desk.in_force(case.account)
    assert correction is not None
    if risks.ending_risks(desk, person, correction, restore=True, appeal=True):
        propose_end(correction, person, restore=True)
        case.lifts = correction
        showing.await_second(case)
        case.part.add(person)
        return
    showing.end(desk, correction, "lifted", person, restore=True)
    correction.ending_restores = True
    showing.decide(desk, case, person, "lift", correction)
    showing.close_overtaken(desk, case.account)


def propose_end(correction: Correction, person: Person, *, restore: bool) -> None:
    correction.ending_by, correction.ending_restores = person, restore
    correction.moves += 1


def approve(desk: Desk, person: Person, correction: Correction) -> None:
    account, case = correction.account, correction.case
    correction.approved_by = person
    correction.moves += 1
    if correction.unconfirmed:
        correction.unconfirmed = False
    elif correction.starts is not None and correction.starts > desk.now:
        correction.state = "scheduled"
    else:
        showing.put_in_force(desk, correction)
    if case is not None and case.state == "awaiting":
        case.part.add(person)
        showing.decide(desk, case, correction.by, "correct", correction, two=True)
    former = correction.reverts
    if former is not None and former.state == "stands":
        link(desk, former, correction, correction.by, two=True)
    showing.close_overtaken(desk, account)


def link(
    desk: Desk, former: Decision, correction: Correction, by: Person, *, two: bool
) -> Decision:
    """A decision that takes the effect of `former` away."""
    again = correction.reverts is former
    verdict = "revert" if again or correction.ending_restores else "lift"
    decision = showing.decide(
        desk, former.case, by, verdict, correction, two=two, closed=False, reverts=former
    )
    former.state = "reverted"
    former.moves += 1
    return decision


def refuse(desk: Desk, person: Person, correction: Correction) -> None:
    showing.end(desk, correction, "refused", person, restore=True)
    give_case_back(correction, person)


def withdraw(desk: Desk, person: Person, correction: Correction) -> None:
    showing.end(desk, correction, "withdrawn", person, restore=False)
    give_case_back(correction, person)


def give_case_back(correction: Correction, person: Person) -> None:
    case = correction.case
    if case is not None and case.state == "awaiting":
        showing.reopen(case)
        case.part.add(person)


def lift(desk: Desk, person: Person, correction: Correction, *, restore: bool = False) -> None:
    """End a correction, or propose to; as a revert with `restore`."""
    if risks.ending_risks(desk, person, correction, restore=restore):
        propose_end(correction, person, restore=restore)
        return
    correction.ending_restores = restore
    end_by_people(desk, correction, person, by=person, two=False)


def end_by_people(
    desk: Desk, correction: Correction, person: Person, *, by: Person, two: bool
) -> None:
    """`by` wanted it, `person` has the last word."""
    showing.end(desk, correction, "lifted", person, restore=correction.ending_restores)
    made = [
        one
        for one in desk.decisions
        if one.correction is correction and one.imposes and one.state == "stands"
    ]
    if made:
        link(desk, made[-1], correction, by, two=two)
    for case in list(desk.unanswered(correction.account)):
        if two and case.state == "awaiting" and case.lifts is correction:
            case.part.add(person)
            showing.decide(desk, case, by, "lift", correction, two=True)
    showing.close_overtaken(desk, correction.account)


def approve_end(desk: Desk, person: Person, correction: Correction) -> None:
    assert correction.ending_by is not None
    end_by_people(desk, correction, person, by=correction.ending_by, two=True)


def refuse_end(desk: Desk, person: Person, correction: Correction) -> None:
    correction.ending_by, correction.ending_restores = None, False
    correction.moves += 1
    for case in desk.unanswered(correction.account):
        if case.state == "awaiting" and case.lifts is correction:
            showing.reopen(case)
            case.part.add(person)


def cancel(desk: Desk, person: Person, correction: Correction) -> None:
    showing.end(desk, correction, "cancelled", person, restore=False)


def contest(desk: Desk, account: Account) -> Case:
    """The holder disputes the label: who made it what it is has no say."""
    former = weighing.last_contest(desk, account)
    instance = weighing.instance_for(desk, account)
    barred = makers(desk, account)
    if instance == 2 and former is not None:
        barred |= former.part | former.barred
    account.known = True
    case = showing.open_case(desk, "contest", account)
    case.barred, case.instance, case.marked = barred, instance, instance == 1
    if case.marked:
        account.disputed = True
        account.touch()
    return case


def makers(desk: Desk, account: Account) -> set[Person]:
    """Who made the label what it is: the correction in force, else the one that ended last, and
    whoever took the last decision that stands.
    """
    people: set[Person | None] = set()
    current = desk.in_force(account)
    over = [one for one in desk.of(account) if one.state in ("lifted", "reverted")]
    if current is not None:
        people = {current.by, current.approved_by}
    elif over:
        last = max(over, key=lambda one: one.ended)
        people = {last.by, last.ending_by, last.ended_by}
    taken = [one for one in desk.decisions if one.case.account is account]
    standing = [one for one in taken if one.state == "stands"]
    people |= {one.by for one in standing[-1:]}
    return {one for one in people if one is not None}
