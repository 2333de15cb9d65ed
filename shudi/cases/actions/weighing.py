"""How severe a case is, kept on its row: the queue's order is an index over it."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account, Protection
from shudi.cases.rules import REPORT_SEVERITY, SEVERITY, CaseKind, CaseState
from shudi.cases.rules.priority import MANY_SENDERS, Raise, Weight, weigh
from shudi.cases.store import Case
from shudi.cases.store.queue import CaseReport
from shudi.labels.store import Label


def weight_of(
    session: Session, kind: CaseKind, account_id: int | None, *, reported: int, senders: int
) -> Weight:
    """What a case of this kind about this account weighs now."""
    row = session.execute(
        sa.select(Account.protection, Label.disputed)
        .outerjoin(Label, Label.account_id == Account.id)
        .where(Account.id == account_id)
    ).first()
    return weigh(
        kind,
        reported=reported,
        senders=senders,
        protected=row is not None and row.protection is not Protection.NONE,
        contested=row is not None and bool(row.disputed),
    )


def reweigh(session: Session, case: Case, *, lower: bool = False) -> None:
    """Bring the case's severity up to date. What harm was reported counts on after the report's
    row has gone, unless `lower` says that reports were taken back. The version stays: what
    somebody is deciding has not changed.
    """
    counted, reported, senders = _reports(session, case.id)
    if case.kind is CaseKind.REPORT and counted < case.reports:
        reported = max(reported, SEVERITY[case.kind])  # reports of our own, or older ones
    if Raise.HARM in case.raised_by.split(",") and not lower:
        reported = max(reported, case.severity)
    weight = weight_of(session, case.kind, case.account_id, reported=reported, senders=senders)
    raised_by = ",".join(weight.raised_by)
    if (case.severity, case.raised_by) != (weight.severity, raised_by):
        session.execute(
            sa.update(Case)
            .where(Case.id == case.id)
            .values(severity=weight.severity, raised_by=raised_by)
        )


def reweigh_account(session: Session, account_id: int) -> None:
    """The same for every case about the account that is not closed."""
    session.flush()  # what the weight depends on was changed by whoever calls
    for case in session.scalars(
        sa.select(Case).where(Case.account_id == account_id, Case.state != CaseState.CLOSED)
    ):
        reweigh(session, case)


def _reports(session: Session, case_id: int) -> tuple[int, int, int]:
    """Of the readers' reports that count: how many, how severe, from how many senders (capped)."""
    live = sa.and_(CaseReport.case_id == case_id, CaseReport.set_aside_id.is_(None))
    by_kind = session.execute(
        sa.select(CaseReport.kind, sa.func.count()).where(live).group_by(CaseReport.kind)
    ).all()
    some = (
        sa.select(CaseReport.sender)
        .where(live, CaseReport.sender != "")
        .distinct()
        .limit(MANY_SENDERS)
        .subquery()
    )
    senders = session.scalar(sa.select(sa.func.count()).select_from(some)) or 0
    reported = max((REPORT_SEVERITY[kind] for kind, _ in by_kind), default=0)
    return sum(count for _, count in by_kind), reported, senders
