"""Noting outside the store what ended in it, and ending it again in a store that was restored."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.audit.store import AuditRow
from shudi.backups import rules
from shudi.backups.codec import journal
from shudi.backups.rules import End, Line
from shudi.cases.actions.erasure import delete_account
from shudi.cases.actions.site_closing import end_site
from shudi.clients.actions.keys import revoke_key
from shudi.clients.store import ApiKey
from shudi.db import Database
from shudi.settings import Settings
from shudi.sites.actions.closing import close_again
from shudi.sites.store import Site
from shudi.staff.actions.admission import reset
from shudi.staff.actions.standing import disable
from shudi.staff.codec.keyring import Keyring
from shudi.staff.rules import Actor
from shudi.staff.store import Staff, StaffState

_BATCH = 500
_PORTION = 50  # accounts deleted in one transaction


def keys_of(settings: Settings) -> dict[str, bytes]:
    """The journal's keys by name, the present one first."""
    keyring = Keyring(settings.secret_key, settings.secret_key_fallbacks)
    return {rules.key_name(key): key for key in keyring.derive(rules.PURPOSE)}


def note(settings: Settings, database: Database, *, now: datetime) -> int:
    """Note what ended since the last line; returns how many lines came. Lines older than backups
    may be are dropped. The file is there afterwards, though nothing may have ended yet.
    """
    path = journal.path_of(settings)
    lines = journal.read(path)
    oldest = now - timedelta(days=settings.retention_days)
    kept = [line for line in lines if line.at >= oldest or line is lines[-1]]
    [name, *_] = keys = keys_of(settings)
    with database.read_session() as session:
        rows = session.execute(
            sa.select(AuditRow.seq, AuditRow.at, AuditRow.action, AuditRow.target_id)
            .where(AuditRow.action.in_(rules.ENDING), AuditRow.seq > _last(lines))
            .order_by(AuditRow.seq)
            .limit(_BATCH)
        ).all()
        new = [line for row in rows for line in _line(session, row, name, keys[name])]
    if rows and (not new or new[-1].seq < rows[-1].seq):
        # what left no trace is not asked about again, else nothing after it would ever be noted
        new.append(Line(End.SEEN, rows[-1].seq, now))
    if new or len(kept) < len(lines) or not path.exists():
        journal.write(path, [*kept, *new])
    return len(new)


def _last(lines: list[Line]) -> int:
    return lines[-1].seq if lines else 0


def _line(session: Session, row: Any, name: str, key: bytes) -> Iterator[Line]:
    """The row's line; none where what it was about has left no trace but the end of its site."""
    end = rules.ENDING[row.action]
    about = session.execute(_about(end, int(row.target_id))).first()
    if about is not None:
        mac = rules.pseudonym(key, end, *about)
        yield Line(end, row.seq, datetime.fromisoformat(row.at), name, mac)


def _about(end: End, target: int) -> Any:
    """What names it in any copy of the store: numbers of rows differ after a restore."""
    if end is End.ACCOUNT:
        return _accounts().where(Account.id == target)
    if end is End.KEY:
        return sa.select(ApiKey.key_hash).where(ApiKey.id == target)
    if end is End.SITE:
        return sa.select(Site.key).where(Site.id == target)
    return sa.select(Staff.name).where(Staff.id == target)


def _accounts() -> sa.Select[str, str]:
    return sa.select(Site.key, Account.account).join(Site, Site.id == Account.site_id)


def repeat(
    database: Database, lines: Iterable[Line], *, settings: Settings, now: datetime
) -> dict[End, int]:
    """End again what `lines` say ended; returns how much of each there was."""
    actor, keys = Actor.system("restore"), keys_of(settings)
    macs = {line.mac for line in lines}
    known = {line.key: keys[line.key] for line in lines if line.key in keys}

    def ended(end: End, *about: str) -> bool:
        return any(rules.pseudonym(key, end, *about) in macs for key in known.values())

    counts = dict.fromkeys((End.SITE, End.ACCOUNT, End.STANDING, End.WAYS_IN, End.KEY), 0)
    if not macs:
        return counts
    with database.transaction() as session:
        counts[End.SITE] = _sites(session, ended, actor, now)
        counts[End.KEY] = _keys(session, ended, actor, now)
        counts[End.STANDING], counts[End.WAYS_IN] = _people(session, ended, actor, now)
    counts[End.ACCOUNT] = _delete(database, ended, actor, now)
    return counts


def _sites(session: Session, ended: Callable[..., bool], actor: Actor, now: datetime) -> int:
    """What they hold is erased by the worker, as it was before."""
    live = session.scalars(sa.select(Site).where(Site.closed_at.is_(None))).all()
    gone = [site for site in live if ended(End.SITE, site.key)]
    for site in gone:
        close_again(session, site=site, now=now)
        end_site(session, actor=actor, site=site, now=now, because={"restored": True})
    return len(gone)


def _keys(session: Session, ended: Callable[..., bool], actor: Actor, now: datetime) -> int:
    live = session.execute(
        sa.select(ApiKey.id, ApiKey.key_hash).where(ApiKey.revoked_at.is_(None))
    ).all()
    gone = [row.id for row in live if ended(End.KEY, row.key_hash)]
    for key_id in gone:
        revoke_key(session, actor=actor, key_id=key_id, now=now)
    return len(gone)


def _people(
    session: Session, ended: Callable[..., bool], actor: Actor, now: datetime
) -> tuple[int, int]:
    """Whoever's standing changed is disabled, until an administrator has looked; whoever changed
    how they sign in needs a new link, for what they changed may have been known to others.
    """
    people = session.scalars(sa.select(Staff).where(Staff.state != StaffState.DISABLED)).all()
    out = [person for person in people if ended(End.STANDING, person.name)]
    anew = [one for one in people if one not in out and ended(End.WAYS_IN, one.name)]
    for person in out:
        disable(session, actor=actor, staff_id=person.id, now=now)
    for person in anew:
        reset(session, actor=actor, staff_id=person.id, now=now)
    return len(out), len(anew)


def _delete(database: Database, ended: Callable[..., bool], actor: Actor, now: datetime) -> int:
    with database.read_session() as session:
        rows = session.execute(
            _accounts().add_columns(Account.site_id).where(Account.deleted_at.is_(None))
        )
        gone = [
            (row.site_id, row.account) for row in rows if ended(End.ACCOUNT, row.key, row.account)
        ]
    for start in range(0, len(gone), _PORTION):
        with database.transaction() as session:
            for site_id, account in gone[start : start + _PORTION]:
                delete_account(session, actor=actor, site_id=site_id, account=account, now=now)
    return len(gone)
