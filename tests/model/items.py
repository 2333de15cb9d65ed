"""One account of a batch in the model: what stands against it, and what is done to it."""

from tests.model import acting, reversing, risks, showing
from tests.model.risks import Refusals, Wish
from tests.model.state import Account, Batch, Correction, Decision, Desk, Item

KINDS = ("coarsen", "withhold", "mark_uncertain")
# What says that nothing is left to do.
_SO = ("no-change", "nothing-coarser", "no-correction", "taken-back")
# What the second person of a revert has agreed to: it lies in the batch, not in an account.
_AGREED = {"own_decision", "two_made"}


def outcomes(found: Refusals) -> set[tuple[str, str]]:
    """What may be said of an account that these stand against."""
    said = set()
    for status, code in found:
        name = "nothing_to_do" if code in _SO else "stale" if status == 409 else "refused"
        said.add((name, code))
    return said


def against(desk: Desk, batch: Batch, item: Item) -> Refusals:
    """Everything that stands against it. What a list that is run again meets of its own making is
    said before that the label moved.
    """
    person, account = batch.by, item.account
    if not person.decides:
        return {(403, "role")}
    if account is None:
        return {(404, "account-unknown")}
    found: Refusals = set()
    if account.name in person.own:
        found.add((403, "own-account"))
    if account.deleted:
        return found | {(404, "account-deleted")}
    if not account.known:
        return found | {(422, "no-label")}
    contests = [one for one in desk.unanswered(account) if one.kind == "contest"]
    if batch.act != "undo" and contests:
        found.add((422, "contested"))
    if batch.act in KINDS:
        found |= _against_correcting(desk, batch, account)
    elif batch.act == "lift":
        found |= _against_lifting(desk, batch, account)
    else:
        found |= _against_taking_back(desk, batch, item)
    if item.seen not in (None, account.version) and not _made_already(found):
        found.add((409, "label-moved"))
    return found


def _made_already(found: Refusals) -> bool:
    return any(code in ("no-change", "no-correction", "taken-back") for _, code in found)


def _wish(batch: Batch) -> Wish:
    return Wish(kind=batch.act, days=batch.days, reverts_itself=batch.reverts_itself)


def _against_correcting(desk: Desk, batch: Batch, account: Account) -> Refusals:
    wish, current = _wish(batch), desk.in_force(account)
    found = risks.correcting(desk, batch.by, account, wish, label_fresh=True)
    twice = batch.act == "mark_uncertain" and account.shown[0] == "uncertain"
    if twice or (current is not None and current.kind == batch.act):
        found.add((422, "no-change"))
    if current is not None and current.unconfirmed:
        found.add((422, "unconfirmed"))  # it is left to whoever is asked to confirm it
    why = risks.correcting_risks(desk, batch.by, account, wish, appeal=False)
    return found | _alone(why)


def _alone(why: set[str]) -> Refusals:
    """A second person's word on a long list is not a look at one account."""
    return {(422, "second-person")} if why else set()


def _against_lifting(desk: Desk, batch: Batch, account: Account) -> Refusals:
    current = desk.in_force(account)
    if current is None:
        return {(422, "no-correction")}
    return _against_ending(desk, batch, current, restore=False)


def _against_ending(desk: Desk, batch: Batch, correction: Correction, *, restore: bool) -> Refusals:
    found = risks.tied(desk, batch.by, correction.account, withheld=correction.kind == "withhold")
    if correction.unconfirmed:
        found.add((422, "unconfirmed"))
    why = risks.ending_risks(desk, batch.by, correction, restore=restore)
    return found | _alone(why - _agreed(batch))


def _agreed(batch: Batch) -> set[str]:
    return _AGREED if batch.act == "revert" and batch.second else set()


def _against_taking_back(desk: Desk, batch: Batch, item: Item) -> Refusals:
    former, correction = batch.takes, item.correction
    assert former is not None
    assert correction is not None
    lifted = former.act == "lift"
    found = _against_standing(desk, item, correction, lifted=lifted)
    if batch.act == "undo":
        found |= risks.tied(desk, batch.by, correction.account)
        senior = batch.by.senior or former.by is batch.by
        return found if senior else found | {(403, "not-decider")}
    if found:
        return found
    if not lifted:
        return _against_ending(desk, batch, correction, restore=True)
    return _against_imposing(desk, batch, correction)


def _against_standing(desk: Desk, item: Item, correction: Correction, *, lifted: bool) -> Refusals:
    """Whether what the batch did there still stands as it left it."""
    if not lifted:
        codes = {"in_force": "", "superseded": "superseded"}
        code = codes.get(correction.state, "taken-back")
        return {(422, code)} if code else set()
    if correction.state != "lifted" or correction.ended != item.ended:
        return {(422, "taken-back")}
    current = desk.in_force(correction.account)
    return {(422, "superseded")} if current is not None else set()


def _once_more(correction: Correction) -> Wish:
    return Wish(
        kind=correction.kind,
        region=correction.region,
        reverts_itself=correction.reverts_itself,
    )


def _against_imposing(desk: Desk, batch: Batch, correction: Correction) -> Refusals:
    account, wish = correction.account, _once_more(correction)
    found = risks.correcting(desk, batch.by, account, wish, label_fresh=True)
    if correction.kind == "withhold" and not batch.by.senior:
        found.add((403, "senior-needed"))
    why = risks.correcting_risks(desk, batch.by, account, wish, appeal=False)
    return found | _alone(why - _agreed(batch))


# -- what is done to it ---------------------------------------------------------------------------


def carry_out(desk: Desk, batch: Batch, item: Item) -> Correction:
    account = item.account
    assert account is not None
    if batch.act in KINDS:
        made = acting.new_correction(desk, batch.by, account, _wish(batch), set())
        made.approved_by = batch.agreed
        showing.close_overtaken(desk, account)
        return made
    correction = desk.in_force(account) if batch.act == "lift" else item.correction
    assert correction is not None
    lifted = batch.takes is not None and batch.takes.act == "lift"
    if batch.act == "undo":
        _undo(desk, correction, lifted=lifted)
    elif lifted:
        return _impose(desk, batch, correction)
    else:
        correction.ending_restores = batch.act == "revert"
        acting.end_by_people(desk, correction, batch.by, by=batch.by, two=batch.second)
    return correction


def _ending(desk: Desk, correction: Correction) -> Decision | None:
    """The decision by which it ended, where a case had made it."""
    found = [
        one
        for one in desk.decisions
        if one.correction is correction and one.verdict == "lift" and one.state == "stands"
    ]
    return found[-1] if found else None


def _undo(desk: Desk, correction: Correction, *, lifted: bool) -> None:
    """As if the batch had not touched this account."""
    decision = _ending(desk, correction) if lifted else None
    if decision is not None:
        reversing.undo(desk, decision)
    elif lifted:
        reversing.put_back(desk, correction, asked=False)
    else:
        showing.end(desk, correction, "undone", None, restore=True)
    showing.close_overtaken(desk, correction.account)


def _impose(desk: Desk, batch: Batch, correction: Correction) -> Correction:
    decision = _ending(desk, correction)
    wish = _once_more(correction)
    again = acting.new_correction(desk, batch.by, correction.account, wish, set())
    again.approved_by, again.reverts = batch.agreed, decision
    if decision is not None:
        acting.link(desk, decision, again, batch.by, two=batch.second)
    showing.close_overtaken(desk, correction.account)
    return again
