"""What is needed to estimate, and to try, what new geo databases move."""

import dataclasses

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.geo.rules import coded
from shudi.labels.store import Label
from shudi.labels.store.trials import SourceTrial
from shudi.sites.store import Site

LISTED_MOST = 50


def labels_by_place(session: Session, *, site_id: int) -> dict[str, int]:
    """How many of a site's labels rest on activity in each place (Place.code). Only for the
    estimate: it is shown as moves, and nowhere as a count of people in a place.
    """
    count = sa.func.count()
    rows = session.execute(
        sa.select(Label.resolved_state, Label.resolved_region, count)
        .where(Label.site_id == site_id, Label.deleted.is_(False))
        .where(Label.hidden.is_(False), Label.corrected.is_(False))
        .group_by(Label.resolved_state, Label.resolved_region)
    )
    found = {coded(state.value, region): int(n) for state, region, n in rows}
    found.pop("", None)
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class TrialAccount:
    """An account that the new databases would place elsewhere."""

    account_id: int
    account: str
    handle: str | None
    name: str
    site_name: str
    before: str
    after: str


@dataclasses.dataclass(frozen=True, slots=True)
class Trial:
    """What came of looking accounts up in both: how many, how many of them would move, from
    where to where, and the first of them by name.
    """

    accounts: int
    moved: int
    moves: list[tuple[str, str, int]]
    listed: list[TrialAccount]


def trial(session: Session, *, update_id: int) -> Trial:
    """What the trial of an update has found so far."""
    mine = SourceTrial.update_id == update_id
    moving = sa.and_(SourceTrial.after != "", SourceTrial.before != SourceTrial.after)
    count = sa.func.count()
    rows = session.execute(
        sa.select(SourceTrial.before, SourceTrial.after, count)
        .where(mine)
        .group_by(SourceTrial.before, SourceTrial.after)
        .order_by(count.desc(), SourceTrial.before, SourceTrial.after)
    )
    found = [(before, after, int(n)) for before, after, n in rows]
    moves = [one for one in found if one[1] and one[0] != one[1]]
    listed = session.execute(
        sa.select(
            Account.id,
            Account.account,
            Account.handle,
            Account.name,
            Site.name,
            SourceTrial.before,
            SourceTrial.after,
        )
        .join(Account, Account.id == SourceTrial.account_id)
        .join(Site, Site.serving(SourceTrial.site_id))
        .where(mine, moving)
        .order_by(Account.account)
        .limit(LISTED_MOST)
    )
    return Trial(
        sum(n for *_, n in found),
        sum(n for *_, n in moves),
        moves,
        [TrialAccount(*row) for row in listed],
    )


def trial_moves_any(session: Session, *, update_id: int, accounts: frozenset[int]) -> bool:
    """Whether the trial found that any of these accounts would move."""
    if not accounts:
        return False
    found = sa.exists().where(
        SourceTrial.update_id == update_id,
        SourceTrial.account_id.in_(accounts),
        SourceTrial.before != SourceTrial.after,
    )
    return bool(session.scalar(sa.select(found)))
