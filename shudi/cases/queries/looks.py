"""A second look as the second person sees it: the case as it stood, without the first verdict."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.rules import CaseKind, CaseState, EventKind, Verdict
from shudi.cases.rules.decisions import Settled
from shudi.cases.store import Case, CaseEvent, Claim, Decision
from shudi.cases.store.decisions import SecondLook
from shudi.errors import NotFound
from shudi.labels.queries.desk import Evidence, parse_evidence
from shudi.labels.rules import CorrectionKind, State
from shudi.labels.store import Correction
from shudi.sites.store import Site

_TOLD = (EventKind.OPENED, EventKind.REPORTED)


@dataclasses.dataclass(frozen=True, slots=True)
class Stood:
    """The label as it was decided on: what readers saw, what activity said, on what evidence."""

    state: State
    region: str | None
    resolved_state: State
    resolved_region: str | None
    evidence: Evidence


@dataclasses.dataclass(frozen=True, slots=True)
class Given:
    """A verdict."""

    verdict: Verdict
    kind: CorrectionKind | None
    region: str | None
    reason: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Look:
    """`first` and `second` are empty until the second verdict is given."""

    case_id: int
    version: int
    state: CaseState
    about: CaseKind
    account_id: int | None
    account: str
    account_name: str
    site_name: str
    holder_id: int | None
    decider_id: int | None
    looked_by: int | None
    decided_at: datetime
    stood: Stood | None
    told: tuple[str, ...]
    agreed: bool | None
    settled: Settled | None
    settled_text: str
    first: Given | None
    second: Given | None


_First = orm.aliased(Case)


def look(session: Session, *, case_id: int) -> Look:
    """The second look of this case; NotFound where there is none. Two reads."""
    found = session.execute(
        sa.select(SecondLook, Decision, Case, _First.kind, Account, Site.name, Correction, Claim)
        .join(Decision, Decision.id == SecondLook.decision_id)
        .join(Case, Case.id == SecondLook.case_id)
        .join(_First, _First.id == Decision.case_id)
        .join(Account, Account.id == Case.account_id)
        .join(Site, Site.serving(Case.site_id))
        .outerjoin(Correction, Correction.id == Decision.correction_id)
        .outerjoin(Claim, sa.and_(Claim.case_id == Case.id, Claim.ended_at.is_(None)))
        .where(SecondLook.case_id == case_id)
    ).first()
    if found is None:
        raise NotFound("look-unknown", "There is no such second look.")
    row, decision, case, about, account, site_name, correction, claim = found
    first, second = _verdicts(row, decision, correction)
    return Look(
        case_id=case.id,
        version=case.version,
        state=case.state,
        about=about,
        account_id=case.account_id,
        account=account.account,
        account_name=account.name,
        site_name=site_name,
        holder_id=claim.staff_id if claim else None,
        decider_id=decision.staff_id,
        looked_by=row.looked_by,
        decided_at=decision.at,
        stood=_stood(decision.frozen),
        told=_told(session, decision),
        agreed=row.agreed,
        settled=row.settled,
        settled_text=row.settled_text,
        first=first,
        second=second,
    )


def _verdicts(
    row: SecondLook, decision: Decision, correction: Correction | None
) -> tuple[Given | None, Given | None]:
    if row.verdict is None:
        return None, None
    kind, region = (correction.kind, correction.region) if correction else (None, None)
    first = Given(decision.verdict, kind, region, decision.reason, decision.text)
    return first, Given(row.verdict, row.kind, row.region, row.reason, row.text)


def _stood(frozen: dict[str, Any]) -> Stood | None:
    if not frozen:
        return None
    state, region = frozen.get("was", (frozen["state"], frozen["region"]))
    return Stood(
        State(state),
        region,
        State(frozen["resolved_state"]),
        frozen["resolved_region"],
        parse_evidence(frozen.get("evidence")),
    )


def _told(session: Session, decision: Decision) -> tuple[str, ...]:
    """What people had said by then; no notes, which may give the verdict away."""
    query = (
        sa.select(CaseEvent.text)
        .where(
            CaseEvent.case_id == decision.case_id,
            CaseEvent.kind.in_(_TOLD),
            CaseEvent.at <= decision.at,
            CaseEvent.text != "",
        )
        .order_by(CaseEvent.at, CaseEvent.id)
        .limit(10)
    )
    return tuple(session.scalars(query))
