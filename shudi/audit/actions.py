"""Appending to the log. There is no act that changes or removes a row."""

import dataclasses
import secrets
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from shudi.audit import rules
from shudi.audit.store import AuditCheckpoint, AuditRow, AuditText

_WIDTHS = {"actor_id": 80, "actor_name": 120, "action": 60, "target_id": 80, "request_id": 40}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an act says of itself. `text` is erasable; the other fields are not."""

    actor_id: str
    actor_name: str
    action: str
    target_type: str
    target_id: object
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    text: str = ""
    request_id: str = ""


class Somebody(Protocol):
    """Whoever acts, as this noun knows them: `shudi.staff.rules.Actor` stands above it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def request_id(self) -> str: ...


def record(
    session: Session,
    actor: Somebody,
    action: str,
    target: tuple[str, object],
    now: datetime,
    after: dict[str, Any] | None = None,
) -> int:
    """Append what `actor` did to `target`, a type and an id; returns its seq."""
    entry = Entry(
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        target_type=target[0],
        target_id=target[1],
        after=after,
        request_id=actor.request_id,
    )
    return append(session, entry, now=now)


def append(session: Session, entry: Entry, *, now: datetime) -> int:
    """Add `entry` in the change's own transaction; returns its seq.

    The session's transaction already holds the writer's lock (shudi.db), so no other writer can
    have read the same head. If this fails, the change fails with it.
    """
    if not session.in_transaction():
        raise RuntimeError("an audit row belongs into the transaction of its change")
    head = session.execute(
        sa.select(AuditRow.seq, AuditRow.row_hash).order_by(AuditRow.seq.desc()).limit(1)
    ).first()
    seq, previous = (head.seq + 1, head.row_hash) if head else (1, rules.GENESIS)
    key = secrets.token_hex(32)
    values = {
        "seq": seq,
        "at": now.isoformat(timespec="microseconds"),
        "actor_id": entry.actor_id,
        "actor_name": entry.actor_name,
        "action": entry.action,
        "target_type": entry.target_type,
        "target_id": str(entry.target_id),
        "before": rules.canonical(entry.before),
        "after": rules.canonical(entry.after),
        "request_id": entry.request_id,
        "text_mac": rules.text_mac(key, entry.text) if entry.text else "",
        "prev_hash": previous,
    }
    for name, width in _WIDTHS.items():
        values[name] = str(values[name])[:width]
    values["row_hash"] = rules.row_hash([values[name] for name in rules.FIELDS])
    session.execute(sa.insert(AuditRow), values)
    if entry.text:
        session.execute(sa.insert(AuditText), {"seq": seq, "key": key, "text": entry.text})
    return seq


def checkpoint(session: Session, *, key: Ed25519PrivateKey, now: datetime) -> str | None:
    """Sign the head if it moved since the last checkpoint; returns the note to keep off-box."""
    head = session.execute(
        sa.select(AuditRow.seq, AuditRow.row_hash).order_by(AuditRow.seq.desc()).limit(1)
    ).first()
    last = session.scalar(sa.select(sa.func.max(AuditCheckpoint.seq)))
    if head is None or head.seq == last:
        return None
    body = rules.checkpoint_body(head.seq, head.row_hash)
    signature = key.sign(body).hex()
    session.execute(
        sa.insert(AuditCheckpoint),
        {"seq": head.seq, "at": now, "row_hash": head.row_hash, "signature": signature},
    )
    return f"{body.decode()}\n{signature}\n"


def erase_texts(session: Session, seqs: list[int]) -> None:
    """Forget the words of these rows; their hashes stay."""
    session.execute(sa.delete(AuditText).where(AuditText.seq.in_(seqs)))
