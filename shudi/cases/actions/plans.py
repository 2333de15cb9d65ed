"""Corrections that begin on a given day: the worker begins them, people cancel them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions import ruling
from shudi.cases.actions.closing import close_answered
from shudi.cases.actions.opening import Opening, event, open_case
from shudi.cases.rules import CaseKind, EventKind
from shudi.cases.rules.policy import Act, Risk, check
from shudi.cases.store import Case
from shudi.errors import NotFound
from shudi.labels.actions import scheduling
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.sites.queries import check_serving
from shudi.staff.rules import Actor

_WORKER = Actor.system("worker")


def start_due(
    session: Session, *, vocabulary: Vocabulary, settings: Settings, now: datetime, limit: int = 50
) -> int:
    """Begin planned corrections whose day has come; returns how many were looked at.

    The policy is asked anew, for the label as it is now. What no longer fits, or takes a second
    person whom nobody asked then, goes back to the queue.
    """
    due = session.scalars(
        sa.select(Correction)
        .where(Correction.state == CorrectionState.SCHEDULED, Correction.starts_at <= now)
        .order_by(Correction.starts_at)
        .limit(limit)
    ).all()
    for correction in due:
        codes = _against(session, correction, vocabulary, settings, now)
        if codes:
            _give_back(session, correction, codes, now)
        else:
            scheduling.start(session, actor=_WORKER, correction=correction, now=now)
            close_answered(session, actor=_WORKER, account_id=correction.account_id, now=now)
    return len(due)


def _against(
    session: Session,
    correction: Correction,
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
) -> list[str]:
    """Codes of what speaks against beginning it: why it does not fit, or new risks."""
    code = scheduling.unfit(session, correction, vocabulary=vocabulary, settings=settings, now=now)
    if code is not None:
        return [code]
    if correction.approved_by is not None:
        return []
    # who decided is a person with own decisions; here only what lies in the label is asked
    risks = ruling.risks_of_correction(
        session,
        actor=_WORKER,
        account_id=correction.account_id,
        kind=correction.kind,
        region=correction.region,
        appeal=Risk.APPEAL_UPHELD in correction.risks.split(","),
        vocabulary=vocabulary,
        settings=settings,
    )
    return [risk.value for risk in risks]


def _give_back(session: Session, correction: Correction, codes: list[str], now: datetime) -> None:
    scheduling.give_back(session, actor=_WORKER, correction=correction, codes=codes, now=now)
    opening = Opening(
        kind=CaseKind.SCHEDULED,
        site_id=correction.site_id,
        account_id=correction.account_id,
        correction_id=correction.id,
        data={"correction": correction.id, "codes": codes},
    )
    open_case(session, actor=_WORKER, opening=opening, now=now)


def cancel(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """A planned correction will not begin: its proposer's word, or a senior's."""
    correction = session.get(Correction, correction_id)
    if correction is None or not actor.reaches(correction.site_id):
        raise NotFound("correction-unknown", "There is no such correction.")
    check_serving(session, correction.site_id)
    check(Act.CANCEL, actor, ruling.of_correction(session, correction))
    correction = scheduling.cancel(
        session, actor=actor, correction_id=correction_id, version=version, text=text, now=now
    )
    case = session.get(Case, correction.case_id) if correction.case_id else None
    if case is not None:
        data = {"correction": correction.id}
        event(session, case, EventKind.CANCELLED, actor, now, text, data)
    return correction
