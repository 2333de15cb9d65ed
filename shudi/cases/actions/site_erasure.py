"""Erasing what a closed site held, a little at a time.

How far it came is written in the transaction that erases, so whoever is killed goes on where it
stopped. At most `limit` rows of a table are erased in one, so that others wait for milliseconds.
"""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.audit.actions import erase_texts, record
from shudi.audit.store import AuditRow
from shudi.cases.actions.erasure import delete_account
from shudi.cases.store import Case, CaseEvent
from shudi.cases.store.batches import Batch, BatchItem
from shudi.cases.store.queue import CaseReport
from shudi.labels.store import Brake, Correction, DroppedResult, Label, Moves, Tally
from shudi.outbox.actions import forget_of_site
from shudi.sites.store import Site, SiteClosing
from shudi.staff.actions.people import forget_own_accounts
from shudi.staff.rules import Actor
from shudi.staff.store import ProposalState

LIMIT = 500  # rows of a table in one transaction
AT_ONCE = 20  # accounts in one: each writes to some twenty tables
_WORKER = Actor.system("worker")
_QUIET = {"synchronize_session": False}


def erase_some(session: Session, *, now: datetime, limit: int = LIMIT) -> int:
    """Erase the next part of the site that was closed first; returns how many rows or accounts
    (0: nothing is left).
    """
    row = session.scalar(
        sa.select(SiteClosing)
        .where(SiteClosing.state == ProposalState.CONFIRMED, SiteClosing.erased_at.is_(None))
        .order_by(SiteClosing.id)
        .limit(1)
    )
    if row is None:
        return 0
    done = _accounts(session, row, now, limit) or _rest(session, row.site_id, limit)
    if not done:
        _end(session, row, now)
    return done or 1


def _accounts(session: Session, row: SiteClosing, now: datetime, limit: int) -> int:
    """The next accounts by id. What they gathered most of goes first, in parts of its own."""
    # not by the index on site_id: it would sort all of them for every few
    mine = (Account.site_id + 0 == row.site_id, Account.id > row.erased_to)
    found = session.execute(
        sa.select(Account.id, Account.account, Account.deleted_at)
        .where(*mine)
        .order_by(Account.id)
        .limit(AT_ONCE)
    ).all()
    ids = [one.id for one in found]
    gathered = _gathered(session, ids, limit)
    if gathered:
        return gathered
    for one in found:
        if one.deleted_at is None:
            delete_account(
                session, actor=_WORKER, site_id=row.site_id, account=one.account, now=now
            )
            row.erased += 1
        _forget_name(session, one.id)
    forget_own_accounts(session, account_ids=ids)
    if ids:
        row.erased_to = ids[-1]
    return len(ids)


def _gathered(session: Session, ids: list[int], limit: int) -> int:
    """At most `limit` rows of one table that may hold many of a few accounts; how many."""
    if not ids:
        return 0
    cases = sa.select(Case.id).where(Case.account_id.in_(ids))
    corrections = sa.select(Correction.id).where(Correction.account_id.in_(ids))
    tally = sa.tuple_(Tally.account_id, Tally.day, Tally.region)
    days = sa.select(Tally.account_id, Tally.day, Tally.region).where(Tally.account_id.in_(ids))
    dropped = sa.select(DroppedResult.id).where(DroppedResult.correction_id.in_(corrections))
    reports = sa.select(CaseReport.id).where(CaseReport.case_id.in_(cases))
    said = sa.select(CaseEvent.id).where(CaseEvent.case_id.in_(cases), CaseEvent.text != "")
    statements: tuple[sa.Delete | sa.Update, ...] = (
        sa.delete(Tally).where(tally.in_(days.limit(limit))),
        sa.delete(DroppedResult).where(DroppedResult.id.in_(dropped.limit(limit))),
        sa.delete(CaseReport).where(CaseReport.id.in_(reports.limit(limit))),
        sa.update(CaseEvent).where(CaseEvent.id.in_(said.limit(limit))).values(text=""),
    )
    for statement in statements:
        count = _run(session, statement)
        if count:
            return count
    return 0


def _forget_name(session: Session, account_id: int) -> None:
    """The platform's id, which a tombstone in the feed keeps, goes too: there is no feed."""
    nameless = secrets.token_hex(16)
    _run(session, sa.update(Account).where(Account.id == account_id).values(account=nameless))
    _run(session, sa.update(Label).where(Label.account_id == account_id).values(account=nameless))


def _rest(session: Session, site_id: int, limit: int) -> int:
    """What belongs to the site and to no account: notices, lists, brakes."""
    gone = forget_of_site(session, site_id=site_id, limit=limit)
    if gone:
        return gone
    batches = sa.select(Batch.id).where(Batch.site_id == site_id)
    named = (
        sa.select(BatchItem.batch_id, BatchItem.position)
        .where(BatchItem.batch_id.in_(batches), BatchItem.account != "")
        .limit(limit)
    )
    key = sa.tuple_(BatchItem.batch_id, BatchItem.position)
    moves = sa.select(Moves.minute, Moves.region, Moves.first).where(Moves.site_id == site_id)
    move = sa.tuple_(Moves.minute, Moves.region, Moves.first)
    return _run(
        session, sa.update(BatchItem).where(key.in_(named)).values(account="", account_id=None)
    ) or _run(
        session,
        sa.delete(Moves).where(Moves.site_id == site_id, move.in_(moves.limit(limit))),
    )


def _end(session: Session, row: SiteClosing, now: datetime) -> None:
    """The last words, and that it is done. The site's row stays, with its key and name."""
    site_id = row.site_id
    batches = sa.select(sa.cast(Batch.id, sa.String)).where(Batch.site_id == site_id)
    erase_texts(
        session,
        list(
            session.scalars(
                sa.select(AuditRow.seq).where(
                    AuditRow.target_type == "batch", AuditRow.target_id.in_(batches)
                )
            )
        ),
    )
    _run(session, sa.update(Batch).where(Batch.site_id == site_id).values(text="", answer=""))
    _run(session, sa.update(Brake).where(Brake.site_id == site_id).values(diff={}, origin_name=""))
    _run(session, sa.update(Site).where(Site.id == site_id).values(account_count=0))
    row.erased_at = now
    record(session, _WORKER, "site.erased", ("site", site_id), now, {"accounts": row.erased})


def _run(session: Session, statement: sa.Update | sa.Delete) -> int:
    return int(getattr(session.execute(statement.execution_options(**_QUIET)), "rowcount", 0))
