"""Files of a case's evidence: adding, opening (each time on record), removing, forgetting."""

import dataclasses
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions.claims import get_case
from shudi.cases.actions.opening import audit, event
from shudi.cases.codec.attachments import Cleaned
from shudi.cases.rules import ATTACHMENTS_MOST, CaseState, EventKind
from shudi.cases.store import Case
from shudi.cases.store.case_page import Attachment
from shudi.errors import NotAllowed, NotFound, Refused
from shudi.settings import Settings
from shudi.sites.queries import check_serving
from shudi.staff.rules import Actor, Permission

_MIB = 1024 * 1024
_BATCH = 500


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """An attachment as it is handed out; `file` is its name in the folder."""

    name: str
    type: str
    digest: str
    file: str


def attach(
    session: Session,
    *,
    actor: Actor,
    case_id: int,
    name: str,
    content: Cleaned,
    file: str,
    settings: Settings,
    now: datetime,
) -> int:
    """Add a file that lies in the folder as `file`; returns the attachment's id."""
    case = get_case(session, actor, case_id)
    if case.state is CaseState.CLOSED:
        raise Refused("case-closed", "This case is closed.")
    _check_room(session, case_id, len(content.data), settings)
    row = Attachment(
        case_id=case_id,
        staff_id=actor.staff_id,
        at=now,
        name=name,
        type=content.type,
        size=len(content.data),
        digest=content.digest,
        file=file,
    )
    session.add(row)
    session.flush()  # the event and the audit row name the id
    told = {"attachment": row.id, "type": row.type, "size": row.size}
    event(session, case, EventKind.ATTACHED, actor, now, data=told)
    audit(session, actor, "case.attached", case, now, after={**told, "digest": row.digest})
    return row.id


def _check_room(session: Session, case_id: int, size: int, settings: Settings) -> None:
    """Writers queue, so what is counted here holds until the commit."""
    kept = Attachment.gone_at.is_(None)
    count = session.scalar(sa.select(sa.func.count()).where(Attachment.case_id == case_id, kept))
    if (count or 0) >= ATTACHMENTS_MOST:
        raise Refused("files-most", "A case has at most five files.")
    used = session.scalar(sa.select(sa.func.sum(Attachment.size)).where(kept)) or 0
    if used + size > settings.attachment_mib * _MIB:
        raise Refused("files-full", "The room for evidence files is used up.")


def open_attachment(
    session: Session, *, actor: Actor, case_id: int, attachment_id: int, now: datetime
) -> Kept:
    """Put on record that somebody reads the file; what to read. No record, no file.

    Nobody reads what others brought forward about an account of the reader's own.
    """
    case, row = _kept(session, case_id, attachment_id)
    actor.require(Permission.CASE_READ, account_id=case.account_id)
    told = {"attachment": row.id, "digest": row.digest}
    audit(session, actor, "case.attachment_read", case, now, after=told)
    return Kept(row.name, row.type, row.digest, row.file)


def detach(
    session: Session, *, actor: Actor, case_id: int, attachment_id: int, now: datetime
) -> None:
    """Remove a file: one's own until the case is closed, anybody's for a senior."""
    case = get_case(session, actor, case_id)
    _, row = _kept(session, case_id, attachment_id)
    own = row.staff_id == actor.staff_id and case.state is not CaseState.CLOSED
    if not own and not actor.may(Permission.ATTACHMENT_REMOVE):
        raise NotAllowed("file-other", "Only a senior removes this file.")
    row.gone_at, row.name = now, ""
    told = {"attachment": row.id, "type": row.type}
    event(session, case, EventKind.DETACHED, actor, now, data=told)
    audit(session, actor, "case.detached", case, now, after={**told, "digest": row.digest})


def _kept(session: Session, case_id: int, attachment_id: int) -> tuple[Case, Attachment]:
    case, row = session.get(Case, case_id), session.get(Attachment, attachment_id)
    if case is None or row is None or row.case_id != case_id or row.gone_at is not None:
        raise NotFound("file-gone", "This file is not kept any more.")
    check_serving(session, case.site_id)
    return case, row


def expire(session: Session, *, settings: Settings, now: datetime, limit: int) -> int:
    """Give up the files of cases that closed longer ago than activity is kept."""
    before = now - timedelta(days=settings.retention_days)
    over = (
        sa.select(Attachment.id)
        .join(Case, Case.id == Attachment.case_id)
        .where(Attachment.gone_at.is_(None), Case.closed_at < before)
        .limit(limit)
    )
    return _give_up(session, Attachment.id.in_(over), now)


def give_up(session: Session, *, account_id: int, now: datetime) -> int:
    """Give up every file of an account's cases; the worker removes them within seconds."""
    cases = sa.select(Case.id).where(Case.account_id == account_id)
    return _give_up(session, Attachment.case_id.in_(cases), now)


def _give_up(session: Session, which: sa.ColumnElement[bool], now: datetime) -> int:
    result = session.execute(
        sa.update(Attachment)
        .where(which, Attachment.gone_at.is_(None))
        .values(gone_at=now, name="")
        .execution_options(synchronize_session=False)
    )
    return int(getattr(result, "rowcount", 0))


def given_up(session: Session, *, limit: int = 100) -> list[str]:
    """Names in the folder whose files are to be removed."""
    query = sa.select(Attachment.file).where(Attachment.gone_at.is_not(None)).limit(limit)
    return list(session.scalars(query))


def forget(session: Session, *, files: list[str]) -> int:
    """Delete the rows of files that are gone from the folder."""
    result = session.execute(
        sa.delete(Attachment)
        .where(Attachment.file.in_(files), Attachment.gone_at.is_not(None))
        .execution_options(synchronize_session=False)
    )
    return int(getattr(result, "rowcount", 0))


def without_row(session: Session, *, files: list[str]) -> list[str]:
    """Which of these names no row knows: left by an upload that was never committed."""
    known: set[str] = set()
    for start in range(0, len(files), _BATCH):
        some = files[start : start + _BATCH]
        known.update(session.scalars(sa.select(Attachment.file).where(Attachment.file.in_(some))))
    return [name for name in files if name not in known]
