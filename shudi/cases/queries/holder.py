"""What an account holder may know of their own account. Never who decided, nor how it was seen."""

import dataclasses
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.rules import FIELDS
from shudi.accounts.store import Account, Submission, SubmissionState
from shudi.cases.rules import CaseKind, CaseState, EventKind, Verdict
from shudi.cases.rules.appeals import FIRST, Former
from shudi.cases.store import Case, CaseEvent, Decision, HolderSession
from shudi.cases.store.appeals import Appeal
from shudi.labels.rules import AtExpiry, CorrectionKind, CorrectionState, State
from shudi.labels.store import Correction, Tally

# What readers have seen at some time; what was proposed or undone is no part of the history.
_SEEN = (
    CorrectionState.IN_FORCE,
    CorrectionState.LIFTED,
    CorrectionState.REVERTED,
    CorrectionState.SUPERSEDED,
)
_MOST = 100  # lines of history on a page; the export has them all


@dataclasses.dataclass(frozen=True, slots=True)
class HolderVisit:
    """A holder's session that holds: whose account, and the token of its forms."""

    account_id: int
    csrf: str
    expires_at: datetime


def visit(session: Session, *, token_hash: str, now: datetime) -> HolderVisit | None:
    """The session of that token, or None where it is over or unknown."""
    row = session.execute(
        sa.select(HolderSession.account_id, HolderSession.csrf, HolderSession.expires_at).where(
            HolderSession.token_hash == token_hash, HolderSession.expires_at > now
        )
    ).first()
    return HolderVisit(*row) if row else None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One contest: which label it is about (`state`, `region`, `label_version`; `corrected` on
    since when), and how it was answered. `verdict` is None and `words` empty until then.
    """

    case_id: int
    opened_at: datetime
    due_at: datetime
    case_state: CaseState
    instance: int
    label_version: int | None
    state: State | None
    region: str | None
    corrected_on: datetime | None
    marked: bool
    text: str
    evidence: str
    closed_at: datetime | None
    verdict: Verdict | None
    words: str
    answered_version: int | None
    shown_state: State | None
    shown_region: str | None

    @property
    def is_open(self) -> bool:
        """Whether the answer is still to come."""
        return self.case_state is not CaseState.CLOSED

    @property
    def upheld(self) -> bool:
        """Whether the label was changed for it."""
        return self.verdict not in (None, Verdict.KEEP)

    @property
    def former(self) -> Former:
        """The contest as far as the next one depends on it."""
        return Former(self.case_id, self.instance, self.is_open, self.answered_version, self.upheld)


def contests(session: Session, *, account_id: int) -> list[Contest]:
    """The account's contests, newest first."""
    said = sa.and_(CaseEvent.case_id == Case.id, CaseEvent.kind == EventKind.OPENED)
    rows = session.execute(
        sa.select(Case, Appeal, Decision, CaseEvent.text, Correction.approved_at)
        .add_columns(Correction.proposed_at)
        .outerjoin(Appeal, Appeal.case_id == Case.id)
        .outerjoin(Decision, Decision.id == Appeal.decision_id)
        .outerjoin(CaseEvent, said)
        .outerjoin(Correction, Correction.id == Appeal.correction_id)
        .where(Case.account_id == account_id, Case.kind == CaseKind.CONTEST)
        .order_by(Case.id.desc())
    ).all()
    return [_contest(*row) for row in rows]


def _contest(
    case: Case,
    appeal: Appeal | None,
    decision: Decision | None,
    text: str | None,
    approved_at: datetime | None,
    proposed_at: datetime | None,
) -> Contest:
    answered = decision is not None and case.state is CaseState.CLOSED
    frozen: dict[str, Any] = decision.frozen if decision is not None and answered else {}
    return Contest(
        case_id=case.id,
        opened_at=case.opened_at,
        due_at=case.due_at,
        case_state=case.state,
        instance=appeal.instance if appeal else FIRST,
        label_version=appeal.label_version if appeal else None,
        state=appeal.state if appeal else None,
        region=appeal.region if appeal else None,
        corrected_on=approved_at or proposed_at,
        marked=appeal.marked if appeal else True,
        text=text or "",
        evidence=appeal.evidence if appeal else "",
        closed_at=case.closed_at,
        verdict=decision.verdict if decision is not None and answered else None,
        words=appeal.words if appeal and answered else "",
        answered_version=appeal.answered_version if appeal and answered else None,
        shown_state=State(frozen["state"]) if "state" in frozen else None,
        shown_region=frozen.get("region"),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Corrected:
    """A correction that readers see or saw: what it showed, why (a code), from when until when."""

    kind: CorrectionKind
    region: str | None
    reason: str
    state: CorrectionState
    began_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None
    at_expiry: AtExpiry


def corrected(session: Session, *, account_id: int, most: int | None = _MOST) -> list[Corrected]:
    """The account's corrections that readers have seen, newest first."""
    began = sa.func.coalesce(Correction.starts_at, Correction.approved_at, Correction.proposed_at)
    columns = (
        Correction.kind, Correction.region, Correction.reason, Correction.state, began,
        Correction.ended_at, Correction.expires_at, Correction.at_expiry,
    )  # fmt: skip
    rows = session.execute(
        sa.select(*columns)
        .where(Correction.account_id == account_id, Correction.state.in_(_SEEN))
        .order_by(Correction.id.desc())
        .limit(most)
    )
    return [Corrected(*row) for row in rows]


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """Account information that was submitted and is not live yet; the fields that differ."""

    submitted_at: datetime
    values: dict[str, str]


def waiting(session: Session, *, account_id: int) -> Waiting | None:
    """What of the account's information waits for a person. By which rule is not said."""
    found = session.execute(
        sa.select(Account, Submission)
        .join(Submission, Submission.account_id == Account.id)
        .where(Account.id == account_id, Submission.state == SubmissionState.WAITING)
    ).first()
    if found is None:
        return None
    live, sent = found
    names = (*FIELDS, "avatar_url")
    changed = {name: getattr(sent, name) or "" for name in names}
    kept = {name: text for name, text in changed.items() if text != (getattr(live, name) or "")}
    return Waiting(sent.submitted_at, kept)


def days_seen(session: Session, *, account_id: int) -> list[tuple[date, str]]:
    """The UTC days on which the account was seen in a region (empty: none), oldest first."""
    query = (
        sa.select(Tally.day, Tally.region)
        .where(Tally.account_id == account_id)
        .order_by(Tally.day, Tally.region)
    )
    return [(day, region) for day, region in session.execute(query)]
