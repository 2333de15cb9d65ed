"""Deleting an account: what is known of it goes, a tombstone with its id stays in the feed."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.actions import erase_account
from shudi.accounts.rules import check_identifier
from shudi.accounts.store import Account
from shudi.audit.actions import erase_texts
from shudi.audit.store import AuditRow
from shudi.cases.actions import attachments
from shudi.cases.rules import CaseState
from shudi.cases.store import Case, CaseEvent, Claim, Decision, HolderLink, HolderSession
from shudi.cases.store.appeals import Appeal
from shudi.cases.store.batches import BatchItem
from shudi.cases.store.case_page import Mention
from shudi.cases.store.decisions import SecondLook
from shudi.cases.store.queue import CaseReport
from shudi.labels.actions.display import touch
from shudi.labels.rules import Basis, CorrectionState, State
from shudi.labels.store import (
    Correction,
    DroppedResult,
    HeldResult,
    Label,
    LatestActivity,
    Tally,
)
from shudi.labels.store.samples import BrakeSample
from shudi.labels.store.trials import SourceTrial
from shudi.staff.rules import Actor

STANDING = (CorrectionState.IN_FORCE, CorrectionState.PROPOSED, CorrectionState.SCHEDULED)
_QUIET = {"synchronize_session": False}


def delete_account(
    session: Session, *, actor: Actor, site_id: int, account: str, now: datetime
) -> bool:
    """Erase an account; False if there was none (or no longer)."""
    row = session.scalar(
        sa.select(Account).where(
            Account.site_id == site_id,
            Account.account == check_identifier(account),
            Account.deleted_at.is_(None),
        )
    )
    if row is None:
        return False
    erase_account(session, actor=actor, row=row, now=now)
    _erase_label(session, row.id, now)
    _erase_cases(session, row.id, now)
    attachments.give_up(session, account_id=row.id, now=now)
    _erase_words(session, row.id)
    return True


def _erase_label(session: Session, account_id: int, now: datetime) -> None:
    session.execute(
        sa.update(Correction)
        .where(
            Correction.account_id == account_id,
            Correction.state.in_(STANDING),
        )
        .values(
            state=CorrectionState.LIFTED,
            ended_at=now,
            unconfirmed=False,
            version=Correction.version + 1,
        )
        .execution_options(**_QUIET)
    )
    session.execute(
        sa.update(Correction)
        .where(Correction.account_id == account_id)
        .values(evidence="", lift_reason="", end_reason="")
        .execution_options(**_QUIET)
    )
    ids = sa.select(Correction.id).where(Correction.account_id == account_id)
    session.execute(sa.delete(DroppedResult).where(DroppedResult.correction_id.in_(ids)))
    session.execute(sa.delete(HeldResult).where(HeldResult.account_id == account_id))
    session.execute(sa.delete(BrakeSample).where(BrakeSample.account_id == account_id))
    session.execute(sa.delete(SourceTrial).where(SourceTrial.account_id == account_id))
    session.execute(sa.delete(Tally).where(Tally.account_id == account_id))
    session.execute(sa.delete(LatestActivity).where(LatestActivity.account_id == account_id))
    label = session.get(Label, account_id)
    if label is not None:
        label.deleted = True
        label.resolved_state = label.state = State.NONE
        label.resolved_region = label.region = None
        label.basis = Basis.NONE
        label.corrected = label.disputed = False
        if label.seq:  # what was never in the feed is not named there by its end
            touch(session, label, now)


def _erase_cases(session: Session, account_id: int, now: datetime) -> None:
    cases = sa.select(Case.id).where(Case.account_id == account_id)
    session.execute(
        sa.update(Claim)
        .where(Claim.case_id.in_(cases), Claim.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(**_QUIET)
    )
    session.execute(
        sa.update(CaseEvent)
        .where(CaseEvent.case_id.in_(cases))
        .values(text="")
        .execution_options(**_QUIET)
    )
    session.execute(
        sa.delete(Mention).where(Mention.case_id.in_(cases)).execution_options(**_QUIET)
    )
    session.execute(
        sa.update(Decision)
        .where(Decision.case_id.in_(cases))
        .values(text="", frozen={})
        .execution_options(**_QUIET)
    )
    session.execute(
        sa.update(Appeal)
        .where(Appeal.account_id == account_id)
        .values(evidence="", words="", state=State.NONE, region=None)
        .execution_options(**_QUIET)
    )
    session.execute(
        sa.update(SecondLook)
        .where(SecondLook.case_id.in_(cases))
        .values(text="", settled_text="", region=None)
        .execution_options(**_QUIET)
    )
    session.execute(
        sa.update(Case)
        .where(Case.account_id == account_id, Case.state != CaseState.CLOSED)
        .values(state=CaseState.CLOSED, closed_at=now, updated_at=now, version=Case.version + 1)
        .execution_options(**_QUIET)
    )
    session.execute(
        sa.update(BatchItem)
        .where(BatchItem.account_id == account_id)
        .values(seen_state=None, seen_region=None)
        .execution_options(**_QUIET)
    )
    session.execute(sa.delete(CaseReport).where(CaseReport.case_id.in_(cases)))
    session.execute(sa.delete(HolderSession).where(HolderSession.account_id == account_id))
    session.execute(sa.delete(HolderLink).where(HolderLink.account_id == account_id))


def _erase_words(session: Session, account_id: int) -> None:
    """The audit log's free words about this account; its rows and their hashes stay."""
    corrections = sa.select(sa.cast(Correction.id, sa.String)).where(
        Correction.account_id == account_id
    )
    cases = sa.select(sa.cast(Case.id, sa.String)).where(Case.account_id == account_id)
    seqs = session.scalars(
        sa.select(AuditRow.seq).where(
            sa.or_(
                sa.and_(AuditRow.target_type == "correction", AuditRow.target_id.in_(corrections)),
                sa.and_(AuditRow.target_type == "case", AuditRow.target_id.in_(cases)),
            )
        )
    ).all()
    erase_texts(session, list(seqs))
