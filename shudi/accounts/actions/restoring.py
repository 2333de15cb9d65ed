"""Putting values back as they were before a person decided on them, where nothing moved since.

Both sets of values come from the decision's frozen evidence. Who may is asked by the case.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from shudi.accounts.actions.live import holder_of, page_key_of, publish
from shudi.accounts.rules import AccountInfo, Rule
from shudi.accounts.store import Account, Submission, SubmissionState
from shudi.errors import Refused, Stale
from shudi.sites.queries import SiteRow

_NAMES = ("name", "handle", "bio", "avatar_url")
Values = Mapping[str, str]


def check_as_left(
    session: Session, row: Account, *, live: Values, refused: Values | None, at: datetime
) -> None:
    """Raise Stale unless `live` is live and nothing waits, `refused` alone having been refused at
    that instant.
    """
    kept = session.get(Submission, row.id)
    same = row.deleted_at is None and _same(row, live)
    if refused is None:
        same = same and kept is None
    else:
        was = kept is not None and kept.state is SubmissionState.REFUSED and kept.refused_at == at
        same = same and was and _same(kept, refused)
    if not same:
        raise Stale("values-moved", "The account's information is another by now.")


def _same(row: Account | Submission | None, values: Values) -> bool:
    return all((getattr(row, name) or "") == values.get(name, "") for name in _NAMES)


def make_live(
    session: Session, *, site: SiteRow, row: Account, values: Values, now: datetime
) -> tuple[bool, bool]:
    """Make `values` live and nothing wait; returns (renamed, taken) like `publish`. Refused where
    pages name another account so by now.
    """
    info = AccountInfo(
        handle=values["handle"] or None,
        name=values["name"],
        avatar_url=values["avatar_url"],
        bio=values["bio"],
    )
    key = page_key_of(site, row.account, info)
    if key is not None and holder_of(session, site, key, but=row.account) is not None:
        raise Refused("handle-passed-on", "Another account has this handle now.")
    kept = session.get(Submission, row.id)
    if kept is not None:
        session.delete(kept)
    row.updated_at = now
    renamed, taken = publish(session, site, row, info)
    session.flush()  # a clash must show here
    return renamed, taken


def keep_aside(
    session: Session,
    *,
    row: Account,
    values: Values,
    field: str,
    rule: Rule,
    submitted_at: datetime,
    refused: tuple[Rule, datetime] | None = None,
) -> None:
    """Let `values` wait for a person, or count as refused for that rule since that instant."""
    kept = session.get(Submission, row.id)
    if kept is None:
        kept = Submission(account_id=row.id)
        session.add(kept)
    kept.state = SubmissionState.REFUSED if refused else SubmissionState.WAITING
    kept.handle = values["handle"] or None
    kept.name, kept.bio, kept.avatar_url = values["name"], values["bio"], values["avatar_url"]
    kept.field, kept.rule, kept.submitted_at = field, rule, submitted_at
    kept.refused_for, kept.refused_at = refused or (None, None)
    session.flush()  # its version check belongs before what is told of it
