"""Tables of inspections. They refer to accounts by id and hold nothing that these say."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.accounts.store import Account
from shudi.db import Base, primary_key
from shudi.oversight.rules import PROPOSAL_LIFE, Basis, InspectionState, Reach, Telling
from shudi.sites.store import Site
from shudi.staff.store import Staff


class Inspection(Base):
    """What an authority may see, and until when. Its scope is written once, with the proposal;
    `more_…` is an extension that waits for a second person.
    """

    __tablename__ = "inspections"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    authority: Mapped[str] = mapped_column(sa.String(120))
    request_number: Mapped[str] = mapped_column(sa.String(80))
    request_date: Mapped[date]
    basis: Mapped[Basis]
    purpose: Mapped[str] = mapped_column(sa.String(500))
    reach: Mapped[Reach]
    since: Mapped[date]
    until: Mapped[date]
    labels: Mapped[bool]
    cases: Mapped[bool]
    information: Mapped[bool]
    days: Mapped[int]
    telling: Mapped[Telling]
    untold_because: Mapped[str] = mapped_column(sa.String(500), default="")
    salt: Mapped[str] = mapped_column(sa.String(32))  # of the desk's pseudonyms
    state: Mapped[InspectionState]
    proposed_by: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id))
    proposed_at: Mapped[datetime]
    # approved, refused or withdrawn
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    decided_at: Mapped[datetime | None]
    decided_because: Mapped[str] = mapped_column(sa.String(500), default="")
    ends_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    ended_because: Mapped[str] = mapped_column(sa.String(500), default="")
    more_days: Mapped[int | None]
    more_because: Mapped[str] = mapped_column(sa.String(500), default="")
    more_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    more_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (sa.Index("ix_inspections_state", "state", "ends_at"),)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def waits(cls, now: datetime) -> sa.ColumnElement[bool]:
        """Whether it is proposed, and not lapsed by the clock."""
        return sa.and_(cls.state == InspectionState.PROPOSED, cls.proposed_at > now - PROPOSAL_LIFE)

    @classmethod
    def asks_longer(cls, now: datetime) -> sa.ColumnElement[bool]:
        """Whether it runs, and its end is asked to be later."""
        runs = sa.and_(cls.state == InspectionState.APPROVED, cls.ends_at > now)
        return sa.and_(runs, cls.more_by.is_not(None))


class InspectionSupervisor(Base):
    """Who looks."""

    __tablename__ = "inspection_supervisors"

    inspection_id: Mapped[int] = mapped_column(sa.ForeignKey(Inspection.id), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id), primary_key=True, index=True)


class InspectionSite(Base):
    """A site within the scope."""

    __tablename__ = "inspection_sites"

    inspection_id: Mapped[int] = mapped_column(sa.ForeignKey(Inspection.id), primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id), primary_key=True)


class InspectionRegion(Base):
    """A region within the scope, where it is by regions."""

    __tablename__ = "inspection_regions"

    inspection_id: Mapped[int] = mapped_column(sa.ForeignKey(Inspection.id), primary_key=True)
    region: Mapped[str] = mapped_column(sa.String(6), primary_key=True)


class InspectionAccount(Base):
    """An account within the scope, where it names them."""

    __tablename__ = "inspection_accounts"

    inspection_id: Mapped[int] = mapped_column(sa.ForeignKey(Inspection.id), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id), primary_key=True)


class InspectionSeen(Base):
    """An account that was shown or exported by an inspection, and when first: for its holder."""

    __tablename__ = "inspection_seen"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id), primary_key=True)
    inspection_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Inspection.id), primary_key=True, index=True
    )
    first_at: Mapped[datetime]
