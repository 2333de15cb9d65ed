"""Who is tied to what, and what takes two people, as the model sees it."""

import dataclasses
from datetime import datetime

from tests.model import showing
from tests.model.state import Account, Case, Correction, Desk, Person

Refusals = set[tuple[int, str]]
GONE: Refusals = {(403, "csrf-token")}  # who does not work here any more is a stranger
ROLE: Refusals = {(403, "role")}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wish:
    """A correction as somebody asks for it."""

    kind: str
    region: str | None = None
    days: int | None = None
    starts: datetime | None = None
    reverts_itself: bool = False


def door(person: Person, *, senior: bool = False) -> Refusals:
    """What a role bars before anything else is asked."""
    if not person.active:
        return GONE
    return set() if (person.senior if senior else person.decides) else ROLE


def tied(
    desk: Desk, person: Person, account: Account | None, *, withheld: bool = False
) -> Refusals:
    """What bars a person from any say on a label."""
    found: Refusals = set()
    if account is not None and account.name in person.own:
        found.add((403, "own-account"))
    if person in desk.contested(account):
        found.add((403, "own-decision"))
    if withheld and not person.senior:
        found.add((403, "senior-needed"))
    return found


def at_case(person: Person, case: Case) -> Refusals:
    """What bars from doing anything with the case."""
    own = case.account is not None and case.account.name in person.own
    return {(403, "own-account")} if own else set()


def moved(account: Account | None, fresh: bool) -> Refusals:
    return {(409, "label-moved")} if account is not None and not fresh else set()


def ending(
    desk: Desk, person: Person, correction: Correction, *, restore: bool, appeal: bool = False
) -> Refusals:
    """What bars from ending a correction before its time, or from proposing to."""
    found = tied(desk, person, correction.account, withheld=correction.kind == "withhold")
    if correction.state != "in_force":
        return found | {(409, "correction-moved")}
    if correction.unconfirmed:
        found.add((422, "unconfirmed"))
    risky = ending_risks(desk, person, correction, restore=restore, appeal=appeal)
    if risky and correction.ending_by is not None:
        found.add((409, "lift-waiting"))
    return found


def ending_risks(
    desk: Desk, person: Person, correction: Correction, *, restore: bool, appeal: bool = False
) -> set[str]:
    """Why ending it takes two people. Once its term is over it takes one."""
    if correction.expired:
        return set()
    account = correction.account
    after = showing.without(desk, correction, restore)
    found = {
        "protected": account.hidden,
        "cross_border": crosses(account.shown[1], after[1]),
        "own_decision": own_result(desk, person, account),
        "appeal_upheld": appeal,
        "two_made": correction.two_made,
    }
    return {risk for risk, holds in found.items() if holds}


def crosses(before: str | None, after: str | None) -> bool:
    return bool(before and after) and str(before)[:2] != str(after)[:2]


def own_result(desk: Desk, person: Person, account: Account) -> bool:
    """Whether readers see what this person decided last."""
    current = desk.in_force(account)
    if current is not None and current.by is person and (current.starts or current.case is None):
        return True
    own = [
        one
        for one in desk.decisions
        if one.by is person
        and one.case.account is account
        and one.state == "stands"
        and one.verdict != "dismiss"
    ]
    return bool(own) and own[-1].result == account.shown


def placed(wish: Wish, account: Account) -> tuple[str | None, Refusals]:
    """The region that the correction would show, and why it cannot."""
    region = account.shown[1]
    if wish.kind == "withhold":
        found: str | None = None
    elif wish.kind == "replace":
        if wish.region not in ("CN-GD", "CN-ZJ", "US", "HK", "CN"):
            return None, {(422, "region-unknown")}
        if wish.region == region:
            return None, {(422, "no-change")}
        found = wish.region
    else:
        found = showing.PARENT.get(region or "")
        if wish.kind == "coarsen" and found is None:
            return None, {(422, "nothing-coarser")}
    return found, ({(422, "no-change")} if outcome(wish.kind, found) == account.shown else set())


def outcome(kind: str, region: str | None) -> tuple[str, str | None]:
    return {"withhold": "withheld", "mark_uncertain": "uncertain"}.get(kind, "labelled"), region


def correcting(
    desk: Desk, person: Person, account: Account, wish: Wish, *, label_fresh: bool
) -> Refusals:
    """What bars from another correction in the place of what is shown."""
    current = desk.in_force(account)
    found = tied(desk, person, account, withheld=current is not None and current.kind == "withhold")
    if account.deleted:
        found.add((404, "account-unknown"))
    if account.hidden:
        found.add((422, "account-protected"))
    found |= moved(account, label_fresh)
    if not (wish.kind == "withhold" and wish.starts is None) and desk.pending(account):
        found.add((409, "correction-waiting"))
    if wish.kind == "withhold" and wish.reverts_itself:
        found.add((422, "withhold-reverts"))
    return found | placed(wish, account)[1]


def correcting_risks(
    desk: Desk, person: Person | None, account: Account, wish: Wish, *, appeal: bool
) -> set[str]:
    """Why the correction takes two people."""
    region, refused = placed(wish, account)
    if refused:
        return set()
    current = desk.in_force(account)
    found = {
        "replace": wish.kind == "replace",
        "cross_border": crosses(account.shown[1], region),
        "own_decision": person is not None and own_result(desk, person, account),
        "appeal_upheld": appeal,
        "two_made": current is not None and not current.expired and current.two_made,
    }
    return {risk for risk, holds in found.items() if holds}
