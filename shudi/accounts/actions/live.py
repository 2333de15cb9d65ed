"""Making values live: the one place that writes what pages and searches name an account by."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts import rules
from shudi.accounts.rules import AccountInfo
from shudi.accounts.store import Account
from shudi.audit.actions import record
from shudi.sites.queries import SiteRow
from shudi.sites.store import PageKeyKind
from shudi.staff.rules import Actor


def publish(session: Session, site: SiteRow, row: Account, info: AccountInfo) -> tuple[bool, bool]:
    """Make `info` live, but for its protection. Returns whether pages name the account otherwise
    than before, and whether they named another one so until now.
    """
    page_key = page_key_of(site, row.account, info)
    renamed = row.page_key != page_key
    taken = _release_page_key(session, site, row.account, page_key)
    row.handle, row.name, row.avatar_url, row.bio = (
        info.handle,
        info.name,
        info.avatar_url,
        info.bio,
    )
    row.page_key, row.name_folded = page_key, rules.search_key(info.name)
    return renamed, taken


def page_key_of(site: SiteRow, account: str, info: AccountInfo) -> str | None:
    """What the site's pages show for this account, folded; None where it has no handle."""
    shown = account if site.page_key is PageKeyKind.ID else info.handle
    return rules.fold_page_key(shown, site.fold)[:256] if shown else None


def holder_of(session: Session, site: SiteRow, page_key: str, *, but: str) -> Account | None:
    """The account that pages name so, unless it is `but`."""
    return session.scalar(
        sa.select(Account).where(
            Account.site_id == site.id, Account.page_key == page_key, Account.account != but
        )
    )


def _release_page_key(session: Session, site: SiteRow, account: str, page_key: str | None) -> bool:
    """Take the page key from whoever held it before; whether anybody did."""
    holder = holder_of(session, site, page_key, but=account) if page_key is not None else None
    if holder is None:
        return False
    holder.page_key = None
    if site.page_key is PageKeyKind.HANDLE:
        holder.handle = None
    session.flush()  # it is free before the next one takes it, by constraint
    return True


def audit(
    session: Session,
    actor: Actor,
    action: str,
    account_id: int,
    now: datetime,
    after: dict[str, object] | None,
) -> None:
    """One audit row about an account. Never the values themselves."""
    record(session, actor, action, ("account", account_id), now, after)
