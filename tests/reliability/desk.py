"""What two moderators do at the same moment, each in a process of their own."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from shudi.cases.actions.claims import claim
from shudi.cases.actions.handover import assign
from shudi.cases.actions.review import dismiss
from shudi.errors import ShudiError
from shudi.labels.actions import corrections as label_corrections
from shudi.regions.codec import load_vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor
from tests import factories, people
from tests.reliability.harness import Wait
from tests.reliability.work import NOW, opened

Cases = list[tuple[int, int]]
Act = Callable[[Session, int, int], object]


def claims(wait: Wait, url: str, discipline: str, who: Actor, cases: Cases) -> list[dict[str, Any]]:
    """Claim each case, beginning each one together."""
    settings = Settings(database_url=url)

    def act(session: Session, case_id: int, version: int) -> object:
        del version
        return claim(session, actor=who, case_id=case_id, settings=settings, now=NOW)

    return _each(wait, url, discipline, who, cases, act)


def assignments(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Give each case, seen as nobody's, to a moderator: Sam to Amir, Sonja to Alice."""
    to = people.AMIR if who == people.SAM else people.ALICE

    def act(session: Session, case_id: int, version: int) -> object:
        del version
        return assign(
            session,
            actor=who,
            case_id=case_id,
            to=to.staff_id or 0,
            seen_claim=0,
            text="",
            now=NOW,
        )

    return _each(wait, url, discipline, who, cases, act)


def corrections(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Withhold each label, both having seen the same version."""
    settings, vocabulary = Settings(database_url=url), load_vocabulary()

    def act(session: Session, case_id: int, version: int) -> object:
        account_id = session.scalar(
            sa.text("SELECT account_id FROM cases WHERE id = :id").bindparams(id=case_id)
        )
        return label_corrections.propose(
            session,
            actor=who,
            account_id=account_id or 0,
            case_id=None,
            wish=factories.wish(version),
            vocabulary=vocabulary,
            settings=settings,
            now=NOW,
        )

    return _each(wait, url, discipline, who, cases, act)


def dismissals(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Dismiss each case as it was seen when it was claimed."""

    def act(session: Session, case_id: int, version: int) -> object:
        return dismiss(
            session,
            actor=who,
            case_id=case_id,
            version=version,
            reason="duplicate",
            text="",
            now=NOW,
        )

    return _each(wait, url, discipline, who, cases, act)


def reports(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """A reader's word on each account, `user-0` and so on."""
    accounts = {case_id: f"user-{at}" for at, (case_id, _) in enumerate(cases)}

    def act(session: Session, case_id: int, version: int) -> object:
        del version
        return factories.make_case(session, account=accounts[case_id], now=NOW)

    return _each(wait, url, discipline, who, cases, act)


def blind_edits(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Read a case's version, then write it one higher, asking nobody."""

    def act(session: Session, case_id: int, version: int) -> object:
        del version
        seen = session.scalar(
            sa.text("SELECT version FROM cases WHERE id = :id").bindparams(id=case_id)
        )
        wait()  # both have read
        return session.execute(
            sa.text("UPDATE cases SET version = :next WHERE id = :id").bindparams(
                id=case_id, next=(seen or 0) + 1
            )
        )

    return _each(wait, url, discipline, who, cases, act)


def call(wait: Wait, task: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """`task`, where each process has another one."""
    return task(wait, *arguments)


def _each(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases, act: Act
) -> list[dict[str, Any]]:
    results = []
    with opened(url, discipline) as database:
        for case_id, version in cases:
            wait()
            result: dict[str, Any] = {"code": "done", "kind": "", "staff_id": who.staff_id}
            try:
                with database.transaction() as session:
                    act(session, case_id, version)
            except ShudiError as error:
                kind = type(error).__name__
                result |= {"code": error.code, "kind": kind, "facts": error.facts}
            except exc.SQLAlchemyError as error:
                result |= {"code": str(error), "kind": type(error).__name__}
            results.append(result)
    return results
