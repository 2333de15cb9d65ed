"""Tables of labels. There is no column for an address, and none finer than a region."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.accounts.store import Account
from shudi.db import Base, Microseconds, primary_key
from shudi.labels.rules import AtExpiry, Basis, CorrectionKind, CorrectionState, State
from shudi.sites.store import Site
from shudi.staff.store import Staff


class Label(Base):
    """One account's label: what activity says (`resolved_…`) and what is displayed (`state` …).

    `version` counts displayed changes and is what a person saw; `seq` orders a site's changes.
    `account`, `hidden` and `deleted` repeat what the account says, so that the keyed lookup and a
    batch of sightings read one table.
    """

    __tablename__ = "labels"

    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Account.id), primary_key=True, autoincrement=False
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id))
    account: Mapped[str] = mapped_column(sa.String(128))
    # what activity says
    resolved_state: Mapped[State] = mapped_column(default=State.NONE)
    resolved_region: Mapped[str | None] = mapped_column(sa.String(6))
    # what is displayed
    state: Mapped[State] = mapped_column(default=State.NONE)
    region: Mapped[str | None] = mapped_column(sa.String(6))
    basis: Mapped[Basis] = mapped_column(default=Basis.NONE)
    corrected: Mapped[bool] = mapped_column(default=False)
    disputed: Mapped[bool] = mapped_column(default=False)
    hidden: Mapped[bool] = mapped_column(default=False)
    deleted: Mapped[bool] = mapped_column(default=False)
    since: Mapped[date]
    version: Mapped[int] = mapped_column(default=0)
    seq: Mapped[int] = mapped_column(sa.BigInteger, default=0)

    __table_args__ = (
        sa.UniqueConstraint("site_id", "account"),
        sa.Index("ix_labels_seq", "site_id", "seq"),
    )


class Evidence(Base):
    """A distinct answer of the geo sources, kept once however many labels rest on it.

    `text` is JSON of shudi.geo's Place: each source's answer and build, network kind; never an
    address. There are as many as places and builds of the sources, so none is ever removed.
    """

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(32), unique=True)
    text: Mapped[str] = mapped_column(sa.Text)


class LatestActivity(Base):
    """When an account last published, and what the sources said of it then.

    Rows of some 20 bytes, apart from the labels: most sightings change nothing else, and so
    dirty a tenth of the pages. No foreign keys, as in `tallies`: neither accounts nor evidence
    are ever removed, and checking two keys for each row took a third of the writing.
    """

    __tablename__ = "latest_activity"

    account_id: Mapped[int] = mapped_column(primary_key, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Microseconds)
    evidence_id: Mapped[int] = mapped_column(sa.BigInteger)


class Tally(Base):
    """That an account was seen in a region on a UTC day. No counts, no times, no trail.

    `region` is empty where activity gave none.
    """

    __tablename__ = "tallies"

    account_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(sa.String(6), primary_key=True)

    __table_args__ = (sa.Index("ix_tallies_day", "day"), {"sqlite_with_rowid": False})


class Correction(Base):
    """An accountable act on a label: who, when, why, on what evidence, until when."""

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id))
    case_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    kind: Mapped[CorrectionKind]
    region: Mapped[str | None] = mapped_column(sa.String(6))
    reason: Mapped[str] = mapped_column(sa.String(40))
    evidence: Mapped[str] = mapped_column(sa.String(2000), default="")
    state: Mapped[CorrectionState]
    # the original, kept
    original_state: Mapped[State]
    original_region: Mapped[str | None] = mapped_column(sa.String(6))
    label_version: Mapped[int]
    proposed_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    proposed_at: Mapped[datetime]
    approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    approved_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    at_expiry: Mapped[AtExpiry]
    # set once expiry put it back into the queue; it stays in force meanwhile
    expired_at: Mapped[datetime | None]
    lift_proposed_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    lift_proposed_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    # codes of what makes ending it one for two people, and whether what it replaced comes back
    lift_risks: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    lift_restores: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    end_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    version: Mapped[int] = mapped_column(default=1)
    # codes of what makes it one for two people, with commas; cases.rules.policy has the words
    risks: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    # in force already, while its second person is awaited
    unconfirmed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    starts_at: Mapped[datetime | None]
    # the correction whose place it took, and the decision that it reverts
    replaced_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    reverts_id: Mapped[int | None] = mapped_column(sa.BigInteger)

    __table_args__ = (
        sa.Index(
            "uq_corrections_in_force",
            "account_id",
            unique=True,
            sqlite_where=sa.text("state = 'in_force'"),
            postgresql_where=sa.text("state = 'in_force'"),
        ),
        sa.Index(
            "uq_corrections_proposed",
            "account_id",
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        ),
        sa.Index(
            "uq_corrections_scheduled",
            "account_id",
            unique=True,
            sqlite_where=sa.text("state = 'scheduled'"),
            postgresql_where=sa.text("state = 'scheduled'"),
        ),
        sa.Index("ix_corrections_state", "state", "expires_at"),
        sa.Index(
            "ix_corrections_starts_at",
            "starts_at",
            sqlite_where=sa.text("state = 'scheduled'"),
            postgresql_where=sa.text("state = 'scheduled'"),
        ),
        sa.Index(
            "ix_corrections_unconfirmed",
            "id",
            sqlite_where=sa.text("unconfirmed"),
            postgresql_where=sa.text("unconfirmed"),
        ),
        sa.Index(
            "ix_corrections_lift_proposed",
            "state",
            "lift_proposed_at",
            sqlite_where=sa.text("lift_proposed_at IS NOT NULL"),
            postgresql_where=sa.text("lift_proposed_at IS NOT NULL"),
        ),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class DroppedResult(Base):
    """What activity wanted to show while a correction held it back; one row per new wish."""

    __tablename__ = "dropped_results"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    correction_id: Mapped[int] = mapped_column(sa.ForeignKey("corrections.id"), index=True)
    at: Mapped[datetime]
    state: Mapped[State]
    region: Mapped[str | None] = mapped_column(sa.String(6))


class Brake(Base):
    """A change too large to pass by itself, stopped until a person decides."""

    __tablename__ = "brakes"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id))
    origin: Mapped[str] = mapped_column(sa.String(20))  # sightings, import
    origin_name: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    rule: Mapped[str] = mapped_column(sa.String(20))  # share, region
    state: Mapped[str] = mapped_column(sa.String(20))  # held, accepted, rejected
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    # counts from region to region: when it tripped, and in its place those of the decision
    diff: Mapped[dict[str, Any]]
    sampled_at: Mapped[datetime | None]
    sampled_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        sa.Index(
            "uq_brakes_held",
            "site_id",
            unique=True,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        ),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class HeldResult(Base):
    """The latest resolution of an account that a brake holds back. `shown` is what readers saw
    when it was held: a region, "-" for none on a label, empty where there was no label.
    """

    __tablename__ = "held_results"

    brake_id: Mapped[int] = mapped_column(sa.ForeignKey("brakes.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    state: Mapped[State]
    region: Mapped[str | None] = mapped_column(sa.String(6))
    shown: Mapped[str] = mapped_column(sa.String(6), default="", server_default="")
    evidence: Mapped[str] = mapped_column(sa.Text)

    __table_args__ = (
        sa.Index("ix_held_results_moves", "brake_id", "shown", "region"),  # the difference
        {"sqlite_with_rowid": False},
    )


class Moves(Base):
    """How many labels of a site moved into a region in one minute: the brake's rolling hour."""

    __tablename__ = "label_moves"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id), primary_key=True)
    minute: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    region: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    first: Mapped[bool] = mapped_column(primary_key=True)
    count: Mapped[int]

    __table_args__ = ({"sqlite_with_rowid": False},)


class Release(Base):
    """A published dataset of one site. The file lies in var/dataset; the last two are kept."""

    __tablename__ = "releases"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id), index=True)
    number: Mapped[int]
    cut: Mapped[datetime]
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    salt: Mapped[str] = mapped_column(sa.String(32))
    count: Mapped[int]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    vocabulary: Mapped[str] = mapped_column(sa.String(32))
    built_at: Mapped[datetime]

    __table_args__ = (sa.UniqueConstraint("site_id", "number"),)
