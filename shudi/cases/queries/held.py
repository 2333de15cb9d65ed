"""Everything that is held about one account: a copy for whoever must hand it over.

The holder's own page has their copy (`holder_export`); this one is for the operator, who answers
a written request for access (Personal Information Protection Law, art. 45) or one that came by
another way than the platform's link. Literal lists, so that a new column is decided on: each
table that points at an account, a case or a correction is in PARTS, and each of its columns is
either named there or kept back for one of the reasons below.
"""

import dataclasses
import enum
import json
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account, Submission
from shudi.audit.store import AuditRow
from shudi.cases.store import Case, CaseEvent, Decision
from shudi.cases.store.appeals import Appeal
from shudi.cases.store.batches import BatchItem
from shudi.cases.store.case_page import Attachment, CaseNotice
from shudi.cases.store.decisions import SecondLook
from shudi.cases.store.queue import CaseReport
from shudi.labels.store import (
    Correction,
    DroppedResult,
    Evidence,
    HeldResult,
    Label,
    LatestActivity,
    Tally,
)
from shudi.labels.store.samples import BrakeSample
from shudi.labels.store.trials import SourceTrial


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """What goes along of a table: its columns, and by which of them it belongs to the account."""

    table: type[Any]
    columns: tuple[str, ...]
    by: str = "account_id"


PARTS = {
    "account": Part(
        Account,
        ("account", "handle", "page_key", "name", "avatar_url", "bio", "protection",
         "created_at", "updated_at", "deleted_at"),
        by="id",
    ),
    "submissions": Part(
        Submission,
        ("state", "handle", "name", "avatar_url", "bio", "field", "rule", "refused_for",
         "submitted_at", "refused_at"),
    ),
    "label": Part(
        Label,
        ("state", "region", "resolved_state", "resolved_region", "basis", "corrected", "disputed",
         "hidden", "deleted", "since", "version"),
    ),
    "days_seen": Part(Tally, ("day", "region")),
    "corrections": Part(
        Correction,
        ("id", "case_id", "kind", "region", "reason", "evidence", "state", "original_state",
         "original_region", "label_version", "proposed_at", "approved_at", "starts_at",
         "expires_at", "at_expiry", "expired_at", "lift_proposed_at", "lift_reason",
         "lift_restores", "ended_at", "end_reason", "unconfirmed", "replaced_id", "reverts_id"),
    ),
    "results_not_shown": Part(
        DroppedResult, ("correction_id", "at", "state", "region"), by="correction_id"
    ),
    "results_held": Part(HeldResult, ("at", "state", "region", "shown", "evidence")),
    "results_sampled": Part(
        BrakeSample,
        ("sampled_at", "shown", "state", "region", "outcome", "evidence", "before_state",
         "before_region", "before_at"),
    ),
    "results_tried": Part(SourceTrial, ("at", "before", "after")),
    "batches": Part(
        BatchItem, ("batch_id", "seen_state", "seen_region", "outcome", "code", "correction_id",
                    "at"),
    ),
    "cases": Part(
        Case,
        ("id", "kind", "state", "severity", "reports", "opened_at", "due_at", "updated_at",
         "closed_at", "correction_id"),
    ),
    "events": Part(CaseEvent, ("case_id", "at", "kind", "text"), by="case_id"),
    "decisions": Part(
        Decision,
        ("case_id", "at", "verdict", "reason", "text", "correction_id", "frozen"),
        by="case_id",
    ),
    "second_looks": Part(
        SecondLook,
        ("case_id", "opened_at", "looked_at", "verdict", "kind", "region", "reason", "text",
         "agreed", "settled_at", "settled", "settled_text"),
        by="case_id",
    ),
    "contests": Part(
        Appeal,
        ("case_id", "instance", "label_version", "state", "region", "correction_id", "evidence",
         "marked", "words",
         "answered_at", "answered_version", "upheld"),
    ),
    "reports": Part(CaseReport, ("case_id", "kind", "at"), by="case_id"),
    "files": Part(
        Attachment, ("case_id", "at", "name", "type", "size", "digest", "gone_at"), by="case_id"
    ),
    "notices": Part(CaseNotice, ("case_id", "topic", "channel", "at"), by="case_id"),
}  # fmt: skip


def held_about(session: Session, *, account_id: int) -> dict[str, Any]:
    """A document for `json.dumps`: each part's rows by column, instants as ISO 8601 in UTC."""
    document: dict[str, Any] = {
        name: [_plain(row) for row in session.execute(_rows(part, account_id)).mappings()]
        for name, part in PARTS.items()
    }
    document["latest_activity"] = _latest(session, account_id)
    document["acts"] = [_plain(row) for row in session.execute(_acts(account_id)).mappings()]
    return document


def kept_files(session: Session, *, account_id: int) -> list[tuple[str, str]]:
    """The files of the account's cases that are still there: SHA-256, and the name that
    `shudi.cases.gateway.files` knows each by.
    """
    mine = sa.select(Case.id).where(Case.account_id == account_id)
    query = (
        sa.select(Attachment.digest, Attachment.file)
        .where(Attachment.case_id.in_(mine), Attachment.gone_at.is_(None))
        .order_by(Attachment.id)
    )
    return [(row.digest, row.file) for row in session.execute(query)]


def _rows(part: Part, account_id: int) -> sa.Select[Any]:
    table = part.table
    columns = [getattr(table, name) for name in part.columns]
    own = {
        "case_id": sa.select(Case.id).where(Case.account_id == account_id),
        "correction_id": sa.select(Correction.id).where(Correction.account_id == account_id),
    }.get(part.by)
    key = getattr(table, part.by)
    belongs = key == account_id if own is None else key.in_(own)
    return sa.select(*columns).where(belongs).order_by(*sa.inspect(table).primary_key)


def _latest(session: Session, account_id: int) -> dict[str, Any] | None:
    """When the account published last, and what each geo source said of it."""
    row = session.execute(
        sa.select(LatestActivity.at, Evidence.text)
        .join(Evidence, Evidence.id == LatestActivity.evidence_id)
        .where(LatestActivity.account_id == account_id)
    ).first()
    return None if row is None else {"at": _value(row.at), "sources": json.loads(row.text)}


def _acts(account_id: int) -> sa.Select[int, str, str]:
    """What was done to the account by anyone, without who."""
    return (
        sa.select(AuditRow.seq, AuditRow.at, AuditRow.action)
        .where(AuditRow.target_type == "account", AuditRow.target_id == str(account_id))
        .order_by(AuditRow.seq)
    )


def _plain(row: sa.RowMapping) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value.value if isinstance(value, enum.Enum) else value
