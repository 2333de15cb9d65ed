"""Opening a case, or joining the one that is open for the same thing."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.cases.actions.weighing import reweigh, weight_of
from shudi.cases.rules import (
    ANSWER_WITHIN,
    REPORT_SEVERITY,
    CaseKind,
    CaseState,
    EventKind,
    ReportKind,
)
from shudi.cases.store import Case, CaseEvent
from shudi.cases.store.case_page import CaseNotice
from shudi.cases.store.queue import CaseReport
from shudi.labels.rules import check_words
from shudi.outbox.actions import put
from shudi.outbox.rules import Topic
from shudi.sites.queries import check_serving
from shudi.staff.rules import Actor


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a case is about. A reader's report says what was `reported`, and by which `sender`
    (a pseudonym, empty if unknown).
    """

    kind: CaseKind
    site_id: int
    account_id: int | None = None
    brake_id: int | None = None
    update_id: int | None = None
    correction_id: int | None = None
    reported: ReportKind | None = None
    sender: str = ""
    text: str = ""
    data: dict[str, Any] = dataclasses.field(default_factory=dict)


def open_case(session: Session, *, actor: Actor, opening: Opening, now: datetime) -> Case:
    """Open a case, or add to the open one of the same account and kind."""
    check_serving(session, opening.site_id)
    case = _open_one(session, opening)
    if case is not None:
        _join(session, case, opening, now)
        said = event(session, case, EventKind.REPORTED, actor, now, opening.text, opening.data)
        _remember(session, opening, said)
        reweigh(session, case)
        audit(session, actor, "case.joined", case, now, text=opening.text)
        return case
    reported = REPORT_SEVERITY[opening.reported] if opening.reported else 0
    weight = weight_of(session, opening.kind, opening.account_id, reported=reported, senders=1)
    case = Case(
        site_id=opening.site_id,
        account_id=opening.account_id,
        brake_id=opening.brake_id,
        update_id=opening.update_id,
        correction_id=opening.correction_id,
        kind=opening.kind,
        state=CaseState.OPEN,
        severity=weight.severity,
        raised_by=",".join(weight.raised_by),
        reports=1,
        opened_at=now,
        due_at=now + ANSWER_WITHIN[opening.kind],
        updated_at=now,
    )
    session.add(case)
    session.flush()  # the event and the audit row name the id
    said = event(session, case, EventKind.OPENED, actor, now, opening.text, opening.data)
    _remember(session, opening, said)
    audit(session, actor, "case.opened", case, now, text=opening.text)
    if opening.kind is CaseKind.BRAKE:
        tell(session, case, Topic.BRAKE_TRIPPED, {"case": case.id}, now)
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
        sa.update(Case).where(Case.id == case.id).values(reports=case.reports + 1, updated_at=now)
    )


def _remember(session: Session, opening: Opening, said: CaseEvent) -> None:
    """Keep who sent a reader's report, as far as that is known."""
    if opening.reported is None:
        return
    session.flush()  # the row names the event's id
    row = CaseReport(
        case_id=said.case_id,
        event_id=said.id,
        sender=opening.sender,
        kind=opening.reported,
        at=said.at,
    )
    session.add(row)
    session.flush()  # the weight counts it


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
) -> CaseEvent:
    """Add one line to the case's timeline. Words of every act end here and are checked here."""
    line = CaseEvent(
        case_id=case.id,
        at=now,
        kind=kind,
        staff_id=actor.staff_id,
        actor=actor.name[:120],
        text=check_words(text),
        data=data or {},
    )
    session.add(line)
    return line


def tell(
    session: Session, case: Case, topic: Topic, payload: dict[str, Any], now: datetime
) -> None:
    """Queue a notice about a case, and note on its timeline that there was one."""
    sent = put(session, topic=topic, site_id=case.site_id, payload=payload, now=now)
    session.add_all(
        CaseNotice(case_id=case.id, uid=uid, topic=topic.value, channel=channel.value, at=now)
        for channel, uid in sent.items()
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
) -> int:
    """One audit row about a case; returns its seq."""
    return append(
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
