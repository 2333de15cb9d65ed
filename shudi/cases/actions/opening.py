"""Opening a case, or joining the one that is open for the same thing."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.cases.rules import ANSWER_WITHIN, SEVERITY, CaseKind, CaseState, EventKind
from shudi.cases.store import Case, CaseEvent
from shudi.labels.rules import check_words
from shudi.staff.rules import Actor


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a case is about. `severity` 0 takes the kind's own."""

    kind: CaseKind
    site_id: int
    account_id: int | None = None
    brake_id: int | None = None
    correction_id: int | None = None
    severity: int = 0
    text: str = ""
    data: dict[str, Any] = dataclasses.field(default_factory=dict)


def open_case(session: Session, *, actor: Actor, opening: Opening, now: datetime) -> Case:
    """Open a case, or add to the open one of the same account and kind."""
    case = _open_one(session, opening)
    if case is not None:
        _join(session, case, opening, now)
        event(session, case, EventKind.REPORTED, actor, now, opening.text, opening.data)
        audit(session, actor, "case.joined", case, now, text=opening.text)
        return case
    case = Case(
        site_id=opening.site_id,
        account_id=opening.account_id,
        brake_id=opening.brake_id,
        correction_id=opening.correction_id,
        kind=opening.kind,
        state=CaseState.OPEN,
        severity=opening.severity or SEVERITY[opening.kind],
        reports=1,
        opened_at=now,
        due_at=now + ANSWER_WITHIN[opening.kind],
        updated_at=now,
    )
    session.add(case)
    session.flush()  # the event and the audit row name the id
    event(session, case, EventKind.OPENED, actor, now, opening.text, opening.data)
    audit(session, actor, "case.opened", case, now, text=opening.text)
    return case


def _join(session: Session, case: Case, opening: Opening, now: datetime) -> None:
    """Count one more. That is no reason to look again at what somebody is deciding, so the
    case's version stays: a flood of reports would keep every decision out. What the case is
    about is one.
    """
    if opening.correction_id is not None and case.correction_id != opening.correction_id:
        case.correction_id = opening.correction_id
        session.flush()  # this moves the version; the statement below does not
    session.execute(
        sa.update(Case)
        .where(Case.id == case.id)
        .values(
            reports=case.reports + 1,
            severity=max(case.severity, opening.severity),
            updated_at=now,
        )
    )


def _open_one(session: Session, opening: Opening) -> Case | None:
    if opening.account_id is None:
        return None
    return session.scalar(
        sa.select(Case).where(
            Case.account_id == opening.account_id,
            Case.kind == opening.kind,
            Case.state != CaseState.CLOSED,
        )
    )


def event(
    session: Session,
    case: Case,
    kind: EventKind,
    actor: Actor,
    now: datetime,
    text: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Add one line to the case's timeline. Words of every act end here and are checked here."""
    text = check_words(text)
    session.add(
        CaseEvent(
            case_id=case.id,
            at=now,
            kind=kind,
            staff_id=actor.staff_id,
            actor=actor.name[:120],
            text=text,
            data=data or {},
        )
    )


def audit(
    session: Session,
    actor: Actor,
    action: str,
    case: Case,
    now: datetime,
    *,
    after: dict[str, Any] | None = None,
    text: str = "",
) -> None:
    """One audit row about a case."""
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            target_type="case",
            target_id=case.id,
            after={"kind": case.kind.value, "state": case.state.value, **(after or {})},
            text=text,
            request_id=actor.request_id,
        ),
        now=now,
    )
