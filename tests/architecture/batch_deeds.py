"""Good requests for batches."""

import itertools
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from shudi import clock
from shudi.cases.actions.batches import life, running
from shudi.cases.rules.batches import BatchAct, Listed, Terms
from shudi.cases.store.batches import Batch
from shudi.staff.rules import Actor
from tests import factories, people
from tests.architecture.deed import Asked, Deed
from tests.architecture.doors import Doors

_numbers = itertools.count(1)


def _uid() -> str:
    return f"{next(_numbers):0>32}"


def _made(doors: Doors, who: Actor, names: list[str]) -> int:
    with doors.database.transaction() as session:
        site = session.execute(sa.text("SELECT id FROM sites WHERE key = 'forum'")).scalar_one()
        return life.create(
            session,
            actor=who,
            uid=_uid(),
            site_id=site,
            terms=Terms(act=BatchAct.WITHHOLD, reason="travel", text="ticket 4711"),
            listed=[Listed(name) for name in names],
            settings=doors.settings,
            now=clock.now(),
        ).id


def _waiting(act: str, **form: Any) -> Callable[[Doors], Asked]:
    def prepare(doors: Doors) -> Asked:
        names = [f"nobody-{at}" for at in range(doors.settings.batch_second + 1)]
        return f"/batches/{_made(doors, people.ALICE, names)}/{act}", {"version": 1} | form

    return prepare


def _running(doors: Doors) -> Asked:
    return f"/batches/{_made(doors, people.ALICE, ['nobody'])}/cancel", {"version": 1}


def _cancelled(doors: Doors) -> Asked:
    batch = _made(doors, people.ALICE, ["nobody"])
    with doors.database.transaction() as session:
        life.cancel(session, actor=people.ALICE, batch_id=batch, version=1, now=clock.now())
    return f"/batches/{batch}/again", {"version": 2, "seen": "1:1"}


def _ended(doors: Doors) -> Asked:
    name = f"batched-{next(_numbers)}"
    with doors.database.transaction() as session:
        site = session.execute(sa.text("SELECT id FROM sites WHERE key = 'forum'")).scalar_one()
        factories.make_account(session, site_id=site, account=name, now=clock.now())
        factories.see(
            session, places=[(name, "CN-GD")], locator=doors.locator, settings=doors.settings,
            now=clock.now(),
        )  # fmt: skip
    batch = _made(doors, people.SAM, [name])
    with doors.database.transaction() as session:
        while session.get_one(Batch, batch).state == "running":
            running.run_some(
                session, vocabulary=doors.vocabulary, settings=doors.settings, now=clock.now()
            )
            session.expire_all()
        version = session.get_one(Batch, batch).version
    form = {"version": version, "act": "revert", "uid": _uid(), "text": "It was wrong"}
    return f"/batches/{batch}/back", form


def _create(_: Doors) -> Asked:
    form = {"uid": _uid(), "site": "forum", "act": "withhold", "reason": "travel"}
    return "/batches", form | {"text": "ticket 4711", "accounts": "nobody"}


DEEDS = {
    "batch.again": Deed(people.ALICE, _cancelled),
    "batch.approve": Deed(people.SAM, _waiting("approve")),
    "batch.back": Deed(people.AMIR, _ended),
    "batch.cancel": Deed(people.ALICE, _running),
    "batch.refuse": Deed(people.SAM, _waiting("refuse", text="No longer needed")),
    "batches.create": Deed(people.ALICE, _create),
}
NO_ACT = {
    "batches.edit": "shows what was typed, or ticked on another page, to be gone on with",
    "batches.preview": "says what would become of each account",
}
