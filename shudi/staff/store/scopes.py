"""Tables of the sites and regions that a person is limited to. No row: not limited.

Rows name sites without a foreign key, as the table of sites stands above this noun. They outlive a
site that is deleted: whoever was limited to it alone works on nothing, not on everything.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from shudi.db import Base
from shudi.staff.rules.scopes import Scope


class StaffSite(Base):
    """A site that somebody may work on."""

    __tablename__ = "staff_sites"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)


class StaffRegion(Base):
    """A region that a supervisor may inspect."""

    __tablename__ = "staff_regions"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    region: Mapped[str] = mapped_column(sa.String(6), primary_key=True)


def scope_columns(staff_id: Any) -> tuple[sa.Label[str | None], sa.Label[str | None]]:
    """A person's sites and regions as columns of a query about them; `read_scope` reads them."""
    sites = sa.func.aggregate_strings(sa.cast(StaffSite.site_id, sa.Text), ",")
    regions = sa.func.aggregate_strings(StaffRegion.region, ",")
    return (
        sa.select(sites).where(StaffSite.staff_id == staff_id).scalar_subquery().label("sites"),
        sa.select(regions)
        .where(StaffRegion.staff_id == staff_id)
        .scalar_subquery()
        .label("regions"),
    )


def read_scope(sites: str | None, regions: str | None) -> Scope:
    """What `scope_columns` found."""
    return Scope(
        None if sites is None else frozenset(map(int, sites.split(","))),
        None if regions is None else frozenset(regions.split(",")),
    )


def stored_scope(session: Session, staff_id: int) -> Scope:
    """How far a person's work reaches, as the store has it now."""
    return read_scope(*session.execute(sa.select(*scope_columns(staff_id))).one())


def reaches(staff_id: Any, sites: frozenset[int] | None) -> sa.ColumnElement[bool]:
    """Whether a person's scope lies within `sites` (None: all of them)."""
    if sites is None:
        return sa.true()
    theirs = sa.select(StaffSite.site_id).where(StaffSite.staff_id == staff_id)
    return sa.and_(theirs.exists(), ~theirs.where(StaffSite.site_id.not_in(sites)).exists())


def works_at(staff_id: Any, site_id: Any) -> sa.ColumnElement[bool]:
    """Whether a person's scope reaches this site."""
    theirs = sa.select(StaffSite.site_id).where(StaffSite.staff_id == staff_id)
    here = theirs.where(StaffSite.site_id == site_id)
    return sa.or_(~theirs.exists(), here.exists())


def unlimited(staff_id: Any) -> sa.ColumnElement[bool]:
    """Whether a person's scope is every site."""
    return ~sa.select(StaffSite.site_id).where(StaffSite.staff_id == staff_id).exists()


def meets(staff_id: Any, sites: frozenset[int] | None) -> sa.ColumnElement[bool]:
    """Whether a person's scope has a site of these in it (None: of all)."""
    if sites is None:
        return sa.true()
    theirs = sa.select(StaffSite.site_id).where(StaffSite.staff_id == staff_id)
    return sa.or_(~theirs.exists(), theirs.where(StaffSite.site_id.in_(sites)).exists())
