"""One effect and one answer for (key, route, Idempotency-Key), within 24 hours."""

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.clients import rules
from shudi.clients.store import IdempotentAnswer
from shudi.db import bulk_upsert
from shudi.errors import Invalid


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that names its own repetition. `macs`: see `rules.body_macs`."""

    client_id: int
    route: str
    key: str
    macs: Sequence[str]

    @property
    def row(self) -> dict[str, object]:
        """The primary key of its answer. The client's own words are not kept, only their hash."""
        digest = hashlib.sha256(self.key.encode()).hexdigest()
        return {"client_id": self.client_id, "route": self.route, "key_hash": digest}


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str


def recall(session: Session, call: Call, *, now: datetime) -> Answer | None:
    """The answer given before, inside the transaction that would have the effect.

    Invalid("idempotency-mismatch") if that answer was to another body.
    """
    row = session.execute(
        sa.select(IdempotentAnswer.body_mac, IdempotentAnswer.status, IdempotentAnswer.answer)
        .filter_by(**call.row)
        .where(IdempotentAnswer.created_at > now - rules.ANSWERS_KEPT)
    ).first()
    if row is None:
        return None
    if row.body_mac not in call.macs:
        raise Invalid("idempotency-mismatch", "This Idempotency-Key was used with another body.")
    return Answer(row.status, row.answer)


def remember(session: Session, call: Call, answer: Answer, *, now: datetime) -> None:
    """Keep `answer` in the same transaction as its effect."""
    values = {
        "body_mac": call.macs[0],
        "status": answer.status,
        "answer": answer.body,
        "created_at": now,
    }
    bulk_upsert(
        session,
        IdempotentAnswer.__table__,
        [call.row | values],
        key=("client_id", "route", "key_hash"),
        update=tuple(values),
    )
