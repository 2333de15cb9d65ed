"""Finding accounts, by name, handle or id within one site, never by region; what waits of one."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from shudi.accounts.codec import load_screen
from shudi.accounts.rules import FIELDS, Rule, search_key
from shudi.accounts.store import Account, Protection, Submission, SubmissionState
from shudi.errors import NotFound
from shudi.sites.store import Site

# The highest code point: no text that begins with the prefix sorts after prefix + this.
_LAST = "\U0010ffff"


@dataclasses.dataclass(frozen=True, slots=True)
class AccountRow:
    """One hit of a search."""

    id: int
    account: str
    handle: str | None
    name: str
    deleted_at: datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class AccountView:
    """What the platform says of an account."""

    id: int
    site_id: int
    site_key: str
    site_name: str
    account: str
    handle: str | None
    name: str
    avatar_url: str
    bio: str
    protection: Protection
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int


_COLUMNS: tuple[Any, ...] = (
    Account.id,
    Account.site_id,
    Site.key,
    Site.name,
    Account.account,
    Account.handle,
    Account.name,
    Account.avatar_url,
    Account.bio,
    Account.protection,
    Account.created_at,
    Account.updated_at,
    Account.deleted_at,
    Account.version,
)


def account(session: Session, *, account_id: int) -> AccountView:
    """The account; NotFound where there is none."""
    row = session.execute(
        sa.select(*_COLUMNS)
        .join(Site, Site.serving(Account.site_id))
        .where(Account.id == account_id)
    ).first()
    if row is None:
        raise NotFound("account-unknown", "There is no such account.")
    return AccountView(*row)


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """A field as it is live and as it was submitted, that one in pieces: (text, found by a rule).

    Nothing that did not change is marked: rules look at changes only.
    """

    field: str
    live: str
    submitted: str
    pieces: list[tuple[str, bool]]

    @property
    def changed(self) -> bool:
        """Whether the platform asks for another value than the live one."""
        return self.live != self.submitted


@dataclasses.dataclass(frozen=True, slots=True)
class Submitted:
    """Values that wait, or that were decided on, beside the live ones of that moment."""

    rule: Rule
    field: str
    submitted_at: datetime
    pairs: list[Pair]


def waiting(session: Session, *, account_id: int) -> Submitted | None:
    """What waits for a person, or None."""
    found = session.execute(
        sa.select(Account, Submission)
        .join(Submission, Submission.account_id == Account.id)
        .where(Account.id == account_id, Submission.state == SubmissionState.WAITING)
    ).first()
    if found is None:
        return None
    live, sent = found
    names = (*FIELDS, "avatar_url")
    return Submitted(
        sent.rule,
        sent.field,
        sent.submitted_at,
        compared(
            {name: getattr(live, name) or "" for name in names},
            {name: getattr(sent, name) or "" for name in names},
        ),
    )


def compared(live: Mapping[str, str], submitted: Mapping[str, str]) -> list[Pair]:
    """Each field side by side; the parts of a changed one that a rule finds are marked."""
    return [
        Pair(name, live[name], text, _pieces(name, text) if text != live[name] else [(text, False)])
        for name, text in submitted.items()
    ]


def _pieces(field: str, text: str) -> list[tuple[str, bool]]:
    at, pieces = 0, []
    marks = load_screen().marks(field, text) if field in FIELDS else []
    for start, end in marks:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [piece for piece in (*pieces, (text[at:], False)) if piece[0]]


def search(session: Session, *, site_id: int, text: str, limit: int = 25) -> list[AccountRow]:
    """Accounts of a site whose id, handle or name begins with `text`; the exact id first.

    Three index ranges of at most `limit` rows each; names fold case and width.
    """
    text = text.strip()
    if not text:
        return []
    bare = text.removeprefix("@")
    parts = [
        _prefix(session, Account.account, text, site_id, limit),
        _prefix(session, Account.handle, bare, site_id, limit),
        _prefix(session, Account.name_folded, search_key(text), site_id, limit),
    ]
    ids = sa.union_all(*[sa.select(part.subquery().c.id) for part in parts]).subquery()
    query = (
        sa.select(Account.id, Account.account, Account.handle, Account.name, Account.deleted_at)
        .where(Account.id.in_(sa.select(ids.c.id)))
        .order_by(sa.case((Account.account == text, 0), (Account.handle == bare, 1), else_=2))
        .order_by(Account.name_folded, Account.id)
        .limit(limit)
    )
    return [AccountRow(*row) for row in session.execute(query)]


@dataclasses.dataclass(frozen=True, slots=True)
class SiteHit(AccountRow):
    """One hit of a search over several sites."""

    site_id: int


def search_sites(
    session: Session, *, site_ids: Sequence[int], text: str, limit: int = 8
) -> list[SiteHit]:
    """The same over several sites, in one query; the exact id first. Erased accounts are left
    out: nobody jumps to those by name.
    """
    text = text.strip()
    if not text or not site_ids:
        return []
    bare = text.removeprefix("@")
    wanted = (
        (Account.account, text),
        (Account.handle, bare),
        (Account.name_folded, search_key(text)),
    )
    parts = [
        sa.select(_prefix(session, column, begins, site_id, limit).subquery().c.id)
        for site_id in site_ids
        for column, begins in wanted
    ]
    ids = sa.union_all(*parts).subquery()
    columns = (Account.id, Account.account, Account.handle, Account.name, Account.deleted_at)
    query = (
        sa.select(*columns, Account.site_id)
        .where(Account.id.in_(sa.select(ids.c.id)), Account.deleted_at.is_(None))
        .order_by(sa.case((Account.account == text, 0), (Account.handle == bare, 1), else_=2))
        .order_by(Account.name_folded, Account.id)
        .limit(limit)
    )
    return [SiteHit(*row) for row in session.execute(query)]


def _prefix(
    session: Session, column: InstrumentedAttribute[Any], text: str, site_id: int, limit: int
) -> sa.Select[int]:
    query = sa.select(Account.id).where(Account.site_id == site_id).limit(limit)
    if session.get_bind().dialect.name == "sqlite":
        return query.where(column >= text, column < text + _LAST).order_by(column)
    # Elsewhere the order follows a language, in which a range is no prefix.
    return query.where(column.startswith(text, autoescape=True))
