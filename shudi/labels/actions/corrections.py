"""Corrections: accountable acts on a label, not edits of a fact.

Called by `shudi.cases.actions`, which keep the case beside them.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.db.ahead import Question
from shudi.errors import Invalid, NotFound, Refused, Stale
from shudi.labels import rules
from shudi.labels.actions.display import in_force, label_of, refresh
from shudi.labels.actions.record import end, record
from shudi.labels.rules import (
    AtExpiry,
    CorrectionKind,
    CorrectionState,
    Displayed,
    Reason,
    State,
)
from shudi.labels.store import Correction, Label
from shudi.regions.rules import Vocabulary
from shudi.settings import CORRECTION_DAYS_MOST, Settings
from shudi.sites.queries import check_serving
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
    starts_at: datetime | None = None  # None: at once


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
    risks: Sequence[str] = (),
    reverts_id: int | None = None,
) -> Correction:
    """Put a correction in force, before its day, or before a second person where there are
    `risks` (codes of why; another place is one whatever the caller says).

    To withhold protects somebody: it is in force while its second person is awaited. Raises Stale
    if the label moved since it was seen, or if another waits already and this one would too.
    """
    label, correction = draft(
        session,
        actor=actor,
        account_id=account_id,
        case_id=case_id,
        wish=wish,
        vocabulary=vocabulary,
        settings=settings,
        now=now,
        risks=risks,
        reverts_id=reverts_id,
    )
    return put(session, actor, label, correction, now)


def draft(
    session: Session,
    *,
    actor: Actor,
    account_id: int,
    case_id: int | None,
    wish: Wish,
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
    risks: Sequence[str] = (),
    reverts_id: int | None = None,
) -> tuple[Label, Correction]:
    """What `propose` would put, with everything asked that it asks; nothing is stored."""
    actor.require(Permission.CORRECTION_PROPOSE, account_id=account_id)
    _, label = loaded(session, account_id, now)
    check_seen(label, wish.label_version)
    second = bool(risks) or rules.needs_second_person(wish.kind)
    at_once = wish.kind is CorrectionKind.WITHHOLD and wish.starts_at is None
    if not at_once:
        _none_waiting(session, account_id)
    correction = _drafted(label, wish, vocabulary, settings, now)
    correction.case_id, correction.reverts_id = case_id, reverts_id
    correction.proposed_by, correction.risks = actor.staff_id, ",".join(risks)
    correction.state = _first_state(wish, waits=second and not at_once)
    correction.unconfirmed = second and at_once
    return label, correction


def _drafted(
    label: Label, wish: Wish, vocabulary: Vocabulary, settings: Settings, now: datetime
) -> Correction:
    return Correction(
        account_id=label.account_id,
        site_id=label.site_id,
        kind=wish.kind,
        region=_region(label, wish, vocabulary, settings),
        reason=_reason(wish.reason),
        evidence=rules.check_words(wish.evidence),
        original_state=label.state,
        original_region=label.region,
        label_version=label.version,
        proposed_at=now,
        starts_at=_start(wish, now),
        expires_at=_expiry(wish, settings, now),
        at_expiry=wish.at_expiry,
    )


def _first_state(wish: Wish, *, waits: bool) -> CorrectionState:
    if waits:
        return CorrectionState.PROPOSED
    return CorrectionState.SCHEDULED if wish.starts_at else CorrectionState.IN_FORCE


def put(
    session: Session, actor: Actor, label: Label, correction: Correction, now: datetime
) -> Correction:
    """Store what `draft` made, in its transaction, and show it where it is in force."""
    applies = correction.state is CorrectionState.IN_FORCE
    if applies:
        supersede(session, actor, correction, now)
    session.add(correction)
    session.flush()  # the audit row names the id
    record(session, actor, "correction.proposed", correction, now, text=correction.evidence)
    if applies:
        refresh(session, label, correction, now)
        record(session, actor, "correction.in_force", correction, now)
    elif correction.state is CorrectionState.SCHEDULED:
        record(session, actor, "correction.scheduled", correction, now)
    return correction


def loaded(session: Session, account_id: int, now: datetime) -> tuple[Account, Label]:
    """The account with its label; NotFound, or Refused where it shows none."""
    account = session.get(Account, account_id)
    if account is None or account.deleted_at is not None:
        raise NotFound("account-unknown", "There is no such account.")
    check_serving(session, account.site_id)
    label = label_of(session, account, now)
    if label.hidden:
        raise Refused("account-protected", "This account shows no label.")
    return account, label


def check_seen(label: Label | None, seen: int) -> None:
    """Raise Stale with what is shown now unless `seen` is the label's version (0: no label yet)."""
    state, region, version = State.NONE, None, 0
    if label is not None:
        state, region, version = label.state, label.region, label.version
    if version != seen:
        raise Stale(
            "label-moved",
            "The label changed while you were deciding.",
            shown={"state": state.value, "region": region},
            version=version,
            seen_version=seen,
        )


@Question
def waiting(session: Session, account_ids: Iterable[int]) -> dict[int, int]:
    """The correction of an account that is not in force yet."""
    rows = session.execute(
        sa.select(Correction.account_id, Correction.id).where(
            Correction.account_id.in_(account_ids),
            Correction.state.in_((CorrectionState.PROPOSED, CorrectionState.SCHEDULED)),
        )
    )
    return {row.account_id: row.id for row in rows}


def _none_waiting(session: Session, account_id: int) -> None:
    if waiting(session, account_id) is not None:
        raise Stale("correction-waiting", "Another correction of this account waits already.")


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


def _start(wish: Wish, now: datetime) -> datetime | None:
    if wish.starts_at is not None and not now < wish.starts_at <= now + rules.SCHEDULE_MOST:
        raise Invalid("start-range", "A correction starts within the next 90 days.")
    return wish.starts_at


def _expiry(wish: Wish, settings: Settings, now: datetime) -> datetime:
    if wish.at_expiry is AtExpiry.REVERT and not rules.may_revert_by_itself(wish.kind):
        raise Refused("withhold-reverts", "A withheld label is never shown again by a clock.")
    start = wish.starts_at or now
    expires_at = wish.expires_at or start + timedelta(days=settings.correction_days)
    if expires_at <= start:
        raise Invalid("expiry-past", "The expiry must lie ahead.")
    if expires_at > start + timedelta(days=CORRECTION_DAYS_MOST):
        raise Invalid("expiry-too-far", "A correction stands for at most two years.")
    return expires_at


def supersede(session: Session, actor: Actor, correction: Correction, now: datetime) -> None:
    """End the correction that decided the label until now: `correction` takes its place."""
    current = in_force(session, correction.account_id)
    if current is None:
        return
    correction.replaced_id, current.unconfirmed = current.id, False
    end(current, CorrectionState.SUPERSEDED, actor, "", now)
    session.flush()  # one in force at a time, by constraint
    record(session, actor, "correction.superseded", current, now)


def check_not_withheld_since(session: Session, correction: Correction) -> None:
    """Raise Refused where somebody withheld the label after this was proposed: nothing was meant
    for it, and a withheld label is shown by no clock.
    """
    current = in_force(session, correction.account_id)
    if current is None or current.kind is not CorrectionKind.WITHHOLD:
        return
    if current.id > correction.id or correction.original_state is not State.WITHHELD:
        raise Refused("withheld-since", "The label was withheld after this was proposed.")


def get(session: Session, correction_id: int, version: int) -> Correction:
    """The correction as the person saw it; NotFound, or Stale if it moved."""
    correction = session.get(Correction, correction_id)
    if correction is None:
        raise NotFound("correction-unknown", "There is no such correction.")
    check_serving(session, correction.site_id)
    if correction.version != version:
        raise Stale(
            "correction-moved",
            "Somebody else has dealt with this correction.",
            state=correction.state.value,
            version=correction.version,
            seen_version=version,
        )
    return correction
