"""The one way in which a displayed label changes: version, date and sequence move together."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account, Protection
from shudi.db.ahead import Question
from shudi.labels.rules import CorrectionState, InForce, Resolved, displayed
from shudi.labels.store import Correction, Label
from shudi.sites.store import Site


def next_seqs(session: Session, site_id: int, count: int, now: datetime) -> int:
    """Take `count` numbers of the site's sequence and move its `as_of`; returns the first."""
    last = session.execute(
        sa.update(Site)
        .where(Site.id == site_id)
        .values(seq=Site.seq + count, as_of=now)
        .returning(Site.seq)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    return int(last) - count + 1


def label_of(session: Session, account: Account, now: datetime) -> Label:
    """The account's label row, made if there is none."""
    label = session.get(Label, account.id)
    if label is None:
        label = Label(
            account_id=account.id,
            site_id=account.site_id,
            account=account.account,
            since=now.date(),
            hidden=account.protection is not Protection.NONE,
        )
        session.add(label)
        session.flush()  # later statements of the act read it by SQL
    return label


@Question
def in_force(session: Session, account_ids: Iterable[int]) -> dict[int, Correction]:
    """The correction that decides an account's label now."""
    rows = session.scalars(
        sa.select(Correction).where(
            Correction.account_id.in_(account_ids), Correction.state == CorrectionState.IN_FORCE
        )
    )
    return {row.account_id: row for row in rows}


def refresh(session: Session, label: Label, correction: Correction | None, now: datetime) -> bool:
    """Recompute what is displayed; returns whether readers see a change."""
    applied = InForce(correction.kind, correction.region) if correction else None
    shown = displayed(
        Resolved(label.resolved_state, label.resolved_region), applied, hidden=label.hidden
    )
    if (label.state, label.region, label.basis, label.corrected) == (
        shown.state,
        shown.region,
        shown.basis,
        shown.corrected,
    ):
        return False
    label.state, label.region, label.basis = shown.state, shown.region, shown.basis
    label.corrected = shown.corrected
    touch(session, label, now)
    return True


def touch(session: Session, label: Label, now: datetime) -> None:
    """Count a displayed change: it gets a version, a date and a place in the change feed."""
    label.version += 1
    label.since = now.date()
    label.seq = next_seqs(session, label.site_id, 1, now)
