"""Taking back a decision on account information: undone for ten minutes, later reverted by
another decision. Both only where nothing moved since: values that the platform has sent by then
are newer than anything that could be brought back.
"""

import dataclasses
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shudi.accounts.actions import restoring
from shudi.accounts.rules import ARTICLE, AcceptReason, Rule
from shudi.accounts.store import Account
from shudi.cases.actions import ruling
from shudi.cases.actions.closing import decide
from shudi.cases.actions.information import relabel
from shudi.cases.actions.opening import audit, event, tell
from shudi.cases.actions.standing import standing_of
from shudi.cases.rules import EventKind, Verdict
from shudi.cases.rules.decisions import Stands, check_on_values
from shudi.cases.rules.policy import Act, check
from shudi.cases.store import Case, Decision
from shudi.cases.store.decisions import Standing
from shudi.errors import NotFound, Refused, Stale
from shudi.labels.rules import check_reason
from shudi.outbox.rules import Topic
from shudi.sites.queries import check_serving, site_by_id
from shudi.staff.rules import Actor, Permission

WAITS_AGAIN = "pending"  # what the platform is told where a decision counts no longer


def give_back(session: Session, decision: Decision, standing: Standing, now: datetime) -> None:
    """The account as it was before the decision: the values wait again, or, where the decision
    reverted another, what that one had decided stands again. Stale where something moved since.
    """
    account = _as_left(session, decision)
    frozen, former = decision.frozen, standing.before.get("reverts")
    if decision.verdict is Verdict.ACCEPT:
        _publish(session, account, frozen["live"], now)
        refusal = session.get(Decision, former) if former is not None else None
        _set_aside(session, account, frozen, refusal)
    elif former is not None:
        _publish(session, account, frozen["submitted"], now)
    else:
        _set_aside(session, account, frozen, None)
    verdict = WAITS_AGAIN
    if former is not None:
        verdict = (Verdict.REFUSE if decision.verdict is Verdict.ACCEPT else Verdict.ACCEPT).value
    _tell(session, session.get_one(Case, decision.case_id), account, verdict, frozen["rule"], now)


def revert(
    session: Session,
    *,
    actor: Actor,
    decision_id: int,
    version: int,
    text: str,
    now: datetime,
) -> Decision:
    """Decide the other way: what was accepted is refused and what was live before is live again,
    or what was refused becomes live. Somebody else than who decided.
    """
    actor.require(Permission.CASE_DECIDE)
    text = check_reason(text)
    former, standing = standing_of(session, decision_id, version)
    check_on_values(former.verdict)
    matter = ruling.matter(session, former.account_id)
    check(Act.REVERT_VALUES, actor, dataclasses.replace(matter, decider=former.staff_id))
    account = _as_left(session, former)
    frozen = former.frozen
    if former.verdict is Verdict.ACCEPT:
        verdict, reason = Verdict.REFUSE, frozen["rule"]
        _publish(session, account, frozen["live"], now)
    else:
        verdict, reason = Verdict.ACCEPT, AcceptReason.REVERTED.value
        _publish(session, account, frozen["submitted"], now)
    case = session.get_one(Case, former.case_id)
    before = {"reverts": former.id, "closed": False}
    decision = decide(
        session, actor.staff_id, case, verdict, reason, text, now, before=before, evidence=frozen
    )
    if verdict is Verdict.REFUSE:
        _set_aside(session, account, frozen, decision)
    standing.state, standing.reverted_by = Stands.REVERTED, decision.id
    standing.changed_at, standing.changed_by = now, actor.staff_id
    data = {"verdict": verdict.value, "reverts": former.id, "decision": decision.id}
    event(session, case, EventKind.REVERTED, actor, now, text, data)
    audit(session, actor, "case.reverted", case, now, after=data, text=text)
    _tell(session, case, account, verdict.value, frozen["rule"], now)
    return decision


def _as_left(session: Session, decision: Decision) -> Account:
    """The account, if it is as the decision left it."""
    account = session.get(Account, decision.account_id)
    frozen = decision.frozen
    if account is None or account.deleted_at is not None:
        raise Stale("values-moved", "The account's information is another by now.")
    check_serving(session, account.site_id)
    if "submitted" not in frozen:
        raise Refused("values-unkept", "What was decided on was not kept with this decision.")
    accepted = decision.verdict is Verdict.ACCEPT
    restoring.check_as_left(
        session,
        account,
        live=frozen["submitted"] if accepted else frozen["live"],
        refused=None if accepted else frozen["submitted"],
        at=decision.at,
    )
    return account


def _publish(session: Session, account: Account, values: dict[str, str], now: datetime) -> None:
    site = site_by_id(session, account.site_id)
    if site is None:
        raise NotFound("site-unknown", "There is no such site.")
    renamed, taken = restoring.make_live(session, site=site, row=account, values=values, now=now)
    relabel(session, account, renamed=renamed, taken=taken, now=now)


def _set_aside(
    session: Session, account: Account, frozen: dict[str, Any], refusal: Decision | None
) -> None:
    """The submitted values wait, or count as refused by that decision."""
    restoring.keep_aside(
        session,
        row=account,
        values=frozen["submitted"],
        field=frozen["field"],
        rule=Rule(frozen["rule"]),
        submitted_at=datetime.fromisoformat(frozen["submitted_at"]),
        refused=(Rule(refusal.reason), refusal.at) if refusal else None,
    )


def _tell(
    session: Session, case: Case, account: Account, verdict: str, rule: str, now: datetime
) -> None:
    payload = {
        "case": case.id,
        "site": case.site_id,
        "account": account.account,
        "kind": case.kind.value,
        "verdict": verdict,
        "rule": rule,
        "article": ARTICLE[Rule(rule)],
    }
    tell(session, case, Topic.ACCOUNT_DECIDED, payload, now)
