"""The audit log: reading it and having it checked."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console import access
from console.forms.audit import read_filter
from console.parts import database, settings
from shudi.audit import queries as audit
from shudi.audit.codec import audit_key, checkpoint_notes
from shudi.audit.queries import Verdict
from shudi.staff.rules import Permission

blueprint = Blueprint("audit", __name__)
_ROWS = 50


@blueprint.get("/audit")
@access.requires(Permission.AUDIT_READ)
def index() -> ResponseReturnValue:
    """A page of rows, newest first."""
    return _page(None)


@blueprint.post("/audit/verify")
@access.requires(Permission.AUDIT_READ)
def verify() -> ResponseReturnValue:
    """Walk the whole chain and its checkpoints now, as `shudi audit verify` does."""
    with database().read_session() as session:
        verdict = audit.verify(
            session,
            public_key=audit_key(settings()).public_key(),
            notes=checkpoint_notes(settings()),
        )
    return _page(verdict)


def _page(verdict: Verdict | None) -> str:
    wanted = read_filter(request.args)
    with database().read_session() as session:
        rows = audit.page(
            session,
            before=wanted.before,
            action=wanted.action,
            actor_id=wanted.actor_id,
            target=wanted.target,
            limit=_ROWS + 1,
        )
        checkpoint = audit.last_checkpoint(session)
    more = len(rows) > _ROWS
    kept = {
        name: request.args[name]
        for name in ("action", "actor", "type", "id")
        if request.args.get(name)
    }
    return render_template(
        "console/audit/index.html",
        rows=rows[:_ROWS],
        following=rows[_ROWS - 1].seq if more else None,
        wanted=wanted,
        kept=kept,
        checkpoint=checkpoint,
        verdict=verdict,
    )
