"""Batches in processes that race, and that are killed."""

import dataclasses
import os
import signal
from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from shudi.cases.actions.batches import items, life, listing, running
from shudi.cases.actions.review import correct
from shudi.cases.rules.batches import BatchAct, Listed, Terms
from shudi.cases.store import Case
from shudi.cases.store.batches import Batch, BatchItem
from shudi.db import Database, connect
from shudi.errors import ShudiError
from shudi.labels.store import Correction
from shudi.regions.codec import load_vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor
from tests import factories, people
from tests.reliability.desk import Cases, _each
from tests.reliability.harness import Wait
from tests.reliability.work import NOW, opened


def make(database: Database, site: int, names: list[str], act: str = "coarsen") -> int:
    """Alice's batch of these accounts, ready to run: Sam has agreed where two are needed."""
    with database.transaction() as session:
        batch = life.create(
            session,
            actor=people.ALICE,
            uid=f"{act}-{len(names)}",
            site_id=site,
            terms=Terms(act=BatchAct(act), reason="carrier_egress", text="ticket 4711"),
            listed=[Listed(name) for name in names],
            settings=Settings(),
            now=NOW,
        )
        if batch.second:
            seen = {"batch_id": batch.id, "version": batch.version}
            life.approve(session, actor=people.SAM, **seen, now=NOW)
        return batch.id


def workers(wait: Wait, url: str, discipline: str, count: int, most: int) -> list[str]:
    """Go on with whatever runs, `count` accounts at a time, at most `most` times; what became of
    each turn.
    """
    settings, vocabulary, turns = Settings(database_url=url), load_vocabulary(), []
    with opened(url, discipline) as database:
        wait()
        for _ in range(most):
            try:
                with database.transaction() as session:
                    found = running.run_some(
                        session, vocabulary=vocabulary, settings=settings, now=NOW, limit=count
                    )
            except (ShudiError, exc.SQLAlchemyError) as error:
                turns.append(type(error).__name__)
                continue
            if not found:
                break
            turns.append("done")
    return turns


def turns(wait: Wait, url: str, discipline: str, who: Actor, cases: Cases) -> list[dict[str, Any]]:
    """The worker's turn at one account, beginning each one together with somebody else."""
    settings, vocabulary = Settings(database_url=url), load_vocabulary()

    def act(session: Any, case_id: int, version: int) -> object:
        del case_id, version
        return running.run_some(session, vocabulary=vocabulary, settings=settings, now=NOW, limit=1)

    return _each(wait, url, discipline, who, cases, act)


def decisions(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Withhold each case's label, as it was seen before the batch began."""
    settings, vocabulary = Settings(database_url=url), load_vocabulary()

    def act(session: Any, case_id: int, version: int) -> object:
        return correct(
            session, actor=who, case_id=case_id, version=session.get_one(Case, case_id).version,
            wish=factories.wish(version, "withhold"), vocabulary=vocabulary, settings=settings,
            now=NOW,
        )  # fmt: skip

    return _each(wait, url, discipline, who, cases, act)


def dies_between(wait: Wait, url: str) -> None:
    """A worker that writes what became of an account in a second transaction, and is killed
    between the two. For the control.
    """
    wait()
    database, settings = connect(url), Settings(database_url=url)
    with database.transaction() as session:
        batch = session.scalars(sa.select(Batch)).one()
        work = listing.work_of(
            session, batch, vocabulary=load_vocabulary(), settings=settings, now=NOW
        )
        item = session.scalars(sa.select(BatchItem).order_by(BatchItem.position)).first()
        assert item is not None
        target = items.Target(item.account_id, item.version)
        items.prepare(session, work, target).carry_out()
    os.kill(os.getpid(), signal.SIGKILL)


@dataclasses.dataclass(frozen=True, slots=True)
class Balance:
    """`doubled`: accounts with more than one correction; `lost`: accounts whose item and label
    say different things.
    """

    outcomes: Counter[str]
    doubled: int
    lost: int


def balance(database: Database, batch: int) -> Balance:
    """What is on record of a batch beside what was done."""
    with database.read_session() as session:
        made = Counter(session.scalars(sa.select(Correction.account_id)))
        rows = session.scalars(sa.select(BatchItem).where(BatchItem.batch_id == batch)).all()
    return Balance(
        outcomes=Counter(row.outcome.value for row in rows),
        doubled=sum(count > 1 for count in made.values()),
        lost=sum((row.outcome == "done") != (row.account_id in made) for row in rows),
    )
