"""Acts on account information."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts import rules
from shudi.accounts.rules import AccountInfo
from shudi.accounts.store import Account, Protection
from shudi.audit.actions import Entry, append
from shudi.errors import Refused
from shudi.sites.queries import SiteRow
from shudi.sites.store import PageKeyKind, Site
from shudi.staff.rules import Actor


@dataclasses.dataclass(frozen=True, slots=True)
class Put:
    """The account as it stands now. `renamed`: pages name it otherwise than before; `taken`: its
    page key named another account until now.
    """

    row: Account
    renamed: bool
    taken: bool


def put_account(
    session: Session, *, actor: Actor, site: SiteRow, account: str, info: AccountInfo, now: datetime
) -> Put:
    """Create or replace what is known of an account; its row comes back flushed.

    A handle that another account held passes on; that account keeps its label, not its name
    on pages. Saying the same again changes nothing. Refused where the account was deleted.
    """
    account, info = rules.check_identifier(account), rules.check_info(info)
    row = session.scalar(
        sa.select(Account).where(Account.site_id == site.id, Account.account == account)
    )
    new = row is None
    if row is None:
        row = Account(site_id=site.id, account=account, created_at=now, updated_at=now)
        session.add(row)
        _count(session, site.id, 1)
    elif row.deleted_at is not None:
        raise Refused("account-deleted", "This account was deleted.")
    page_key = _page_key(site, account, info)
    renamed = row.page_key != page_key
    taken = _release_page_key(session, site, account, page_key)
    row.handle, row.name, row.avatar_url, row.bio = (
        info.handle,
        info.name,
        info.avatar_url,
        info.bio,
    )
    row.page_key, row.name_folded = page_key, rules.search_key(info.name)
    row.protection = Protection(info.protection)
    if new or session.is_modified(row):
        row.updated_at = now
        session.flush()  # callers need the id, and a clash must show here
        _audit(session, actor, "account.put", row.id, now, {"protection": row.protection.value})
    return Put(row, renamed, taken)


def _page_key(site: SiteRow, account: str, info: AccountInfo) -> str | None:
    shown = account if site.page_key is PageKeyKind.ID else info.handle
    return rules.fold_page_key(shown, site.fold)[:256] if shown else None


def _release_page_key(session: Session, site: SiteRow, account: str, page_key: str | None) -> bool:
    """Take the page key from whoever held it before; whether anybody did."""
    if page_key is None:
        return False
    holder = session.scalar(
        sa.select(Account).where(
            Account.site_id == site.id, Account.page_key == page_key, Account.account != account
        )
    )
    if holder is None:
        return False
    holder.page_key = None
    if site.page_key is PageKeyKind.HANDLE:
        holder.handle = None
    session.flush()  # it is free before the next one takes it, by constraint
    return True


def erase_account(session: Session, *, actor: Actor, row: Account, now: datetime) -> None:
    """Forget everything but the id, which stays as a tombstone."""
    row.handle = row.page_key = None
    row.name = row.name_folded = row.avatar_url = row.bio = ""
    row.deleted_at = row.updated_at = now
    _count(session, row.site_id, -1)
    session.flush()  # its version check belongs before the label's part
    _audit(session, actor, "account.deleted", row.id, now, None)


def _count(session: Session, site_id: int, by: int) -> None:
    session.execute(
        sa.update(Site)
        .where(Site.id == site_id)
        .values(account_count=Site.account_count + by)
        .execution_options(synchronize_session=False)
    )


def _audit(
    session: Session,
    actor: Actor,
    action: str,
    account_id: int,
    now: datetime,
    after: dict[str, object] | None,
) -> None:
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            target_type="account",
            target_id=account_id,
            after=after,
            request_id=actor.request_id,
        ),
        now=now,
    )
