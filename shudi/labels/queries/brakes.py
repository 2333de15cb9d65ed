"""What people at the review desk read of brakes."""

import dataclasses
from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.errors import NotFound
from shudi.labels.queries.desk import Evidence, parse_evidence
from shudi.labels.rules import State
from shudi.labels.rules.brakes import Sampled
from shudi.labels.store import Brake, HeldResult, Label
from shudi.labels.store import Evidence as EvidenceText
from shudi.labels.store.samples import BrakeSample
from shudi.sites.store import Site
from shudi.staff.store import Staff

MOVES_MOST = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """How many accounts go from where to where: what is shown, a region or "" for none. `moves`
    are the largest MOVES_MOST.
    """

    accounts: int
    moves: list[tuple[str, str, int]]

    @property
    def into(self) -> list[tuple[str, int]]:
        """How many would arrive where, of the moves, the most first."""
        arrivals: Counter[str] = Counter()
        for _, new, count in self.moves:
            arrivals[new] += count
        return arrivals.most_common()

    def recorded(self) -> dict[str, Any]:
        """As a brake keeps it once it is decided."""
        return {"moves": [list(one) for one in self.moves], "accounts": self.accounts, "all": True}


@dataclasses.dataclass(frozen=True, slots=True)
class BrakeRow:
    """A brake. `diff` is what was recorded: when it tripped, then when it was decided."""

    id: int
    site_key: str
    site_name: str
    accounts: int
    origin: str
    origin_name: str
    rule: str
    state: str
    opened_at: datetime
    decided_at: datetime | None
    decider: str | None
    diff: dict[str, Any]
    sampled_at: datetime | None
    sampler: str | None
    version: int

    @property
    def recorded(self) -> Difference:
        """The difference that was recorded."""
        moves = [(old, new, count) for old, new, count in self.diff.get("moves", ())]
        return Difference(self.diff.get("accounts", 0), moves)


_SAMPLER = orm.aliased(Staff)
_COLUMNS: tuple[Any, ...] = (
    Brake.id,
    Site.key,
    Site.name,
    Site.account_count,
    Brake.origin,
    Brake.origin_name,
    Brake.rule,
    Brake.state,
    Brake.opened_at,
    Brake.decided_at,
    Staff.name,
    Brake.diff,
    Brake.sampled_at,
    _SAMPLER.name,
    Brake.version,
)


def _brake_columns() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_COLUMNS)
        .join(Site, Site.serving(Brake.site_id))
        .outerjoin(Staff, Staff.id == Brake.decided_by)
        .outerjoin(_SAMPLER, _SAMPLER.id == Brake.sampled_by)
    )


def brakes(session: Session, *, limit: int = 50) -> list[BrakeRow]:
    """Brakes, those that hold first, then the newest."""
    held_first = sa.case((Brake.state == "held", 0), else_=1)
    query = _brake_columns().order_by(held_first, Brake.id.desc()).limit(limit)
    return [BrakeRow(*row) for row in session.execute(query)]


def held_brakes(session: Session) -> list[BrakeRow]:
    """The brakes that hold now: at most one a site."""
    query = _brake_columns().where(Brake.state == "held").order_by(Brake.id)
    return [BrakeRow(*row) for row in session.execute(query)]


def brake(session: Session, *, brake_id: int) -> BrakeRow:
    """One brake; NotFound where there is none."""
    row = session.execute(_brake_columns().where(Brake.id == brake_id)).first()
    if row is None:
        raise NotFound("brake-unknown", "There is no such brake.")
    return BrakeRow(*row)


def difference(session: Session, *, brake_id: int) -> Difference:
    """What a brake holds now, read from one index."""
    count = sa.func.count()
    query = (
        sa.select(HeldResult.shown, sa.func.coalesce(HeldResult.region, ""), count)
        .where(HeldResult.brake_id == brake_id)
        .group_by(HeldResult.shown, HeldResult.region)
    )
    found = [(old, new, int(n)) for old, new, n in session.execute(query)]
    found.sort(key=lambda move: (-move[2], move[0], move[1]))
    return Difference(sum(n for _, _, n in found), found[:MOVES_MOST])


def holds_any(session: Session, *, brake_id: int, accounts: Collection[int]) -> bool:
    """Whether the brake holds back, or let go as its sample, any of these accounts' labels."""
    if not accounts:
        return False
    found = [
        sa.exists().where(table.brake_id == brake_id, table.account_id.in_(accounts))
        for table in (HeldResult, BrakeSample)
    ]
    return bool(session.scalar(sa.select(sa.or_(*found))))


@dataclasses.dataclass(frozen=True, slots=True)
class SampledAccount:
    """An account of a sample: what readers saw before (a region, or as in HeldResult), what the
    change says, what came of it, and what readers see now. Evidence is empty once decided.
    """

    account_id: int
    account: str
    handle: str | None
    name: str
    before: str
    state: State
    region: str | None
    outcome: Sampled
    evidence: Evidence
    evidence_before: Evidence
    state_now: State
    region_now: str | None


def sampled(session: Session, *, brake_id: int) -> list[SampledAccount]:
    """The sample of a brake, by account; at most SAMPLE_MOST."""
    query = (
        sa.select(
            Account.id,
            Account.account,
            Account.handle,
            Account.name,
            BrakeSample.shown,
            BrakeSample.state,
            BrakeSample.region,
            BrakeSample.outcome,
            BrakeSample.evidence,
            EvidenceText.text,
            Label.state,
            Label.region,
        )
        .join(Account, Account.id == BrakeSample.account_id)
        .join(Label, Label.account_id == BrakeSample.account_id)
        .outerjoin(EvidenceText, EvidenceText.id == BrakeSample.before_evidence_id)
        .where(BrakeSample.brake_id == brake_id)
        .order_by(Account.account)
    )
    rows = [list(row) for row in session.execute(query)]
    for row in rows:
        row[8:10] = [parse_evidence(text) for text in row[8:10]]
    return [SampledAccount(*row) for row in rows]
