"""Ready words for decisions: writing, changing, retiring. Each version is one audit row."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.cases.rules import CannedKind
from shudi.cases.store.case_page import CannedReason
from shudi.errors import Invalid, NotFound, Refused, Stale
from shudi.labels.rules import check_words
from shudi.regions.rules import LANGUAGES
from shudi.staff.rules import Actor, Permission

TITLE_MOST = 80
REASONS_MOST = 200  # in use at once: a list longer than this is not read


def add(
    session: Session,
    *,
    actor: Actor,
    kind: str,
    language: str,
    title: str,
    text: str,
    now: datetime,
) -> int:
    """Add ready words; returns their id."""
    actor.require(Permission.REASON_WRITE)
    if kind not in [*CannedKind] or language not in LANGUAGES:
        raise Invalid("shape", "There is no such decision or language.")
    in_use = sa.select(sa.func.count()).where(CannedReason.retired_at.is_(None))
    if (session.scalar(in_use) or 0) >= REASONS_MOST:
        raise Refused("reasons-most", "There are too many ready words; retire some first.")
    row = CannedReason(
        kind=CannedKind(kind),
        language=language,
        title=_title(title),
        text=_text(text),
        updated_at=now,
    )
    _check_title(session, row)
    session.add(row)
    session.flush()  # the audit row names the id
    _audit(session, actor, "reason.added", row, now)
    return row.id


def change(
    session: Session,
    *,
    actor: Actor,
    reason_id: int,
    version: int,
    title: str,
    text: str,
    now: datetime,
) -> None:
    """Put these words in the place of those that the person saw; Stale if they moved."""
    row = _seen(session, actor, reason_id, version)
    row.title, row.text, row.updated_at = _title(title), _text(text), now
    _check_title(session, row)
    session.flush()  # moves the version, which the audit row names
    _audit(session, actor, "reason.changed", row, now)


def retire(session: Session, *, actor: Actor, reason_id: int, version: int, now: datetime) -> None:
    """Take ready words out of use. Decisions that were explained with them keep theirs."""
    row = _seen(session, actor, reason_id, version)
    row.retired_at = row.updated_at = now
    session.flush()  # moves the version, which the audit row names
    _audit(session, actor, "reason.retired", row, now)


def _seen(session: Session, actor: Actor, reason_id: int, version: int) -> CannedReason:
    actor.require(Permission.REASON_WRITE)
    row = session.get(CannedReason, reason_id)
    if row is None or row.retired_at is not None:
        raise NotFound("reason-unknown", "There are no such ready words.")
    if row.version != version:
        raise Stale("reason-moved", "Somebody else changed these words.", version=row.version)
    return row


def _check_title(session: Session, row: CannedReason) -> None:
    with session.no_autoflush:
        same = session.scalar(
            sa.select(CannedReason.id).where(
                CannedReason.kind == row.kind,
                CannedReason.language == row.language,
                CannedReason.title == row.title,
                CannedReason.retired_at.is_(None),
            )
        )
    if same is not None and same != row.id:
        raise Refused("reason-known", "There are ready words of that name already.")


def _title(title: str) -> str:
    title = " ".join(check_words(title).split())
    if not title:
        raise Invalid("text-needed", "Write something first.")
    if len(title) > TITLE_MOST:
        raise Invalid("text-too-long", "A name has at most 80 characters.")
    return title


def _text(text: str) -> str:
    text = check_words(text)
    if not text:
        raise Invalid("text-needed", "Write something first.")
    return text


def _audit(session: Session, actor: Actor, action: str, row: CannedReason, now: datetime) -> None:
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            target_type="reason",
            target_id=row.id,
            after={
                "kind": row.kind.value,
                "language": row.language,
                "title": row.title,
                "version": row.version,
            },
            text=row.text,
            request_id=actor.request_id,
        ),
        now=now,
    )
