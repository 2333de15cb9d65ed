"""Notes after they were written: taken back, and read by whom they call."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, sessions
from console.parts import database
from shudi import clock
from shudi.cases.actions import notes
from shudi.staff.rules import Permission

blueprint = Blueprint("notes", __name__)


@blueprint.post("/cases/<int:case_id>/notes/<int:note_id>/take-back")
@access.requires(Permission.CASE_DECIDE)
def take_back(case_id: int, note_id: int) -> ResponseReturnValue:
    """Take one's own note back, soon after writing it."""
    with database().transaction() as session:
        notes.take_back(
            session, actor=sessions.actor(), case_id=case_id, note_id=note_id, now=clock.now()
        )
    flash(gettext("The note was taken back."), "success")
    return redirect(url_for("cases.show", case_id=case_id, _anchor="timeline"), 303)


@blueprint.post("/cases/<int:case_id>/notes/read")
@access.requires(Permission.CASE_READ)
def read(case_id: int) -> ResponseReturnValue:
    """Go to the note that calls one; it is not new any more."""
    with database().transaction() as session:
        first = notes.mark_read(session, actor=sessions.actor(), case_id=case_id, now=clock.now())
    anchor = f"note-{first}" if first is not None else None
    return redirect(url_for("cases.show", case_id=case_id, _anchor=anchor), 303)
