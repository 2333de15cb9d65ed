"""What people at the review desk read of one account's label."""

import dataclasses
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.labels.rules import Basis, Displayed, State
from shudi.labels.store import Evidence as EvidenceText
from shudi.labels.store import Label, LatestActivity, Tally

_CHUNK = 500  # accounts in one statement


@dataclasses.dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What one geo source said of the latest activity."""

    name: str
    region: str | None
    build: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Evidence:
    """Where the latest activity's label comes from; never an address."""

    sources: tuple[SourceAnswer, ...] = ()
    network: str | None = None

    @property
    def agreeing(self) -> int:
        """How many sources give the answer that most of them give."""
        answers = [source.region for source in self.sources if source.region]
        return max((answers.count(one) for one in answers), default=0)


@dataclasses.dataclass(frozen=True, slots=True)
class LabelView:
    """A label: what is displayed, what activity says, and on what evidence."""

    account_id: int
    state: State
    region: str | None
    basis: Basis
    corrected: bool
    disputed: bool
    hidden: bool
    since: date
    version: int
    resolved_state: State
    resolved_region: str | None
    latest_at: datetime | None
    evidence: Evidence

    @property
    def displayed(self) -> Displayed:
        """What readers see, as the rules take it."""
        return Displayed(self.state, self.region, self.basis, corrected=self.corrected)


def parse_evidence(text: str | None) -> Evidence:
    """The stored JSON of shudi.geo's Place; empty where nothing readable is stored."""
    try:
        raw: Any = json.loads(text) if text else {}
        sources = tuple(
            SourceAnswer(str(name), region, build) for name, region, build in raw.get("sources", ())
        )
        return Evidence(sources, raw.get("network"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Evidence()


_COLUMNS: tuple[Any, ...] = (
    Label.account_id,
    Label.state,
    Label.region,
    Label.basis,
    Label.corrected,
    Label.disputed,
    Label.hidden,
    Label.since,
    Label.version,
    Label.resolved_state,
    Label.resolved_region,
    LatestActivity.at,
    EvidenceText.text,
)


def label(session: Session, *, account_id: int) -> LabelView | None:
    """The account's label row, or None before the first sighting."""
    row = session.execute(
        sa.select(*_COLUMNS)
        .outerjoin(LatestActivity, LatestActivity.account_id == Label.account_id)
        .outerjoin(EvidenceText, EvidenceText.id == LatestActivity.evidence_id)
        .where(Label.account_id == account_id)
    ).first()
    if row is None:
        return None
    values: list[Any] = list(row)
    values[-1] = parse_evidence(values[-1])
    return LabelView(*values)


def versions(session: Session, *, account_ids: Iterable[int]) -> dict[int, int]:
    """The present version of each account's label; accounts without one are left out."""
    ids = [*account_ids]
    found: dict[int, int] = {}
    for start in range(0, len(ids), _CHUNK):
        some = Label.account_id.in_(ids[start : start + _CHUNK])
        rows = session.execute(sa.select(Label.account_id, Label.version).where(some))
        found |= {row.account_id: row.version for row in rows}
    return found


def evidence_text(session: Session, *, account_id: int) -> str:
    """The evidence of the account's latest activity as it is stored; empty without activity."""
    text = session.scalar(
        sa.select(EvidenceText.text)
        .join(LatestActivity, LatestActivity.evidence_id == EvidenceText.id)
        .where(LatestActivity.account_id == account_id)
    )
    return text or ""


@dataclasses.dataclass(frozen=True, slots=True)
class MonthSeen:
    """On how many days of a month an account was seen in a region (empty: no region)."""

    month: date
    region: str
    days: int


def months_seen(session: Session, *, account_id: int) -> list[MonthSeen]:
    """One account's tallies by month and region, newest month and most days first.

    At most the retention window is kept, so this folds in memory.
    """
    seen: dict[tuple[date, str], int] = {}
    query = sa.select(Tally.day, Tally.region).where(Tally.account_id == account_id)
    for day, region in session.execute(query):
        key = (day.replace(day=1), region)
        seen[key] = seen.get(key, 0) + 1
    rows = [MonthSeen(month, region, days) for (month, region), days in seen.items()]
    return sorted(rows, key=lambda row: (-row.month.toordinal(), -row.days, row.region))
