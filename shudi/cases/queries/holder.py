"""What an account holder may know of their own account. Never who decided, nor how it was seen."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import Case, Decision, HolderSession


@dataclasses.dataclass(frozen=True, slots=True)
class HolderVisit:
    """A holder's session that holds: whose account, and the token of its forms."""

    account_id: int
    csrf: str
    expires_at: datetime


def visit(session: Session, *, token_hash: str, now: datetime) -> HolderVisit | None:
    """The session of that token, or None where it is over or unknown."""
    row = session.execute(
        sa.select(HolderSession.account_id, HolderSession.csrf, HolderSession.expires_at).where(
            HolderSession.token_hash == token_hash, HolderSession.expires_at > now
        )
    ).first()
    return HolderVisit(*row) if row else None


@dataclasses.dataclass(frozen=True, slots=True)
class Contest:
    """How the holder's last contest stands. `verdict` is None until it is decided."""

    opened_at: datetime
    due_at: datetime
    state: CaseState
    closed_at: datetime | None
    verdict: str | None


def last_contest(session: Session, *, account_id: int) -> Contest | None:
    """The newest contest of the account, with its decision's verdict and nothing else of it."""
    row = session.execute(
        sa.select(Case.opened_at, Case.due_at, Case.state, Case.closed_at, Decision.verdict)
        .outerjoin(Decision, Decision.case_id == Case.id)
        .where(Case.account_id == account_id, Case.kind == CaseKind.CONTEST)
        .order_by(Case.id.desc(), Decision.id.desc())
        .limit(1)
    ).first()
    return Contest(*row) if row else None
