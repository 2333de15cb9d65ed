"""Tables behind the queue: presence, skips, handovers, senders of reports, saved views."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from shudi.cases.rules import ReportKind, SkipReason
from shudi.cases.store import Case, CaseEvent, Claim
from shudi.db import Base, primary_key
from shudi.db.limits import reached
from shudi.staff.store import Staff

_APART = 4  # sites; with more, most of what is walked past is theirs


def by_site(session: Session) -> list[tuple[sa.ColumnElement[bool], ...]]:
    """Conditions whose cases together are all that the session reaches, for a query that WALKS. Few
    sites are read one by one, as within one an index holds the order of the queue.
    """
    sites = reached(session)
    if sites is None or len(sites) > _APART:
        return [()]
    return [(Case.site_id == one,) for one in sites]


class Presence(Base):
    """That somebody has a case's page open. Renewed by the page, over a minute after it stops."""

    __tablename__ = "case_presence"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey(Case.id), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Skip(Base):
    """A case that one person passed over: out of their list until then, in everybody else's."""

    __tablename__ = "case_skips"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey(Case.id), primary_key=True)
    reason: Mapped[SkipReason]
    until: Mapped[datetime] = mapped_column(index=True)


class Handover(Base):
    """Who gave a claim to its holder; the words are the case's event."""

    __tablename__ = "claim_handovers"

    claim_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Claim.id), primary_key=True, autoincrement=False
    )
    given_by: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id))
    given_at: Mapped[datetime]


class SetAside(Base):
    """One sender's reports put aside in one act, until somebody undoes it."""

    __tablename__ = "set_asides"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    at: Mapped[datetime]
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id))
    reports: Mapped[int]
    dismissed: Mapped[int]  # cases that rested on them alone
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))


class SetAsideCase(Base):
    """What an act of setting aside did to one case, and how the case stood before."""

    __tablename__ = "set_aside_cases"

    set_aside_id: Mapped[int] = mapped_column(sa.ForeignKey(SetAside.id), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey(Case.id), primary_key=True)
    reports: Mapped[int]
    dismissed: Mapped[bool]


class CaseReport(Base):
    """A reader's report by its sender's pseudonym of that day; the words are the case's event.

    A sender without an address has no pseudonym. Rows go after a month (rules.SENDER_KEPT).
    """

    __tablename__ = "case_reports"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey(Case.id), index=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey(CaseEvent.id))
    sender: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[ReportKind]
    at: Mapped[datetime]
    set_aside_id: Mapped[int | None] = mapped_column(sa.ForeignKey(SetAside.id), index=True)

    __table_args__ = (
        sa.Index("ix_case_reports_sender", "sender", "id"),
        sa.Index("ix_case_reports_at", "at", "sender"),
    )


class SavedView(Base):
    """A filter of the queue that a person gave a name. The address says all of it."""

    __tablename__ = "saved_views"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id))
    name: Mapped[str] = mapped_column(sa.String(60))
    query: Mapped[str] = mapped_column(sa.String(300))
    created_at: Mapped[datetime]

    __table_args__ = (sa.UniqueConstraint("staff_id", "name"),)
