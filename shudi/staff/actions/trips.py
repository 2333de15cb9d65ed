"""Trips to the provider of single sign-on and back: each good once, where it began, for minutes."""

import dataclasses
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.db import Database
from shudi.errors import Refused
from shudi.staff.actions import attempts
from shudi.staff.actions.door import Door
from shudi.staff.codec.keyring import new_token, token_hash
from shudi.staff.rules.single_sign_on import Ticket
from shudi.staff.store.identities import Purpose, Trip

LIFE = timedelta(minutes=10)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a trip is for. `link_hash`: of an invitation's token; `wanted`: the page to go to
    afterwards; `kept`: a sealed form that waits.
    """

    purpose: Purpose
    link_hash: str = ""
    wanted: dict[str, Any] = dataclasses.field(default_factory=dict)
    kept: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Returned:
    """A trip that came back where it began, and is over by this."""

    errand: Errand
    ticket: Ticket
    asked_at: datetime


def set_out(session: Session, *, door: Door, errand: Errand) -> Ticket:
    """Begin a trip for the door's holder. Refused `too-many-attempts` if too many were begun."""
    attempts.spend(session, subjects=attempts.at_offer(door), now=door.now)
    ticket = Ticket(new_token(), new_token(), secrets.token_urlsafe(64))
    row = {
        "state_hash": token_hash(ticket.state),
        "holder": door.holder,
        "sealed": door.keyring.seal(json.dumps([ticket.nonce, ticket.verifier])),
        "asked_at": door.now,
        "expires_at": door.now + LIFE,
        **dataclasses.asdict(errand),
    }
    session.execute(sa.insert(Trip), row)
    return ticket


def come_back(database: Database, *, door: Door, state: str) -> Returned:
    """The trip of that `state`, used up by this. Refused `sso-over` unless this holder began it,
    not long ago, and it did not come back before; `too-many-attempts` before looking.
    """
    with database.transaction() as session:
        attempts.spend(session, subjects=attempts.at_return(door), now=door.now)
    with database.transaction() as session:
        row = session.execute(
            sa.delete(Trip)
            .where(
                Trip.state_hash == token_hash(state),
                Trip.holder == door.holder,
                Trip.expires_at > door.now,
            )
            .returning(
                Trip.sealed, Trip.asked_at, Trip.purpose, Trip.link_hash, Trip.wanted, Trip.kept
            )
        ).first()
    if row is None:
        raise Refused("sso-over", "This sign-in is over. Please start again.")
    sealed, asked_at, purpose, link_hash, wanted, kept = row
    nonce, verifier = json.loads(door.keyring.unseal(sealed))
    errand = Errand(purpose=purpose, link_hash=link_hash, wanted=wanted, kept=kept)
    return Returned(errand, Ticket(state, nonce, verifier), asked_at)


def forget_trips(session: Session, *, now: datetime) -> int:
    """Delete those that did not come back in time; returns how many."""
    gone = session.execute(sa.delete(Trip).where(Trip.expires_at <= now).returning(Trip.state_hash))
    return len(gone.all())
