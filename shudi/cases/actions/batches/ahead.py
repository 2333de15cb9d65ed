"""Everything that `items.prepare` asks about one account, read for a whole list first."""

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.actions import ruling
from shudi.cases.actions.batches.items import Target, Work, label_of
from shudi.cases.actions.batches.standing import ended_at, ending_decision
from shudi.cases.rules.batches import TAKING_BACK
from shudi.db import Base
from shudi.labels.actions.corrections import waiting
from shudi.labels.actions.display import in_force
from shudi.labels.store import Correction
from shudi.sites.queries import closed_at

_CHUNK = 1000  # ids in one statement


def read_ahead(session: Session, work: Work, targets: Sequence[Target]) -> list[Base]:
    """Read it, in some ten statements for each thousand. Keep what is returned: asking the session
    for one of these rows by its id finds it in memory for as long as somebody holds it.
    """
    held: list[Base] = []
    for some in _chunks(targets):
        ids = [one.account_id for one in some if one.account_id is not None]
        accounts = session.scalars(sa.select(Account).where(Account.id.in_(ids))).all()
        closed_at.read_ahead(session, {account.site_id for account in accounts})
        held += accounts
        label_of.read_ahead(session, ids)
        current = in_force.read_ahead(session, ids).values()
        waiting.read_ahead(session, ids)
        ruling.contest.read_ahead(session, ids)
        if work.actor.staff_id is not None:
            me = work.actor.staff_id
            ruling.last_word.read_ahead(session, [(me, account_id) for account_id in ids])
        made = [one.correction_id for one in some if one.correction_id is not None]
        rows = _corrections(session, made)
        if work.terms.act in TAKING_BACK:
            ending_decision.read_ahead(session, made)
        if work.former is not None and work.former.lifted:
            ended_at.read_ahead(session, [(work.former.batch_id, one) for one in made])
        former = [row.replaced_id for row in (*current, *rows) if row.replaced_id is not None]
        held += [*rows, *_corrections(session, former)]
    return held


def _chunks(targets: Sequence[Target]) -> Iterator[Sequence[Target]]:
    for start in range(0, len(targets), _CHUNK):
        yield targets[start : start + _CHUNK]


def _corrections(session: Session, ids: Iterable[int]) -> Sequence[Correction]:
    wanted = [*ids]
    if not wanted:
        return []
    return session.scalars(sa.select(Correction).where(Correction.id.in_(wanted))).all()
