"""What a supervisor reads of accounts: which there are, their label, their information. Never an
address or a place by day.
"""

import dataclasses
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.errors import NotFound
from shudi.labels.rules import State
from shudi.labels.store import Label
from shudi.oversight.queries.scope import within
from shudi.oversight.rules import LIST_PAGE, Kind, Running
from shudi.sites.store import Site


@dataclasses.dataclass(frozen=True, slots=True)
class ShownLabel:
    """The label as readers see it, if they saw it within the period."""

    state: State
    region: str | None
    corrected: bool
    disputed: bool
    since: date | None


@dataclasses.dataclass(frozen=True, slots=True)
class Information:
    """What the platform says of an account, as it is now."""

    handle: str | None
    name: str
    avatar_url: str
    bio: str
    created_at: datetime
    updated_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """An account within the scope; `label` and `information` are None where they are not among
    what may be seen, the label also where it is younger than the period.
    """

    id: int
    site: str
    site_name: str
    account: str
    label: ShownLabel | None
    information: Information | None


_ACCOUNT: tuple[Any, ...] = (
    Account.id, Site.key, Site.name, Account.account, Label.state, Label.region, Label.corrected,
    Label.disputed, Label.hidden, Label.since, Account.handle, Account.name, Account.avatar_url,
    Account.bio, Account.created_at, Account.updated_at,
)  # fmt: skip


def accounts(
    session: Session,
    inspection: Running,
    *,
    account: str = "",
    beyond: int = 0,
    limit: int = LIST_PAGE,
) -> list[Found]:
    """Accounts within the scope by their number, behind `beyond`; only the one of the id `account`
    where it is given.
    """
    query = _accounts(inspection).where(Account.id > beyond)
    if account:
        query = query.where(Account.account == account)
    rows = session.execute(query.order_by(Account.id).limit(limit))
    return [_found(inspection, *row) for row in rows]


def account(session: Session, inspection: Running, *, account_id: int) -> Found:
    """One; NotFound alike where there is none and where it is not in the scope."""
    row = session.execute(_accounts(inspection).where(Account.id == account_id)).first()
    if row is None:
        raise NotFound("account-unknown", "There is no such account.")
    return _found(inspection, *row)


def _accounts(inspection: Running) -> sa.Select[Any]:
    return (
        sa.select(*_ACCOUNT)
        .join(Site, Site.serving(Account.site_id))
        .outerjoin(Label, Label.account_id == Account.id)
        .where(*within(inspection))
    )


def _found(inspection: Running, *row: Any) -> Found:
    number, site, site_name, name, *rest = row
    label, information = rest[:6], rest[6:]
    return Found(
        number,
        site,
        site_name,
        name,
        _label(inspection, *label) if inspection.shows(Kind.LABELS) else None,
        Information(*information) if inspection.shows(Kind.INFORMATION) else None,
    )


def _label(
    inspection: Running,
    state: State | None,
    region: str | None,
    corrected: bool | None,
    disputed: bool | None,
    hidden: bool | None,
    since: date | None,
) -> ShownLabel | None:
    """What readers see: a protected account looks like one without activity."""
    if state is None or since is None or hidden:
        return ShownLabel(State.NONE, None, corrected=False, disputed=False, since=None)
    if since > inspection.until:
        return None
    return ShownLabel(state, region, bool(corrected), bool(disputed), since)
