"""Two invented requests of an invented authority: one runs, one waits for a second admin."""

import dataclasses
import functools
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo.links import ADMIN, SECOND_ADMIN, SUPERVISOR
from demo.stage import Stage
from shudi.accounts.store import Account
from shudi.cases.rules import CaseState
from shudi.cases.store import Case, Decision
from shudi.oversight.actions import approve, enter, note_look
from shudi.oversight.actions import propose as propose_act
from shudi.oversight.queries import looking
from shudi.oversight.rules import Basis, Kind, Reach, Request, Telling

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_NAMED = 12
_AUTHORITY = "Invented Cyberspace Office of Teahouse County / 茶馆县网信办（虚构）"
_PURPOSE = (
    "Invented for this demo: whether reports about these accounts were decided with a reason and in"
    " time. / 演示用虚构目的：核查针对这些账号的举报是否按时、附理由作出处理。"
)


def requests(stage: Stage) -> None:
    """One approved yesterday, with a first look at it; one proposed an hour ago."""
    stage.at(_DAY, functools.partial(_run, stage=stage))
    stage.at(_HOUR, functools.partial(_wait, stage=stage))


def _request(stage: Stage, now: datetime, **changes: object) -> Request:
    usual = Request(
        authority=_AUTHORITY,
        number="DEMO-2026-017",
        dated=(now - 3 * _DAY).date(),
        basis=Basis.R21,
        purpose=_PURPOSE,
        supervisors=frozenset({stage.staff[SUPERVISOR].staff_id or 0}),
        sites=frozenset({stage.site_id}),
        reach=Reach.NAMED,
        since=(now - 60 * _DAY).date(),
        until=now.date(),
        kinds=frozenset(Kind),
        days=14,
        telling=Telling.AFTERWARDS,
    )
    return dataclasses.replace(usual, **changes)  # type: ignore[arg-type]


def _run(session: Session, now: datetime, *, stage: Stage) -> None:
    wanted = _request(stage, now, accounts=_decided(session))
    number = propose_act(
        session,
        actor=stage.staff[ADMIN],
        request=wanted,
        vocabulary=stage.vocabulary,
        now=now - _HOUR,
    )
    approve(session, actor=stage.staff[SECOND_ADMIN], inspection_id=number, version=1, now=now)
    supervisor = stage.staff[SUPERVISOR]
    inspection = enter(session, actor=supervisor, inspection_id=number, now=now)
    seen = [row.id for row in looking.accounts(session, inspection)]
    note_look(
        session, actor=supervisor, inspection=inspection, page="accounts", accounts=seen, now=now
    )


def _decided(session: Session) -> tuple[str, ...]:
    """Accounts whose cases were decided."""
    query = (
        sa.select(Account.account)
        .join(Case, Case.account_id == Account.id)
        .join(Decision, Decision.case_id == Case.id)
        .where(Case.state == CaseState.CLOSED, Account.deleted_at.is_(None))
        .distinct()
        .order_by(Account.account)
    )
    return tuple(session.scalars(query.limit(_NAMED)))


def _wait(session: Session, now: datetime, *, stage: Stage) -> None:
    wanted = _request(
        stage,
        now,
        number="DEMO-2026-021",
        reach=Reach.REGIONS,
        regions=frozenset({"CN-NX", "CN-QH"}),
        kinds=frozenset({Kind.LABELS}),
        days=7,
        telling=Telling.AT_ONCE,
    )
    propose_act(
        session, actor=stage.staff[ADMIN], request=wanted, vocabulary=stage.vocabulary, now=now
    )
