"""Internal notes: writing one, calling somebody to it, taking it back. None leaves the console."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import erase_texts
from shudi.cases.actions.claims import get_case
from shudi.cases.actions.opening import audit, event
from shudi.cases.rules import NOTE_MOST, EventKind, check_take_back, mentioned
from shudi.cases.store import Case, CaseEvent
from shudi.cases.store.case_page import Mention
from shudi.errors import Invalid, NotFound
from shudi.labels.rules import check_words
from shudi.staff.queries import people_with
from shudi.staff.rules import Actor, Permission


def note(session: Session, *, actor: Actor, case_id: int, text: str, now: datetime) -> list[str]:
    """Add an internal note; returns the names of those it calls.

    `@name` calls somebody who may read cases. Anything else after an at sign is only text: readers
    are called so, too.
    """
    case = get_case(session, actor, case_id)
    if not text.strip():
        raise Invalid("text-needed", "Write something first.")
    if len(text) > NOTE_MOST:
        raise Invalid("text-too-long", "A note has at most 2000 characters.")
    text = check_words(text)
    people = {
        one.name: one.id for one in people_with(session, Permission.CASE_READ, site_id=case.site_id)
    }
    called = [name for name in mentioned(text, people) if people[name] != actor.staff_id]
    seq = audit(session, actor, "case.noted", case, now, text=text)
    told = {"audit": seq, "mentions": called}
    row = event(session, case, EventKind.NOTED, actor, now, text, told)
    session.flush()  # the mentions name the note
    session.add_all(
        Mention(note_id=row.id, staff_id=people[name], case_id=case.id, at=now) for name in called
    )
    return called


def take_back(session: Session, *, actor: Actor, case_id: int, note_id: int, now: datetime) -> None:
    """Empty a note of one's own. Its words leave the audit log, too: what is taken back is most
    often what should never have been written down. That there was a note stays on record.
    """
    case = get_case(session, actor, case_id)
    row = session.get(CaseEvent, note_id)
    if row is None or row.case_id != case_id or row.kind is not EventKind.NOTED:
        raise NotFound("note-unknown", "There is no such note.")
    if row.data.get("taken_back"):
        return
    check_take_back(author=row.staff_id, staff_id=actor.staff_id, at=row.at, now=now)
    seq = row.data.get("audit")
    if seq is not None:
        erase_texts(session, [seq])
    row.text, row.data = "", {"taken_back": True}
    session.execute(sa.delete(Mention).where(Mention.note_id == note_id))
    audit(session, actor, "case.note_taken_back", case, now, after={"note": note_id})


def mark_read(session: Session, *, actor: Actor, case_id: int, now: datetime) -> int | None:
    """What calls this person on the case counts as read; returns the first such note."""
    actor.require(Permission.CASE_READ)
    if session.get(Case, case_id) is None:
        raise NotFound("case-unknown", "There is no such case.")
    unread = (Mention.case_id == case_id, Mention.staff_id == actor.staff_id)
    first = session.scalar(
        sa.select(sa.func.min(Mention.note_id)).where(*unread, Mention.read_at.is_(None))
    )
    session.execute(
        sa.update(Mention)
        .where(*unread, Mention.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
    return first
