"""Taking a decision back at the moment in which somebody or something else touches it."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions import approval, undoing, upkeep
from shudi.cases.store import Decision
from shudi.labels.store import Correction, Label
from shudi.settings import Settings
from shudi.staff.rules import Actor
from tests.reliability.desk import Cases, _each
from tests.reliability.harness import Wait
from tests.reliability.work import NOW

SECOND = timedelta(seconds=1)


def undos(wait: Wait, url: str, discipline: str, who: Actor, cases: Cases) -> list[dict[str, Any]]:
    """Undo the decision on each case; the pair's second number is when, in seconds."""
    settings = Settings(database_url=url)

    def act(session: Session, case_id: int, second: int) -> object:
        decision = session.scalar(sa.select(Decision.id).where(Decision.case_id == case_id))
        undoing.undo(
            session,
            actor=who,
            targets=[undoing.Target(decision or 0, 1)],
            text="",
            settings=settings,
            now=NOW + second * SECOND,
        )
        return None

    return _each(wait, url, discipline, who, cases, act)


def approvals(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Approve what is proposed for each case's account, as it was seen before (version 2)."""

    def act(session: Session, case_id: int, second: int) -> object:
        account = session.scalar(
            sa.text("SELECT account_id FROM cases WHERE id = :id").bindparams(id=case_id)
        )
        row = session.scalars(
            sa.select(Correction).where(
                Correction.account_id == account, Correction.state == "proposed"
            )
        ).one()
        return approval.approve(
            session,
            actor=who,
            correction_id=row.id,
            version=row.version,
            label_version=2,
            now=NOW + second * SECOND,
        )

    return _each(wait, url, discipline, who, cases, act)


def expiries(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """What the worker does at each case's second."""

    def act(session: Session, case_id: int, second: int) -> object:
        del case_id
        return upkeep.expire_corrections(session, now=NOW + second * SECOND)

    return _each(wait, url, discipline, who, cases, act)


def labels(session: Session) -> set[tuple[str, str | None, int]]:
    """What is displayed, and how often it changed."""
    rows = session.execute(sa.select(Label.state, Label.region, Label.version))
    return {(row.state.value, row.region, row.version) for row in rows}
