"""Setting one sender's reports aside in one act, on an explicit list of cases, and undoing it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.cases.actions.claims import active_claim, staff_id
from shudi.cases.actions.closing import close_decided
from shudi.cases.actions.opening import audit, event
from shudi.cases.actions.weighing import reweigh
from shudi.cases.rules import (
    SENDER_KEPT,
    SET_ASIDE_MOST,
    CaseKind,
    CaseState,
    EventKind,
    KeepReason,
    Verdict,
)
from shudi.cases.rules.priority import Fate, fate
from shudi.cases.store import Case, Excluded
from shudi.cases.store.queue import CaseReport, SetAside, SetAsideCase
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.sites.queries import site_by_id
from shudi.staff.rules import Actor, Permission


def set_aside(
    session: Session,
    *,
    actor: Actor,
    report_id: int,
    cases: Sequence[int],
    seen: int,
    text: str,
    now: datetime,
) -> int:
    """Set aside the reports that came from the sender of `report_id` about these cases.

    Only reports up to `seen`, the newest that was looked at: what came in since is not swept
    along. A case that rests on them alone is dismissed, others lose their count, and what somebody
    else holds stays as it is. Returns the act's id; Stale if nothing is left to set aside.
    """
    actor.require(Permission.CASE_DECIDE)
    if not 0 < len(cases) <= SET_ASIDE_MOST:
        raise Invalid("cases-needed", "Choose between 1 and 100 cases.")
    rows = _reports(session, report_id, cases, seen)
    act = SetAside(at=now, staff_id=staff_id(actor), reports=0, dismissed=0)
    session.add(act)
    session.flush()  # what follows names the act
    for case_id, ids in rows.items():
        case = session.get_one(Case, case_id)
        chosen = _fate(session, actor, case, len(ids), now)
        if chosen in (Fate.DISMISSED, Fate.LESS):
            _put_aside(session, actor, act, case, ids, chosen, text, now)
    if act.reports == 0:
        raise Stale("reports-moved", "There is nothing left here to set aside.")
    _audit(session, actor, "reports.set_aside", act, now, text)
    return act.id


def _reports(
    session: Session, report_id: int, cases: Sequence[int], seen: int
) -> dict[int, list[int]]:
    sender = session.scalar(sa.select(CaseReport.sender).where(CaseReport.id == report_id))
    if not sender:
        raise NotFound("sender-unknown", "It is not known who sent this.")
    found: dict[int, list[int]] = {}
    for case_id, row_id in session.execute(
        sa.select(CaseReport.case_id, CaseReport.id)
        .join(Case, Case.id == CaseReport.case_id)
        .where(
            CaseReport.sender == sender,
            CaseReport.id <= seen,
            CaseReport.set_aside_id.is_(None),
            CaseReport.case_id.in_(cases),
            Case.state != CaseState.CLOSED,
        )
        .order_by(CaseReport.case_id)
    ):
        found.setdefault(case_id, []).append(row_id)
    return found


def _fate(session: Session, actor: Actor, case: Case, theirs: int, now: datetime) -> Fate:
    active = active_claim(session, case.id)
    held = active is not None and active.staff_id != actor.staff_id and active.expires_at > now
    excluded = session.get(Excluded, (case.id, actor.staff_id)) is not None
    return fate(
        reports=case.reports,
        theirs=theirs,
        state=case.state,
        held=held,
        barred=excluded or case.account_id in actor.own_accounts,
    )


def _put_aside(
    session: Session,
    actor: Actor,
    act: SetAside,
    case: Case,
    ids: list[int],
    chosen: Fate,
    text: str,
    now: datetime,
) -> None:
    session.execute(sa.update(CaseReport).where(CaseReport.id.in_(ids)).values(set_aside_id=act.id))
    dismissed = chosen is Fate.DISMISSED
    session.add(
        SetAsideCase(set_aside_id=act.id, case_id=case.id, reports=len(ids), dismissed=dismissed)
    )
    act.reports += len(ids)
    data = {"reports": len(ids), "set_aside": act.id}
    event(session, case, EventKind.SET_ASIDE, actor, now, data=data)
    if dismissed:
        act.dismissed += 1
        reason = KeepReason.ABUSIVE_REPORT.value
        close_decided(session, actor, case, Verdict.DISMISS, reason, text, now)
        return
    _count(session, case, -len(ids))
    reweigh(session, case, lower=True)


def _count(session: Session, case: Case, by: int) -> None:
    """Move the number of reports; the version stays, as it does when a report joins."""
    session.execute(
        sa.update(Case).where(Case.id == case.id).values(reports=Case.reports + by),
        execution_options={"synchronize_session": "fetch"},
    )


def restore(session: Session, *, actor: Actor, set_aside_id: int, now: datetime) -> None:
    """Undo an act of setting aside: its reports count again, the cases it dismissed are open."""
    actor.require(Permission.CASE_DECIDE)
    act = session.get(SetAside, set_aside_id)
    if act is None:
        raise NotFound("set-aside-unknown", "There is no such act.")
    if act.undone_at is not None:
        raise Stale("set-aside-undone", "Somebody has undone this already.")
    if act.at <= now - SENDER_KEPT:
        raise Refused("set-aside-old", "The reports of that act are not kept any more.")
    for row in session.scalars(
        sa.select(SetAsideCase).where(SetAsideCase.set_aside_id == set_aside_id)
    ).all():
        _bring_back(session, actor, act, row, now)
    act.undone_at, act.undone_by = now, staff_id(actor)
    _audit(session, actor, "reports.restored", act, now)


def _bring_back(
    session: Session, actor: Actor, act: SetAside, row: SetAsideCase, now: datetime
) -> None:
    case = session.get_one(Case, row.case_id)
    if case.account_id in actor.own_accounts:
        raise NotAllowed("own-account", "This is an account of your own.")
    if site_by_id(session, case.site_id) is None:
        return  # the site was closed meanwhile
    theirs = sa.and_(CaseReport.set_aside_id == act.id, CaseReport.case_id == case.id)
    back = session.scalar(sa.select(sa.func.count()).select_from(CaseReport).where(theirs)) or 0
    if back == 0:
        return  # the account was erased meanwhile, and its reports with it
    target = case
    if row.dismissed:
        target = _reopen(session, actor, act, case, now)
    session.execute(
        sa.update(CaseReport).where(theirs).values(set_aside_id=None, case_id=target.id)
    )
    if target is not case or not row.dismissed:
        _count(session, target, back)
    reweigh(session, target)
    data = {"reports": back, "set_aside": act.id}
    event(session, target, EventKind.RESTORED, actor, now, data=data)


def _reopen(session: Session, actor: Actor, act: SetAside, case: Case, now: datetime) -> Case:
    """The case itself, open again as far as this act closed it; else the one that followed it."""
    if case.state is not CaseState.CLOSED or case.closed_at != act.at:
        return case
    other = session.scalar(
        sa.select(Case).where(
            Case.account_id == case.account_id,
            Case.kind == CaseKind.REPORT,
            Case.state != CaseState.CLOSED,
        )
    )
    if other is not None:
        return other
    case.state, case.closed_at, case.updated_at = CaseState.OPEN, None, now
    session.flush()  # the weight below is written beside it
    audit(session, actor, "case.reopened", case, now)
    return case


def _audit(
    session: Session, actor: Actor, action: str, act: SetAside, now: datetime, text: str = ""
) -> None:
    after: dict[str, Any] = {"reports": act.reports, "dismissed": act.dismissed}
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            target_type="set_aside",
            target_id=act.id,
            after=after,
            text=text,
            request_id=actor.request_id,
        ),
        now=now,
    )
