"""Good requests for what a case's page offers beside the decision: files, notes, ready words."""

import io
import secrets
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from shudi import clock
from shudi.cases.actions import attachments, notes, reasons
from shudi.cases.codec.attachments import clean
from shudi.cases.store import CaseEvent
from tests import people
from tests.architecture.deed import Asked, Deed
from tests.architecture.doors import Doors


class _Sent(io.BytesIO):
    """A file that can be sent again: it is not closed by being sent, and begins anew."""

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        if not found:
            self.seek(0)
        return found

    def close(self) -> None:
        self.seek(0)


def _attachment(doors: Doors) -> Asked:
    case_id, _, _ = doors.fresh_case()
    with doors.database.transaction() as session:
        kept = attachments.attach(
            session,
            actor=people.ALICE,
            case_id=case_id,
            name="log.txt",
            content=clean(b"Seen before"),
            file=f"{case_id:048x}",
            settings=doors.settings,
            now=clock.now(),
        )
    return f"/cases/{case_id}/attachments/{kept}/remove", {}


def _noted(doors: Doors) -> Asked:
    case_id, _, _ = doors.fresh_case()
    with doors.database.transaction() as session:
        notes.note(session, actor=people.ALICE, case_id=case_id, text="A slip", now=clock.now())
        note_id = session.scalars(sa.select(sa.func.max(CaseEvent.id))).one()
    return f"/cases/{case_id}/notes/{note_id}/take-back", {}


def _ready_words(act: str, **form: Any) -> Callable[[Doors], Asked]:
    def prepare(doors: Doors) -> Asked:
        with doors.database.transaction() as session:
            reason_id = reasons.add(
                session,
                actor=people.SAM,
                kind="keep",
                language="en",
                title=f"To {act or 'change'} {secrets.token_hex(4)}",
                text="It stands.",
                now=clock.now(),
            )
        return f"/ready-words/{reason_id}{act}", {"version": 1} | form

    return prepare


def _upload(doors: Doors) -> Asked:
    case_id, _, _ = doors.fresh_case()
    return f"/cases/{case_id}/attachments", {"file": (_Sent(b"Seen before"), "log.txt")}


DEEDS: dict[str, Deed] = {
    "attachments.add": Deed(people.ALICE, _upload),
    "attachments.remove": Deed(people.ALICE, _attachment),
    "notes.take_back": Deed(people.ALICE, _noted),
    "reasons.add": Deed(
        people.SAM,
        lambda _: (
            "/ready-words",
            {"kind": "keep", "language": "en", "title": "Agrees", "text": "It stands."},
        ),
    ),
    "reasons.change": Deed(people.BOB, _ready_words("", title="Agrees more", text="It does.")),
    "reasons.retire": Deed(people.SAM, _ready_words("/retire")),
}
