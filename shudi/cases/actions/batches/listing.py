"""The accounts of a list: which ones they are, and how their labels stand."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.actions.batches.items import Former, Work
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.rules.batches import Listed, Terms, needs_second
from shudi.cases.rules.policy import Matter
from shudi.cases.store import Case, Excluded
from shudi.cases.store.batches import Batch, BatchItem
from shudi.labels.rules import State
from shudi.labels.store import Label
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.queries import acting

_CHUNK = 1000  # names in one statement


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """An account of a list with its label as the store knows them; None what it does not know."""

    account_id: int | None = None
    version: int | None = None
    state: State | None = None
    region: str | None = None


_UNKNOWN = Known()
_LABEL = (Label.version, Label.state, Label.region)


def known(session: Session, *, site_id: int, listed: Sequence[Listed]) -> list[Known]:
    """The account of each line, with its present label."""
    names = sorted({line.account for line in listed})
    found: dict[str, Known] = {}
    for start in range(0, len(names), _CHUNK):
        rows = session.execute(
            sa.select(Account.account, Account.id, *_LABEL)
            .outerjoin(Label, Label.account_id == Account.id)
            .where(Account.site_id == site_id, Account.account.in_(names[start : start + _CHUNK]))
        )
        found |= {row[0]: Known(*row[1:]) for row in rows}
    return [found.get(line.account, _UNKNOWN) for line in listed]


def present(session: Session, items: Sequence[BatchItem]) -> dict[int, Known]:
    """Each item's account with its present label, by position; without those that have none."""
    ids = [item.account_id for item in items if item.account_id is not None]
    now: dict[int | None, Known] = {}
    for start in range(0, len(ids), _CHUNK):
        some = Label.account_id.in_(ids[start : start + _CHUNK])
        rows = session.execute(sa.select(Label.account_id, *_LABEL).where(some))
        now |= {row[0]: Known(*row) for row in rows}
    return {item.position: now[item.account_id] for item in items if item.account_id in now}


def seen_as(item: BatchItem, version: int | None, shown: Known) -> BatchItem:
    """The item as somebody saw it: the version, and the label where it is still that one."""
    same = version is not None and version == shown.version
    item.version = version
    item.seen_state, item.seen_region = (shown.state, shown.region) if same else (None, None)
    return item


def matter_of(session: Session, *, batch_id: int, proposer: int) -> Matter:
    """What everybody's word on a list depends on: who made it, which accounts it names, and whose
    decision a holder among them contests.
    """
    contest = sa.and_(
        Case.account_id == BatchItem.account_id,
        Case.kind == CaseKind.CONTEST,
        Case.state != CaseState.CLOSED,
    )
    rows = session.execute(
        sa.select(BatchItem.account_id, Excluded.staff_id)
        .outerjoin(Case, contest)
        .outerjoin(Excluded, Excluded.case_id == Case.id)
        .where(BatchItem.batch_id == batch_id, BatchItem.account_id.is_not(None))
    ).all()
    return Matter(
        proposer=proposer,
        listed=frozenset(row.account_id for row in rows),
        contested=frozenset(row.staff_id for row in rows if row.staff_id is not None),
    )


def lacks_second(session: Session, batch: Batch, settings: Settings) -> bool:
    """Whether nobody has agreed to it who must: by the rule under which it was made, or by the
    one that holds now.
    """
    if batch.answered_by is not None:
        return False
    former = session.get(Batch, batch.reverts_id) if batch.reverts_id else None
    return batch.second or needs_second(
        batch.act,
        size=batch.total,
        most=settings.batch_second,
        own=former is not None and former.staff_id == batch.staff_id,
        two_made=former is not None and former.second,
    )


def work_of(
    session: Session,
    batch: Batch,
    *,
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
) -> Work:
    """A batch that is on record, in the name of whoever made it."""
    former = session.get(Batch, batch.reverts_id) if batch.reverts_id else None
    by, at = batch.answered_by, batch.answered_at
    return Work(
        actor=acting(
            session, batch.staff_id, site_id=batch.site_id, request_id=f"batch:{batch.id}"
        ),
        terms=Terms(
            act=batch.act,
            reason=batch.reason,
            text=batch.text,
            days=batch.days,
            at_expiry=batch.at_expiry,
        ),
        size=batch.total,
        takes_two=batch.second,
        second=(by, at) if batch.second and by is not None and at is not None else None,
        former=Former(former.id, former.act, former.staff_id) if former else None,
        vocabulary=vocabulary,
        settings=settings,
        now=now,
    )
