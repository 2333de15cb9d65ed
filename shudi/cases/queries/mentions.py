"""Notes that call somebody, as that person's overview lists them."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.store import Case, CaseEvent
from shudi.cases.store.case_page import Mention
from shudi.sites.store import Site
from shudi.staff.store import Staff


@dataclasses.dataclass(frozen=True, slots=True)
class MentionRow:
    """An unread call: who wrote, what, on which case."""

    note_id: int
    case_id: int
    at: datetime
    author: str | None
    text: str
    site_name: str
    account: str | None
    account_name: str | None
    handle: str | None


def unread(session: Session, *, staff_id: int, limit: int = 10) -> list[MentionRow]:
    """The newest notes that call this person and that they have not opened."""
    query = (
        sa.select(
            Mention.note_id,
            Mention.case_id,
            Mention.at,
            Staff.name,
            CaseEvent.text,
            Site.name,
            Account.account,
            Account.name,
            Account.handle,
        )
        .join(CaseEvent, CaseEvent.id == Mention.note_id)
        .join(Case, Case.id == Mention.case_id)
        .join(Site, Site.serving(Case.site_id))
        .outerjoin(Staff, Staff.id == CaseEvent.staff_id)
        .outerjoin(Account, Account.id == Case.account_id)
        .where(Mention.staff_id == staff_id, Mention.read_at.is_(None))
        .order_by(Mention.note_id.desc())
        .limit(limit)
    )
    return [MentionRow(*row) for row in session.execute(query)]
