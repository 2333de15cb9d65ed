"""Recovery codes: made, and used once."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.staff.codec import recovery
from shudi.staff.store.factors import RecoveryCode


def issue_codes(session: Session, *, staff_id: int) -> list[str]:
    """Fresh codes for this person; the earlier ones, used or not, are gone. Shown once: nobody
    can read them out of the store again.
    """
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    codes = recovery.new_codes()
    rows = [
        {"staff_id": staff_id, "code_hash": recovery.code_hash(staff_id, code)} for code in codes
    ]
    session.execute(sa.insert(RecoveryCode), rows)
    return codes


def use_recovery_code(session: Session, *, staff_id: int, code: str, now: datetime) -> bool:
    """Whether it was one of this person's unused codes; then it is used. Compare and set in one
    statement: of any number at once, one finds it unused.
    """
    used = session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff_id,
            RecoveryCode.code_hash == recovery.code_hash(staff_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    ).first()
    return used is not None


def unused_codes(session: Session, *, staff_id: int) -> int:
    """How many are left."""
    query = sa.select(sa.func.count()).select_from(RecoveryCode)
    of_theirs = (RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return session.scalar(query.where(*of_theirs)) or 0
