"""Asking somebody who is signed in for a second factor again, before something dangerous."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.db import Database
from shudi.errors import NotAllowed
from shudi.staff.actions import attempts
from shudi.staff.actions.devices import is_known
from shudi.staff.actions.door import Door
from shudi.staff.actions.factors import Proof, accept, by_session, refusal
from shudi.staff.actions.record import record
from shudi.staff.actions.sessions import replace_session
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules import proved_lately
from shudi.staff.store import StaffSession


def step_up(database: Database, *, door: Door, token: str, proof: Proof) -> str:
    """Check a second factor of whoever holds the session; returns its new token.

    Takes the database, as signing in does: the count outlives the refusal. Refused `code-refused`
    or `recovery-refused` if what was given is wrong or was used, `too-many-attempts` before
    looking at it; NotAllowed if the session is over.
    """
    with database.read_session() as session:
        person = by_session(session, token, door.now, full=True)
    if person is None:
        raise NotAllowed("sign-in-needed", "Please sign in first.")
    with database.transaction() as session:
        known = is_known(session, door=door, name=person.name)
        subjects = attempts.at_factor(door, person.id, known=known)
        attempts.spend(session, subjects=subjects, now=door.now)
    fresh = ""
    with database.transaction() as session:
        action = "staff.step_up_refused"
        if accept(session, door=door, person=person, proof=proof):
            fresh = replace_session(session, token=token, now=door.now, proved=True)
            action = "staff.stepped_up"
        actor, after = person.actor(door.request_id), {"by": proof.kind}
        record(session, actor, action, person.id, door.now, after=after)
    if not fresh:
        raise refusal(proof)
    return fresh


def require_lately(session: Session, *, token: str, now: datetime) -> None:
    """NotAllowed `step-up-needed` unless the session's second factor was given lately."""
    query = sa.select(StaffSession.factor_at).where(StaffSession.token_hash == token_hash(token))
    if not proved_lately(session.scalar(query), now):
        raise NotAllowed("step-up-needed", "Please give your second factor again.")
