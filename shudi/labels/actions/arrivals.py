"""Accounts that acted before the platform described them: the id is all we know."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.rules import fold_page_key
from shudi.db import bulk
from shudi.sites.queries import SiteRow
from shudi.sites.store import Fold, PageKeyKind, Site

# CROSS keeps SQLite from scanning accounts; PostgreSQL plans this by itself.
WANTED = {
    "sqlite": "json_each(?) AS wanted CROSS JOIN",
    "postgresql": "jsonb_array_elements_text(CAST(? AS jsonb)) AS wanted (value) JOIN",
}
_TAKEN_SQL = """
SELECT a.page_key FROM {wanted} accounts a ON a.site_id = ? AND a.page_key = wanted.value
"""


def create(session: Session, site: SiteRow, accounts: Sequence[str], now: datetime) -> None:
    """Add these accounts to the site, which has none of them."""
    if not accounts:
        return
    stamp = bulk.instant(now)
    page_keys = _free_page_keys(session, site, accounts)
    bulk.many(
        session,
        "INSERT INTO accounts (site_id, account, page_key, name, name_folded, avatar_url, bio,"
        " protection, created_at, updated_at, version)"
        " VALUES (?, ?, ?, '', '', '', '', 'none', ?, ?, 1)",
        [
            (site.id, account, page_key, stamp, stamp)
            for account, page_key in zip(accounts, page_keys, strict=True)
        ],
    )
    session.execute(
        sa.update(Site)
        .where(Site.id == site.id)
        .values(account_count=Site.account_count + len(accounts))
        .execution_options(synchronize_session=False)
    )


def _free_page_keys(session: Session, site: SiteRow, accounts: Sequence[str]) -> list[str | None]:
    """What pages show of each account; None where they show handles, or where another id that
    folds alike has the page key: who was first keeps it.
    """
    if site.page_key is not PageKeyKind.ID:
        return [None] * len(accounts)
    keys = [fold_page_key(account, site.fold)[:256] for account in accounts]
    if site.fold is Fold.EXACT:
        return list(keys)
    sql = _TAKEN_SQL.format(wanted=WANTED[session.get_bind().dialect.name])
    taken = {row[0] for row in bulk.rows(session, sql, (bulk.listed(keys), site.id))}
    free: list[str | None] = []
    for key in keys:
        free.append(None if key in taken else key)
        taken.add(key)
    return free
