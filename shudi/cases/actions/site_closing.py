"""The end of a site: what is refused from the commit on. Its accounts are erased afterwards.

What must stop at once stops by a row that everybody reads (the site is closed) or by one statement
a table; what is merely there still is erased in small parts (`site_erasure`).
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.audit.actions import record
from shudi.cases.actions.erasure import STANDING
from shudi.cases.rules import CaseState, CloseReason, EventKind
from shudi.cases.rules.batches import LIVE, BatchState
from shudi.cases.store import Case, CaseEvent, Claim, HolderLink, HolderSession
from shudi.cases.store.batches import Batch
from shudi.clients.actions.keys import revoke_of_site
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Brake, Correction, Release
from shudi.outbox.actions import drop_waiting
from shudi.sites.actions import closing
from shudi.sites.store import Site
from shudi.staff.rules import Actor

_QUIET = {"synchronize_session": False}


def close_site(session: Session, *, actor: Actor, closing_id: int, now: datetime) -> int:
    """Confirm the proposal: the site serves nothing any more, to anybody; returns its id.

    NotAllowed for whoever proposed it.
    """
    site = closing.confirm(session, actor=actor, closing_id=closing_id, now=now)
    end_site(session, actor=actor, site=site, now=now, because={"proposal": closing_id})
    return site.id


def end_site(
    session: Session, *, actor: Actor, site: Site, now: datetime, because: dict[str, Any]
) -> None:
    """End what a closed site has, and put on record `because` of what."""
    accounts = site.account_count
    _move_shared(session, site.id)
    ended = _end_cases(session, actor, site.id, now)
    _end_work(session, site.id, now)
    _end_links(session, site.id)
    session.execute(sa.delete(Release).where(Release.site_id == site.id))
    drop_waiting(session, site_id=site.id)
    keys = revoke_of_site(session, actor=actor, site_id=site.id, now=now)
    after = {**because, "accounts": accounts, "cases": ended, "keys": keys}
    record(session, actor, "site.closed", ("site", site.id), now, after)


def _move_shared(session: Session, site_id: int) -> None:
    """A case of new geo databases is the whole deployment's: it goes on under another site."""
    other = session.scalar(sa.select(sa.func.min(Site.id)).where(Site.closed_at.is_(None)))
    if other is not None:
        _update(
            session,
            sa.update(Case)
            .where(_open_of(site_id), Case.update_id.is_not(None))
            .values(site_id=other, version=Case.version + 1),
        )


def _end_cases(session: Session, actor: Actor, site_id: int, now: datetime) -> int:
    """Close every case, and say on its timeline why; returns how many."""
    cases = sa.select(Case.id).where(_open_of(site_id))
    line: dict[str, Any] = {"reason": CloseReason.SITE_CLOSED.value}
    columns = [
        Case.id,
        sa.literal(now, CaseEvent.at.type),
        sa.literal(EventKind.CLOSED, CaseEvent.kind.type),
        sa.literal(actor.staff_id, sa.BigInteger),
        sa.literal(actor.name[:120], sa.String),
        sa.literal("", sa.String),
        sa.literal(line, CaseEvent.data.type),
    ]
    names = ["case_id", "at", "kind", "staff_id", "actor", "text", "data"]
    session.execute(
        sa.insert(CaseEvent).from_select(names, sa.select(*columns).where(_open_of(site_id)))
    )
    _update(
        session,
        sa.update(Claim)
        .where(Claim.case_id.in_(cases), Claim.ended_at.is_(None))
        .values(ended_at=now),
    )
    closed = {"state": CaseState.CLOSED, "closed_at": now, "updated_at": now}
    return _update(
        session,
        sa.update(Case).where(_open_of(site_id)).values(version=Case.version + 1, **closed),
    )


def _open_of(site_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(Case.site_id == site_id, Case.state != CaseState.CLOSED)


def _end_work(session: Session, site_id: int, now: datetime) -> None:
    """Corrections, lists and brakes: nothing waits, begins or expires any more."""
    _update(
        session,
        sa.update(Correction)
        .where(Correction.site_id == site_id, Correction.state.in_(STANDING))
        .values(
            state=CorrectionState.LIFTED,
            ended_at=now,
            unconfirmed=False,
            lift_proposed_by=None,
            lift_proposed_at=None,
            version=Correction.version + 1,
        ),
    )
    _update(
        session,
        sa.update(Batch)
        .where(Batch.site_id == site_id, Batch.state.in_(LIVE))
        .values(state=BatchState.CANCELLED, ended_at=now, version=Batch.version + 1),
    )
    _update(
        session,
        sa.update(Brake)
        .where(Brake.site_id == site_id, Brake.state == "held")
        .values(state="rejected", decided_at=now, version=Brake.version + 1),
    )


def _end_links(session: Session, site_id: int) -> None:
    """Holders' links are few: they live for a day, their sessions for half an hour."""
    for table in (HolderSession, HolderLink):
        theirs = (
            sa.select(table.account_id)
            .join(Account, Account.id == table.account_id)
            .where(Account.site_id == site_id)
        )
        _update(session, sa.delete(table).where(table.account_id.in_(theirs)))


def _update(session: Session, statement: sa.Update | sa.Delete) -> int:
    return int(getattr(session.execute(statement.execution_options(**_QUIET)), "rowcount", 0))
