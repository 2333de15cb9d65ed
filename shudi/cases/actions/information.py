"""Cases about account information that waits, and what live values do to the label."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account, Protection
from shudi.cases.actions.claims import end_claim
from shudi.cases.actions.opening import Opening, audit, event, open_case
from shudi.cases.rules import CaseKind, CaseState, CloseReason, EventKind
from shudi.cases.store import Case
from shudi.labels.actions.display import in_force, next_seqs, refresh
from shudi.labels.store import Label
from shudi.staff.rules import Actor


def relabel(
    session: Session, account: Account, *, renamed: bool, taken: bool, now: datetime
) -> bool:
    """Let the label follow the account's protection and page key; whether it is hidden or shown
    otherwise than before.
    """
    changed = False
    label = session.get(Label, account.id)
    if label is not None:
        hidden = account.protection is not Protection.NONE
        changed = label.hidden != hidden
        label.hidden = hidden
        if changed:
            refresh(session, label, in_force(session, account.id), now)
        if renamed and label.seq:
            # the dataset files labels under page keys: a release is due, though no label moved
            label.seq = next_seqs(session, account.site_id, 1, now)
    if taken:
        # likewise: what the key named before must not stand beside its new holder
        next_seqs(session, account.site_id, 1, now)
    return changed


def await_person(session: Session, *, actor: Actor, account: Account, now: datetime) -> None:
    """Open a case on the values that wait; if one is open, it is about the newer ones now.

    A person in the middle of deciding on the older ones is told so: the case's version moves.
    """
    case = _open_one(session, account)
    if case is None:
        opening = Opening(
            kind=CaseKind.ACCOUNT_INFORMATION, site_id=account.site_id, account_id=account.id
        )
        open_case(session, actor=actor, opening=opening, now=now)
        return
    case.updated_at = now
    event(session, case, EventKind.RESUBMITTED, actor, now)
    audit(session, actor, "case.resubmitted", case, now)


def withdraw(session: Session, *, actor: Actor, account: Account, now: datetime) -> None:
    """Newer values were accepted outright: nothing is left to decide."""
    case = _open_one(session, account)
    if case is None:
        return
    end_claim(session, case.id, now)
    case.state = CaseState.CLOSED
    case.closed_at = case.updated_at = now
    data = {"reason": CloseReason.NEWER_ACCEPTED.value}
    event(session, case, EventKind.CLOSED, actor, now, data=data)
    audit(session, actor, "case.closed", case, now, after=data)


def _open_one(session: Session, account: Account) -> Case | None:
    return session.scalar(
        sa.select(Case).where(
            Case.account_id == account.id,
            Case.kind == CaseKind.ACCOUNT_INFORMATION,
            Case.state == CaseState.OPEN,
        )
    )
