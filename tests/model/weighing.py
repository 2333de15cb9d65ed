"""What stands against an act, as the model sees it: every (status, code) that would be right.

Where nothing does, the product must do it; where several do, it may say any one of them.
"""

from tests.model import risks
from tests.model.risks import Refusals
from tests.model.state import UNDO, Account, Case, Correction, Decision, Desk, Person

# These are decided on pages of their own.
_ELSEWHERE = {"brake": "brake-case", "second_look": "look-case"}


def still_open(case: Case) -> Refusals:
    states = {"closed": "case-closed", "awaiting": "case-awaiting"}
    return {(422, states[case.state])} if case.state in states else set()


def claiming(desk: Desk, person: Person, case: Case) -> Refusals:
    found = risks.at_case(person, case) | still_open(case) | instance(person, case)
    found |= excluded(person, case)
    if case.holder not in (None, person) and case.until and case.until > desk.now:
        found.add((409, "claimed-by-other"))
    return found


def excluded(person: Person, case: Case) -> Refusals:
    """Who decided has no say where the holder contests it, or where it is decided again."""
    code = "own-look" if case.kind == "second_look" else "own-decision"
    return {(403, code)} if person in case.barred else set()


def instance(person: Person, case: Case) -> Refusals:
    second = case.kind == "contest" and case.instance == 2
    return {(403, "instance-senior")} if second and not person.senior else set()


def assigning(desk: Desk, giver: Person, case: Case, to: Person, *, fresh: bool) -> Refusals:
    found = risks.at_case(giver, case) | still_open(case)
    if case.kind == "brake":
        found.add((422, "brake-case"))
    found |= excluded(giver, case)
    if not fresh:
        found.add((409, "claim-moved"))
    if case.holder is not giver and not giver.senior:
        found |= risks.ROLE
    if not to.decides:
        found.add((422, "receiver-role"))
    if risks.at_case(to, case) or to in case.barred or instance(to, case):
        found.add((422, "receiver-barred"))
    if case.holder is to:
        found.add((422, "receiver-holds"))
    return found


def deciding(person: Person, case: Case, *, fresh: bool) -> Refusals:
    """What any decision on the case needs: it is open, as it was seen, and in one's hands."""
    found = risks.at_case(person, case)
    if case.state != "open":
        found.add((409, "case-closed") if case.state == "closed" else (422, "case-awaiting"))
    if case.kind in _ELSEWHERE:
        found.add((422, _ELSEWHERE[case.kind]))
    if not fresh:
        found.add((409, "case-moved"))
    if case.holder is None:
        found.add((422, "not-claimed"))
    elif case.holder is not person:
        found.add((409, "claimed-by-other"))
    return found


def keeping(desk: Desk, person: Person, case: Case, *, label_fresh: bool) -> Refusals:
    found = instance(person, case) | risks.moved(case.account, label_fresh)
    if case.kind != "expiry":
        return found
    correction = case.correction
    if correction is None or correction.state != "in_force":
        return found | {(404, "correction-unknown")}
    found |= risks.tied(desk, person, case.account)
    if correction.two_made and (person is correction.by or not person.senior):
        found.add((403, "second-person-needed"))
    return found


def dismissing(case: Case) -> Refusals:
    stands = case.correction is not None and case.correction.state == "in_force"
    owed = case.kind == "contest" or (case.kind == "expiry" and stands)
    return {(422, "answer-needed")} if owed else set()


def lifting_expired(desk: Desk, person: Person, case: Case) -> Refusals:
    correction = case.correction
    if correction is None or correction.state != "in_force":
        return {(404, "correction-unknown")}
    found = risks.tied(desk, person, case.account, withheld=correction.kind == "withhold")
    return found | ({(422, "unconfirmed")} if correction.unconfirmed else set())


def restoring(desk: Desk, person: Person, case: Case, *, label_fresh: bool) -> Refusals:
    current = desk.in_force(case.account) if case.account else None
    if case.kind != "contest" or current is None:
        return {(422, "nothing-to-restore")}
    found = instance(person, case) | risks.moved(case.account, label_fresh)
    return found | risks.ending(desk, person, current, restore=True, appeal=True)


def agreeing(desk: Desk, person: Person, correction: Correction, *, fresh: bool) -> Refusals:
    """What bars from saying yes or no to a proposal."""
    found: Refusals = set() if fresh else {(409, "correction-moved")}
    if not correction.waits:
        return found | {(409, "correction-moved")}
    found |= risks.tied(desk, person, correction.account)
    return found | ({(403, "own-proposal")} if correction.by is person else set())


def approving(desk: Desk, correction: Correction, *, label_fresh: bool) -> Refusals:
    """What bars from saying yes."""
    account = correction.account
    found = risks.moved(account, label_fresh)
    if account.hidden:
        found.add((422, "account-protected"))
    if correction.unconfirmed:
        return found
    current = desk.in_force(account)
    if withheld_since(correction, current):
        found.add((422, "withheld-since"))
    derived = correction.kind in ("coarsen", "mark_uncertain")
    if derived and account.shown[1] != correction.original[1]:
        found.add((409, "label-moved"))
    return found


def withheld_since(correction: Correction, current: Correction | None) -> bool:
    """Whether somebody withheld the label after this was meant for another one."""
    return current is not None and current.kind == "withhold" and current is not correction.over


def withdrawing(person: Person, correction: Correction, *, fresh: bool) -> Refusals:
    found: Refusals = set()
    if correction.account.name in person.own:
        found.add((403, "own-account"))
    if correction.by is not person:
        found.add((403, "not-proposer"))
    if not fresh or correction.state != "proposed":
        found.add((409, "correction-moved"))
    return found


def agreeing_to_end(desk: Desk, person: Person, correction: Correction, *, fresh: bool) -> Refusals:
    found = risks.tied(desk, person, correction.account)
    if not fresh or correction.state != "in_force":
        # whose proposal it was is still known of one that has ended
        found |= {(409, "correction-moved"), (403, "own-proposal")}
    if correction.ending_by is None:
        found.add((422, "lift-not-proposed"))
    elif correction.ending_by is person:
        found.add((403, "own-proposal"))
    return found


def cancelling(desk: Desk, person: Person, correction: Correction, *, fresh: bool) -> Refusals:
    found = risks.tied(desk, person, correction.account)
    if correction.by is not person and not person.senior:
        found.add((403, "not-proposer"))
    if not fresh or correction.state != "scheduled":
        found.add((409, "correction-moved"))
    return found


def undoing(desk: Desk, person: Person, decision: Decision, *, fresh: bool) -> Refusals:
    case, correction = decision.case, decision.correction
    found = risks.tied(desk, person, case.account)
    if not fresh or decision.state != "stands":
        found.add((409, "decision-moved"))
    if decision.by is not person and not person.senior:
        found.add((403, "not-decider"))
    if decision.two:
        found.add((422, "undo-two"))
    if desk.now - decision.at >= UNDO:
        found.add((422, "undo-over"))
    if case.account is not None and case.account.deleted:
        found.add((404, "account-unknown"))
    again = [one for one in desk.unanswered(case.account) if one.kind == case.kind]
    if decision.closed and (case.state != "closed" or again):
        found.add((409, "case-again"))
    return found | (set() if can_give_back(desk, decision, correction) else GONE_BY)


GONE_BY: Refusals = {(409, "correction-moved")}


def can_give_back(desk: Desk, decision: Decision, correction: Correction | None) -> bool:
    """Whether what the decision did still stands as it left it."""
    if decision.renewed is not None:
        kept = decision.case.correction
        return kept is not None and kept.state == "in_force"
    if correction is None:
        return True
    if decision.imposes:
        return correction.state in ("in_force", "scheduled")
    return correction.state == "lifted" and desk.in_force(correction.account) is None


def reverting(
    desk: Desk, person: Person, decision: Decision, *, fresh: bool, label_fresh: bool
) -> Refusals:
    found: Refusals = set()
    if not fresh or decision.state != "stands":
        found.add((409, "decision-moved"))
    correction = decision.correction
    if decision.verdict not in ("correct", "lift", "revert") or correction is None:
        return found | {(422, "nothing-to-revert")}
    account = correction.account
    found |= risks.tied(desk, person, account, withheld=correction.kind == "withhold")
    if decision.imposes:
        return (
            found
            | risks.moved(account, label_fresh)
            | risks.ending(desk, person, correction, restore=True)
        )
    if correction.state != "lifted":
        found |= GONE_BY
    wish = risks.Wish(
        kind=correction.kind, region=correction.region, reverts_itself=correction.reverts_itself
    )
    return found | risks.correcting(desk, person, account, wish, label_fresh=label_fresh)


def contesting(desk: Desk, account: Account, *, fresh: bool) -> Refusals:
    found = risks.moved(account, fresh)
    if account.hidden or account.version == 0:
        found.add((422, "nothing-shown"))
    last = last_contest(desk, account)
    if last is not None and last.state != "closed":
        found.add((409, "contest-open"))
    elif last is not None and instance_for(desk, account) == 2 and last.instance == 2:
        found.add((422, "contest-over"))
    return found


def last_contest(desk: Desk, account: Account) -> Case | None:
    found = [one for one in desk.cases if one.account is account and one.kind == "contest"]
    return found[-1] if found else None


def instance_for(desk: Desk, account: Account) -> int:
    """Once more, where the answer kept the label and nothing changed since."""
    last = last_contest(desk, account)
    again = last is not None and not last.upheld and last.answered_version == account.version
    return 2 if again else 1


def braking(person: Person, held: set[str], *, fresh: bool, holds: bool) -> Refusals:
    found: Refusals = set()
    if not fresh or not holds:
        found.add((409, "brake-decided"))
    if held & person.own:
        found.add((403, "own-account-held"))
    return found
