"""The model's labels and corrections: what is shown, what takes whose place, what comes back."""

from tests.model.state import NOTHING, Account, Case, Correction, Decision, Desk, Person, Shown

PARENT = {"CN-GD": "CN", "CN-ZJ": "CN"}


def shows(desk: Desk, account: Account, force: Correction | None) -> tuple[Shown, str]:
    """State and region, and on what they rest, with `force` in force."""
    if account.hidden or account.deleted:
        return NOTHING, "none"
    if force is not None:
        return force.outcome, "correction"
    return account.resolved, "none" if account.resolved[0] == "none" else "activity"


def refresh(desk: Desk, account: Account) -> bool:
    """Show what is right now; whether readers see a change."""
    after = shows(desk, account, desk.in_force(account))
    if (account.shown, account.basis) == after:
        return False
    account.shown, account.basis = after
    account.touch()
    return True


def put_in_force(desk: Desk, correction: Correction) -> None:
    """It takes the place of the one in force; a proposal to end that one comes to nothing."""
    current = desk.in_force(correction.account)
    if current is not None:
        current.state, current.unconfirmed, current.ending_by = "superseded", False, None
        current.moves += 1
        correction.replaced = current
    correction.state = "in_force"
    correction.moves += 1
    refresh(desk, correction.account)


def end(desk: Desk, correction: Correction, state: str, by: Person | None, restore: bool) -> None:
    """It counts no longer. With `restore`, what it had replaced counts again, unless that ended
    by itself meanwhile.
    """
    was_shown = correction.state == "in_force"
    desk.ends += 1
    correction.state, correction.ended_by, correction.ended = state, by, desk.ends
    correction.unconfirmed = False
    correction.moves += 1
    if not was_shown:
        return
    former = correction.replaced
    if restore and former is not None and comes_back(desk, former):
        former.state = "in_force"
        former.expired = former.expired and former.expires > desk.now
        former.moves += 1
    refresh(desk, correction.account)


def comes_back(desk: Desk, former: Correction) -> bool:
    """Only a correction that was to revert by itself has an end that nobody decides."""
    lasts = former.expires > desk.now or not former.reverts_itself
    return former.state == "superseded" and lasts


def without(desk: Desk, correction: Correction, restore: bool) -> Shown:
    """What readers would see if it ended."""
    former = correction.replaced
    back = former if restore and former is not None and comes_back(desk, former) else None
    return shows(desk, correction.account, back)[0]


def waits_for_somebody(desk: Desk, case: Case) -> bool:
    """Whether a second person has something to agree to for this case."""
    if case.lifts is not None and case.lifts.state == "in_force" and case.lifts.ending_by:
        return True
    return any(one.case is case and one.waits for one in desk.corrections)


def close_overtaken(desk: Desk, account: Account) -> None:
    """Cases whose question was answered another way are closed; a contest is open again, as its
    holder is owed an answer.
    """
    for case in list(desk.unanswered(account)):
        if case.state == "open":
            gone = case.correction is None or case.correction.state != "in_force"
            if case.kind == "expiry" and gone:
                close(desk, case)
        elif case.kind != "second_look" and not waits_for_somebody(desk, case):
            if case.kind == "contest":
                reopen(case)
            else:
                close(desk, case)


def close(desk: Desk, case: Case) -> None:
    """Nobody works on it any more; a contested label stops being disputed."""
    case.state, case.closed_at = "closed", desk.now
    case.moves += 1
    case.release()
    if case.kind == "contest" and case.account is not None and case.account.disputed:
        case.account.disputed = False
        case.account.touch()


def reopen(case: Case) -> None:
    """An awaiting case is for everybody again."""
    case.state, case.lifts = "open", None
    case.moves += 1


def await_second(case: Case) -> None:
    """A second person has the word."""
    case.state = "awaiting"
    case.moves += 1
    case.release()


def decide(
    desk: Desk,
    case: Case,
    by: Person,
    verdict: str,
    correction: Correction | None = None,
    *,
    two: bool = False,
    closed: bool = True,
    reverts: Decision | None = None,
) -> Decision:
    """Put a decision on record; one that closes its case answers the contest it may be."""
    account = case.account
    holder = case.holder
    if closed:
        close(desk, case)
    decision = Decision(
        case=case,
        by=by,
        verdict=verdict,
        at=desk.now,
        correction=correction,
        seen=account.shown if account else NOTHING,
        two=two,
        closed=closed,
        holder=None if two else holder,
        reverts=reverts,
    )
    desk.decisions.append(decision)
    if closed and case.kind == "contest" and account is not None:
        case.answered_version, case.upheld = account.version, verdict != "keep"
        case.lifts = None
    if closed and not two:
        case.part.add(by)
    return decision


def open_case(
    desk: Desk, kind: str, account: Account | None, correction: Correction | None = None
) -> Case:
    """Open a case, or join the one about the same thing that is not closed."""
    known = [one for one in desk.unanswered(account) if one.kind == kind and account is not None]
    if known:
        [case] = known
        case.reports += 1
        if correction is not None and case.correction is not correction:
            case.correction = correction
            case.moves += 1
        return case
    case = Case(kind, account, correction=correction)
    desk.cases.append(case)
    return case
