"""What programs may read: one coarse row per account, and nothing about why there is none."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.labels.rules import Basis, State
from shudi.labels.store import Label
from shudi.sites.rules import is_key
from shudi.sites.store import Site


class Shown(NamedTuple):
    """A label as answers carry it. `since` is the UTC date of the last displayed change."""

    state: str
    region: str | None
    basis: str
    corrected: bool
    disputed: bool
    since: str | None
    version: int


# An unknown account, one without activity, a hidden and a deleted one: all the same outside.
NOTHING_SHOWN = Shown(State.NONE.value, None, Basis.NONE.value, False, False, None, 0)
NOT_COVERED = NOTHING_SHOWN._replace(state=State.NOT_COVERED.value)


@dataclasses.dataclass(frozen=True, slots=True)
class Lookup:
    """The labels asked for, in the order asked; `as_of` is None for a site that is not covered."""

    as_of: datetime | None
    labels: list[tuple[str, Shown]]


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """The latest state of an account that changed."""

    account: str
    shown: Shown
    seq: int
    deleted: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Changes:
    """A page of the feed. `next` is the seq to continue after."""

    as_of: datetime
    changes: list[Change]
    next: int


_COLUMNS = (
    Label.state,
    Label.region,
    Label.basis,
    Label.corrected,
    Label.disputed,
    Label.since,
    Label.version,
    Label.hidden,
)


def shown(columns: Sequence[Any]) -> Shown:
    """`_COLUMNS` of a row as the outside sees them. Enum members and their values both do."""
    state, region, basis, corrected, disputed, since, version, hidden = columns
    if hidden or state == State.NONE:
        return NOTHING_SHOWN
    return Shown(
        str(state), region, str(basis), bool(corrected), bool(disputed), str(since), version
    )


def lookup(session: Session, *, site_key: str, accounts: Sequence[str]) -> Lookup:
    """The labels of `accounts` (NFC, checked) on one site, by one indexed query."""
    known = sa.select(Site.id, Site.as_of).where(Site.key == site_key, Site.closed_at.is_(None))
    site = session.execute(known).first() if is_key(site_key) else None
    if site is None:
        return Lookup(None, [(account, NOT_COVERED) for account in accounts])
    rows = session.execute(
        sa.select(Label.account, *_COLUMNS).where(
            Label.site_id == site.id, Label.account.in_(set(accounts))
        )
    )
    found = {account: shown(columns) for account, *columns in rows}
    return Lookup(
        site.as_of, [(account, found.get(account, NOTHING_SHOWN)) for account in accounts]
    )


def changes(session: Session, *, site_id: int, as_of: datetime, after: int, limit: int) -> Changes:
    """The accounts of a site whose label changed since `after`, in the order of their change.

    One row an account, its latest: the feed holds no history.
    """
    rows = session.execute(
        sa.select(Label.account, Label.seq, Account.deleted_at, Label.hidden, *_COLUMNS)
        .join(Account, Account.id == Label.account_id)
        .where(Label.site_id == site_id, Label.seq > after)
        .order_by(Label.seq)
        .limit(limit)
    )
    found = [
        # a label that is hidden looks deleted: copies forget it, and nothing says why
        Change(account, shown(columns), seq, deleted_at is not None or hidden)
        for account, seq, deleted_at, hidden, *columns in rows
    ]
    return Changes(as_of, found, found[-1].seq if found else after)
