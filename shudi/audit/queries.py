"""Reading and checking the log."""

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.orm import Session

from shudi.audit import rules
from shudi.audit.store import AuditCheckpoint, AuditRow, AuditText

_COLUMNS = [getattr(AuditRow, name) for name in rules.FIELDS]
_LINE = (
    AuditRow.seq,
    AuditRow.at,
    AuditRow.actor_id,
    AuditRow.actor_name,
    AuditRow.action,
    AuditRow.target_type,
    AuditRow.target_id,
    AuditRow.before,
    AuditRow.after,
    AuditText.text,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found. `problem` is None, `edit`, `gap`, `fork`, `truncated`, `rewritten`,
    `checkpoint` or `text`; `seq` is the first row that shows it.
    """

    rows: int
    problem: str | None = None
    seq: int | None = None

    @property
    def ok(self) -> bool:
        """Whether every row, link, word and checkpoint agrees."""
        return self.problem is None


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One row as the console shows it."""

    seq: int
    at: str
    actor_id: str
    actor_name: str
    action: str
    target_type: str
    target_id: str
    before: str
    after: str
    text: str | None


def page(
    session: Session,
    *,
    before: int | None = None,
    action: str = "",
    actor_id: str = "",
    target: tuple[str, str] | None = None,
    limit: int = 50,
) -> list[Line]:
    """Newest first; `before` is the seq to continue from."""
    query = (
        sa.select(*_LINE)
        .outerjoin(AuditText, AuditText.seq == AuditRow.seq)
        .order_by(AuditRow.seq.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(AuditRow.seq < before)
    if action:
        query = query.where(AuditRow.action == action)
    if actor_id:
        query = query.where(AuditRow.actor_id == actor_id)
    if target:
        query = query.where(AuditRow.target_type == target[0], AuditRow.target_id == target[1])
    return [Line(*tuple(row)) for row in session.execute(query)]


def count_since(session: Session, *, action: str, since: str, target: tuple[str, str]) -> int:
    """How many rows of `action` about `target` came after its last row of the act `since`."""
    about = (AuditRow.target_type == target[0], AuditRow.target_id == target[1])
    last = sa.select(sa.func.coalesce(sa.func.max(AuditRow.seq), 0))
    last = last.where(*about, AuditRow.action == since)
    query = sa.select(sa.func.count()).select_from(AuditRow)
    query = query.where(*about, AuditRow.action == action, AuditRow.seq > last.scalar_subquery())
    return session.scalar(query) or 0


@dataclasses.dataclass(frozen=True, slots=True)
class Checkpoint:
    """The newest signed statement of the chain's head."""

    seq: int
    at: datetime


def last_checkpoint(session: Session) -> Checkpoint | None:
    """The newest checkpoint, or None before the first."""
    row = session.execute(
        sa.select(AuditCheckpoint.seq, AuditCheckpoint.at)
        .order_by(AuditCheckpoint.seq.desc())
        .limit(1)
    ).first()
    return Checkpoint(*row) if row else None


def verify(
    session: Session,
    *,
    public_key: Ed25519PublicKey | None = None,
    notes: Iterable[str] = (),
) -> Verdict:
    """Walk the whole chain; `notes` are the off-box copies of checkpoints, oldest first."""
    heads: dict[int, str] = {}
    verdict = _walk(session, heads)
    if not verdict.ok:
        return verdict
    for seq, head, signature in _checkpoints(session, notes):
        if public_key is not None:
            try:
                public_key.verify(bytes.fromhex(signature), rules.checkpoint_body(seq, head))
            except (InvalidSignature, ValueError):
                return Verdict(verdict.rows, "checkpoint", seq)
        if seq > verdict.rows:
            return Verdict(verdict.rows, "truncated", verdict.rows + 1)
        if heads.get(seq) != head:
            return Verdict(verdict.rows, "rewritten", seq)
    return verdict


def _walk(session: Session, heads: dict[int, str]) -> Verdict:
    query = (
        sa.select(*_COLUMNS, AuditRow.row_hash, AuditText.key, AuditText.text)
        .outerjoin(AuditText, AuditText.seq == AuditRow.seq)
        .order_by(AuditRow.seq)
        .execution_options(yield_per=2000)
    )
    with session.execute(query) as rows:  # a verdict before the end must not leave a cursor open
        return _walk_rows(rows, heads)


def _walk_rows(rows: Iterable[Any], heads: dict[int, str]) -> Verdict:
    previous, expected = rules.GENESIS, 1
    for row in rows:
        *values, stored, key, text = row
        fields = dict(zip(rules.FIELDS, values, strict=True))
        if fields["seq"] != expected:
            return Verdict(expected - 1, "gap", expected)
        if rules.row_hash(values) != stored:
            return Verdict(expected - 1, "edit", expected)
        if fields["prev_hash"] != previous:
            return Verdict(expected - 1, "fork", expected)
        if key is not None and rules.text_mac(key, text) != fields["text_mac"]:
            return Verdict(expected - 1, "text", expected)
        previous = heads[expected] = stored
        expected += 1
    return Verdict(expected - 1)


def _checkpoints(session: Session, notes: Iterable[str]) -> Iterator[tuple[int, str, str]]:
    for row in session.execute(
        sa.select(AuditCheckpoint.seq, AuditCheckpoint.row_hash, AuditCheckpoint.signature)
    ):
        yield row.seq, row.row_hash, row.signature
    for note in notes:
        try:
            _, seq, head, _, signature = note.strip().split("\n")
            yield int(seq), head, signature
        except ValueError:
            yield 0, "", ""
