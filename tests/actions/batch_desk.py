"""Batches at the desk, as one-liners."""

import dataclasses
import itertools
from typing import Any

import sqlalchemy as sa

from shudi.cases.actions.batches import life, preview, running
from shudi.cases.rules.batches import BatchAct, Listed, Terms
from shudi.cases.store.batches import Batch, BatchItem
from shudi.staff.rules import Actor
from tests.actions.desk import Desk
from tests.people import ALICE, AMIR, SAM

TEXT = "The carrier routes them through another province: ticket 4711."
_uids = itertools.count(1)


def terms(act: str = "coarsen", **changes: Any) -> Terms:
    values = {"act": BatchAct(act), "reason": "" if act == "lift" else "carrier_egress"}
    return Terms(**({**values, "text": TEXT} | changes))


@dataclasses.dataclass
class Batches:
    """What people and the worker do with batches at `desk`."""

    desk: Desk

    def see(self, count: int, place: str = "CN-GD", begin: str = "user") -> list[str]:
        """Accounts in a place."""
        names = [f"{begin}-{at}" for at in range(1, count + 1)]
        for start in range(0, count, 10):  # fewer than a brake would stop
            self.desk.see(*[(name, place) for name in names[start : start + 10]])
        return names

    def foresee(self, names: list[Any], act: str = "coarsen", by: Actor = ALICE, **more: Any):
        with self.desk.database.read_session() as session:
            found = preview.preview(
                session,
                actor=by,
                site_id=self.desk.site,
                terms=terms(act, **more),
                listed=_listed(names),
                vocabulary=self.desk.vocabulary,
                settings=self.desk.settings,
                now=self.desk.now,
            )
            assert not session.dirty
            assert not session.new
            return found

    def foresee_again(self, batch: int) -> preview.Preview:
        with self.desk.database.read_session() as session:
            return preview.preview_again(
                session,
                batch_id=batch,
                vocabulary=self.desk.vocabulary,
                settings=self.desk.settings,
                now=self.desk.now,
            )

    def make(
        self, names: list[Any], act: str = "coarsen", by: Actor = ALICE, uid: str = "", **more: Any
    ) -> int:
        return self.desk.act(
            life.create,
            actor=by,
            uid=uid or f"form-{next(_uids)}",
            site_id=self.desk.site,
            terms=terms(act, **more),
            listed=_listed(names),
            settings=self.desk.settings,
        ).id

    def work(self, *, most: int = 1000) -> int:
        """The worker until nothing is left, or so many accounts are done."""
        total = 0
        while total < most and (count := self.some()):
            total += count
        return total

    def some(self, **more: Any) -> int:
        return self.desk.act(
            running.run_some,
            vocabulary=self.desk.vocabulary,
            settings=self.desk.settings,
            **more,
        )

    def done(self, names: list[Any], act: str = "coarsen", **more: Any) -> int:
        """Made, agreed to where that is asked for, and run."""
        batch = self.make(names, act, **more)
        if self.of(batch).second:
            self.answer("approve", batch)
        self.work()
        return batch

    def answer(self, act: str, batch: int, by: Actor = SAM, **more: Any) -> Batch:
        values = {"version": self.of(batch).version} | more
        return self.desk.act(getattr(life, act), actor=by, batch_id=batch, **values)

    def back(self, batch: int, act: str = "revert", by: Actor = AMIR, **more: Any) -> int:
        values = {"version": self.of(batch).version, "text": "It was wrong", "seen": {}} | more
        return self.desk.act(
            life.take_back, actor=by, uid=f"form-{next(_uids)}", batch_id=batch,
            act=BatchAct(act), settings=self.desk.settings, **values,
        ).id  # fmt: skip

    def of(self, batch: int) -> Batch:
        return self.desk.read(Batch, batch)

    def items(self, batch: int) -> list[BatchItem]:
        rows = sa.select(BatchItem).where(BatchItem.batch_id == batch)
        return self.desk.rows(rows.order_by(BatchItem.position))

    def outcomes(self, batch: int) -> list[str]:
        """`done`, or the outcome with its code, in the order of the list."""
        return [said(item.outcome, item.code) for item in self.items(batch)]


def said(outcome: str, code: str) -> str:
    return f"{outcome}: {code}" if code else str(outcome)


def _listed(names: list[Any]) -> list[Listed]:
    return [Listed(name) if isinstance(name, str) else Listed(*name) for name in names]
