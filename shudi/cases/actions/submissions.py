"""Deciding on account information that waits: let it become live, or refuse it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shudi.accounts.actions import accept_submission, refuse_submission
from shudi.accounts.rules import ARTICLE, check_accept_reason, check_rule
from shudi.accounts.store import Account, Submission
from shudi.cases.actions.claims import active_claim, end_claim, get_case, held_case
from shudi.cases.actions.closing import decide
from shudi.cases.actions.information import relabel
from shudi.cases.actions.opening import audit, event, tell
from shudi.cases.rules import CaseKind, CaseState, EventKind, Verdict, check_open
from shudi.cases.store import Case
from shudi.errors import NotFound, Refused, Stale
from shudi.outbox.rules import Topic
from shudi.sites.queries import site_by_id
from shudi.staff.rules import Actor


def accept(
    session: Session,
    *,
    actor: Actor,
    case_id: int,
    version: int,
    reason: str,
    text: str,
    now: datetime,
) -> None:
    """The submitted values become live."""
    case, account = _decidable(session, actor, case_id, version)
    why = check_accept_reason(reason)
    evidence = _evidence(session, account)
    site = site_by_id(session, account.site_id)
    if site is None:
        raise NotFound("site-unknown", "There is no such site.")
    renamed, taken = accept_submission(session, actor=actor, site=site, row=account, now=now)
    relabel(session, account, renamed=renamed, taken=taken, now=now)
    said = {"verdict": Verdict.ACCEPT.value, "reason": why.value, "rule": evidence["rule"]}
    _close(session, actor, case, account, said, text, evidence, now)


def refuse(
    session: Session,
    *,
    actor: Actor,
    case_id: int,
    version: int,
    rule: str,
    text: str,
    now: datetime,
) -> None:
    """The live values stay. `rule` is the one that the submitted values break."""
    case, account = _decidable(session, actor, case_id, version)
    broken = check_rule(rule)
    evidence = _evidence(session, account)
    refuse_submission(session, actor=actor, row=account, rule=broken, now=now)
    said = {"verdict": Verdict.REFUSE.value, "reason": broken.value, "rule": broken.value}
    _close(session, actor, case, account, said, text, evidence, now)


def _decidable(session: Session, actor: Actor, case_id: int, version: int) -> tuple[Case, Account]:
    case = get_case(session, actor, case_id)
    if case.kind is not CaseKind.ACCOUNT_INFORMATION:
        raise Refused("label-case", "This case is about a label.")
    if case.state is CaseState.CLOSED:
        raise Stale("case-closed", "This case is closed.", state=case.state.value)
    check_open(case.state)
    held_case(session, actor, case_id, version)
    account = session.get(Account, case.account_id)
    if account is None:
        raise NotFound("account-unknown", "There is no such account.")
    return case, account


def _evidence(session: Session, account: Account) -> dict[str, Any]:
    """Both sets of values as they stand at the moment of deciding; erased with the account."""
    waiting = session.get(Submission, account.id)
    if waiting is None:
        raise NotFound("submission-unknown", "Nothing waits for this account any more.")
    names = ("name", "handle", "bio", "avatar_url")
    return {
        "live": {name: getattr(account, name) or "" for name in names},
        "submitted": {name: getattr(waiting, name) or "" for name in names},
        "field": waiting.field,
        "rule": waiting.rule.value,
        "submitted_at": waiting.submitted_at.isoformat(),
    }


def _close(
    session: Session,
    actor: Actor,
    case: Case,
    account: Account,
    said: dict[str, str],
    text: str,
    evidence: dict[str, Any],
    now: datetime,
) -> None:
    """Close the case on `said`: the verdict, its reason, and the rule it is about."""
    claim = active_claim(session, case.id)
    before = {"holder": claim.staff_id if claim else None, "closed": True}
    end_claim(session, case.id, now)
    case.state = CaseState.CLOSED
    case.closed_at = case.updated_at = now
    decide(
        session, actor.staff_id, case, Verdict(said["verdict"]), said["reason"], text, now,
        before=before, evidence=evidence,
    )  # fmt: skip
    article = ARTICLE[check_rule(said["rule"])]
    event(session, case, EventKind.DECIDED, actor, now, text, said)
    audit(session, actor, "case.decided", case, now, after=said | {"article": article}, text=text)
    payload = {
        "case": case.id,
        "site": case.site_id,
        "account": account.account,
        "kind": case.kind.value,
        "verdict": said["verdict"],
        "rule": said["rule"],
        "article": article,
    }
    tell(session, case, Topic.ACCOUNT_DECIDED, payload, now)
