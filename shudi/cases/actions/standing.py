"""How a decision stands, and whether what it did to a correction does."""

from sqlalchemy.orm import Session

from shudi.cases.rules import Verdict
from shudi.cases.rules.decisions import UNKEPT, Stands
from shudi.cases.store import Decision
from shudi.cases.store.decisions import Standing
from shudi.errors import NotFound, Stale
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction


def imposes(decision: Decision, standing: Standing, correction: Correction) -> bool:
    """Whether the decision put this correction on the label; else it ended it."""
    if decision.verdict is not Verdict.REVERT:
        return decision.verdict is Verdict.CORRECT
    reverts = standing.before.get("reverts")
    return correction.reverts_id is not None and correction.reverts_id == reverts


def check_stands(correction: Correction, state: CorrectionState) -> None:
    """Raise Stale where the correction is no longer as the decision left it."""
    if correction.state is not state:
        raise Stale("correction-moved", "Somebody else has dealt with this correction.")


def known(session: Session, correction_id: int | None) -> Correction:
    correction = session.get(Correction, correction_id) if correction_id else None
    if correction is None:
        raise NotFound("correction-unknown", "There is no such correction.")
    return correction


def standing_of(
    session: Session, decision_id: int, version: int | None
) -> tuple[Decision, Standing]:
    """A decision that stands, as the person saw it; NotFound, or Stale with how it stands."""
    decision = session.get(Decision, decision_id)
    if decision is None:
        raise NotFound("decision-unknown", "There is no such decision.")
    standing = session.get(Standing, decision_id)
    seen = version
    if standing is None:  # taken before standings were kept: nothing has happened to it since
        seen = version or None  # its page says 0
        standing = Standing(
            decision_id=decision_id, at=decision.at, state=Stands.STANDS, two=False,
            before={UNKEPT: True}, sampled=False,
        )  # fmt: skip
        session.add(standing)
        session.flush()  # its version is asked for
    if standing.state is not Stands.STANDS or seen not in (None, standing.version):
        raise Stale(
            "decision-moved",
            "Somebody else has taken this decision back.",
            state=standing.state.value,
            version=standing.version,
            seen_version=version,
        )
    return decision, standing
