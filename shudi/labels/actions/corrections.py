"""Corrections: accountable acts on a label, not edits of a fact.

Called by `shudi.cases.actions`, which keep the case beside them.
"""

import dataclasses
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.labels import rules
from shudi.labels.actions.display import in_force, label_of, refresh
from shudi.labels.actions.record import end, record
from shudi.labels.rules import AtExpiry, CorrectionKind, CorrectionState, Displayed, Reason
from shudi.labels.store import Correction, Label
from shudi.regions.rules import Vocabulary
from shudi.settings import CORRECTION_DAYS_MOST, Settings
from shudi.staff.rules import Actor, Permission


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants done, as their form said it. `label_version` is what they saw."""

    label_version: int
    kind: CorrectionKind
    reason: str
    region: str | None = None
    evidence: str = ""
    expires_at: datetime | None = None
    at_expiry: AtExpiry = AtExpiry.REQUEUE


def propose(
    session: Session,
    *,
    actor: Actor,
    account_id: int,
    case_id: int | None,
    wish: Wish,
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
) -> Correction:
    """Put a correction in force, or before a second person where its kind needs one.

    Raises Stale if the label moved since it was seen, or if another proposal waits already:
    only withholding, which protects somebody, need not wait for that to be decided.
    """
    actor.require(Permission.CORRECTION_PROPOSE, account_id=account_id)
    account, label = _loaded(session, account_id, now)
    check_seen(label, wish.label_version)
    current = in_force(session, account_id)
    second = _second_person(actor, wish.kind, current)
    if second or wish.kind is not CorrectionKind.WITHHOLD:
        _none_waiting(session, account_id)
    region = _region(label, wish, vocabulary, settings)
    correction = Correction(
        account_id=account.id,
        site_id=account.site_id,
        case_id=case_id,
        kind=wish.kind,
        region=region,
        reason=_reason(wish.reason),
        evidence=rules.check_words(wish.evidence),
        state=CorrectionState.PROPOSED if second else CorrectionState.IN_FORCE,
        original_state=label.state,
        original_region=label.region,
        label_version=label.version,
        proposed_by=actor.staff_id,
        proposed_at=now,
        expires_at=_expiry(wish, settings, now),
        at_expiry=wish.at_expiry,
    )
    if not second:
        _supersede(session, actor, current, now)
    session.add(correction)
    session.flush()  # the audit row names the id
    record(session, actor, "correction.proposed", correction, now, text=correction.evidence)
    if not second:
        refresh(session, label, correction, now)
        record(session, actor, "correction.in_force", correction, now)
    return correction


def _loaded(session: Session, account_id: int, now: datetime) -> tuple[Account, Label]:
    account = session.get(Account, account_id)
    if account is None or account.deleted_at is not None:
        raise NotFound("account-unknown", "There is no such account.")
    label = label_of(session, account, now)
    if label.hidden:
        raise Refused("account-protected", "This account shows no label.")
    return account, label


def check_seen(label: Label, seen: int) -> None:
    """Raise Stale with what is shown now unless `seen` is the label's version."""
    if label.version != seen:
        raise Stale(
            "label-moved",
            "The label changed while you were deciding.",
            shown={"state": label.state.value, "region": label.region},
            version=label.version,
            seen_version=seen,
        )


def _second_person(actor: Actor, kind: CorrectionKind, current: Correction | None) -> bool:
    """Whether a second person must agree; taking another's place counts as lifting it."""
    if current is None:
        return rules.needs_second_person(kind)
    if rules.lifting_needs_senior(current.kind) and not actor.may(Permission.CORRECTION_APPROVE):
        raise NotAllowed("senior-needed", "A withheld label is changed by a senior only.")
    return rules.needs_second_person(kind) or rules.needs_second_person(current.kind)


def _none_waiting(session: Session, account_id: int) -> None:
    waiting = session.scalar(
        sa.select(Correction.id).where(
            Correction.account_id == account_id, Correction.state == CorrectionState.PROPOSED
        )
    )
    if waiting is not None:
        raise Stale("correction-waiting", "A proposal for this account waits already.")


def _region(label: Label, wish: Wish, vocabulary: Vocabulary, settings: Settings) -> str | None:
    region = rules.corrected_region(
        wish.kind,
        shown=label.region,
        wanted=wish.region,
        vocabulary=vocabulary,
        granularity=settings.granularity,
    )
    shown = Displayed(label.state, label.region, label.basis, label.corrected)
    rules.check_correction(wish.kind, shown=shown, region=region, evidence=wish.evidence)
    return region


def _reason(text: str) -> str:
    try:
        return Reason(text).value
    except ValueError:
        raise Invalid("reason-needed", "Choose a reason.") from None


def _expiry(wish: Wish, settings: Settings, now: datetime) -> datetime:
    if wish.at_expiry is AtExpiry.REVERT and not rules.may_revert_by_itself(wish.kind):
        raise Refused("withhold-reverts", "A withheld label is never shown again by a clock.")
    expires_at = wish.expires_at or now + timedelta(days=settings.correction_days)
    if expires_at <= now:
        raise Invalid("expiry-past", "The expiry must lie ahead.")
    if expires_at > now + timedelta(days=CORRECTION_DAYS_MOST):
        raise Invalid("expiry-too-far", "A correction stands for at most two years.")
    return expires_at


def _supersede(session: Session, actor: Actor, current: Correction | None, now: datetime) -> None:
    """End the correction that decided the label until now, for another takes its place."""
    if current is not None:
        end(current, CorrectionState.SUPERSEDED, actor, "", now)
        session.flush()  # one in force at a time, by constraint
        record(session, actor, "correction.superseded", current, now)


def get(session: Session, correction_id: int, version: int) -> Correction:
    """The correction as the person saw it; NotFound, or Stale if it moved."""
    correction = session.get(Correction, correction_id)
    if correction is None:
        raise NotFound("correction-unknown", "There is no such correction.")
    if correction.version != version:
        raise Stale(
            "correction-moved",
            "Somebody else has dealt with this correction.",
            state=correction.state.value,
            version=correction.version,
            seen_version=version,
        )
    return correction


def approve(
    session: Session,
    *,
    actor: Actor,
    correction_id: int,
    version: int,
    label_version: int,
    now: datetime,
) -> Correction:
    """The second person agrees: the correction decides the label from now on."""
    correction = _waiting_for(session, actor, correction_id, version)
    _, label = _loaded(session, correction.account_id, now)
    check_seen(label, label_version)
    current = in_force(session, correction.account_id)
    _check_still_meant(correction, label, current)
    correction.approved_by, correction.approved_at = actor.staff_id, now
    _supersede(session, actor, current, now)
    correction.state = CorrectionState.IN_FORCE
    refresh(session, label, correction, now)
    record(session, actor, "correction.approved", correction, now)
    return correction


def _check_still_meant(correction: Correction, label: Label, current: Correction | None) -> None:
    """A coarser place was meant for the place shown then; it is not coarser than another one.
    Nor was anything meant for a label that somebody has withheld since to protect its account.
    """
    if current and current.kind is CorrectionKind.WITHHOLD and current.id > correction.id:
        raise Refused("withheld-since", "The label was withheld after this was proposed.")
    derived = correction.kind in (CorrectionKind.COARSEN, CorrectionKind.MARK_UNCERTAIN)
    if derived and label.region != correction.original_region:
        check_seen(label, correction.label_version)


def refuse(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """The second person does not agree; the reason goes to the proposer."""
    correction = _waiting_for(session, actor, correction_id, version)
    text = rules.check_reason(text)
    end(correction, CorrectionState.REFUSED, actor, text, now)
    record(session, actor, "correction.refused", correction, now, text=text)
    return correction


def _waiting_for(session: Session, actor: Actor, correction_id: int, version: int) -> Correction:
    correction = get(session, correction_id, version)
    actor.require(Permission.CORRECTION_APPROVE, account_id=correction.account_id)
    if correction.state is not CorrectionState.PROPOSED:
        raise Stale("correction-moved", "This proposal does not wait any more.")
    if correction.proposed_by == actor.staff_id:
        raise NotAllowed("own-proposal", "A second person must decide on your proposal.")
    return correction


def withdraw(
    session: Session, *, actor: Actor, correction_id: int, version: int, now: datetime
) -> Correction:
    """The proposer takes the proposal back."""
    correction = get(session, correction_id, version)
    actor.require(Permission.CORRECTION_PROPOSE, account_id=correction.account_id)
    if correction.state is not CorrectionState.PROPOSED:
        raise Stale("correction-moved", "This proposal does not wait any more.")
    if correction.proposed_by != actor.staff_id:
        raise NotAllowed("not-proposer", "Only the proposer can withdraw it.")
    end(correction, CorrectionState.WITHDRAWN, actor, "", now)
    record(session, actor, "correction.withdrawn", correction, now)
    return correction
