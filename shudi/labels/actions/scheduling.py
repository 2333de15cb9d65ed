"""Corrections that begin on a given day."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from shudi.errors import ShudiError, Stale
from shudi.labels import rules
from shudi.labels.actions.corrections import (
    check_not_withheld_since,
    get,
    loaded,
    supersede,
)
from shudi.labels.actions.display import refresh
from shudi.labels.actions.record import end, record
from shudi.labels.rules import CorrectionState, Displayed
from shudi.labels.store import Correction, Label
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor, Permission


def unfit(
    session: Session,
    correction: Correction,
    *,
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
) -> str | None:
    """The code of why a planned correction cannot begin as it was meant, or None."""
    try:
        _, label = loaded(session, correction.account_id, now)
        region = rules.corrected_region(
            correction.kind,
            shown=label.region,
            wanted=correction.region,
            vocabulary=vocabulary,
            granularity=settings.granularity,
        )
        shown = Displayed(label.state, label.region, label.basis, label.corrected)
        rules.check_correction(
            correction.kind, shown=shown, region=region, evidence=correction.evidence
        )
        check_not_withheld_since(session, correction)
    except ShudiError as error:
        return error.code
    return None if region == correction.region else "label-moved"


def start(session: Session, *, actor: Actor, correction: Correction, now: datetime) -> None:
    """Its time has come: from now on it decides the label."""
    label = session.get_one(Label, correction.account_id)
    supersede(session, actor, correction, now)
    correction.state = CorrectionState.IN_FORCE
    correction.original_state, correction.original_region = label.state, label.region
    refresh(session, label, correction, now)
    record(session, actor, "correction.in_force", correction, now)


def give_back(
    session: Session, *, actor: Actor, correction: Correction, codes: Sequence[str], now: datetime
) -> None:
    """It does not begin: people decide anew. `codes` say why."""
    end(correction, CorrectionState.RETURNED, actor, ",".join(codes), now)
    record(session, actor, "correction.returned", correction, now)


def cancel(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """A planned correction will not be."""
    correction = get(session, correction_id, version)
    actor.require(Permission.CORRECTION_PROPOSE, account_id=correction.account_id)
    if correction.state is not CorrectionState.SCHEDULED:
        raise Stale("correction-moved", "This correction is not planned any more.")
    text = rules.check_reason(text)
    end(correction, CorrectionState.CANCELLED, actor, text, now)
    record(session, actor, "correction.cancelled", correction, now, text=text)
    return correction
