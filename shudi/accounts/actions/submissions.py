"""A person's word on values that wait. Who may say it is asked by the case (`shudi.cases`)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.actions.live import audit, holder_of, page_key_of, publish
from shudi.accounts.rules import ARTICLE, REFUSAL_STANDS, AccountInfo, Rule
from shudi.accounts.store import Account, Submission, SubmissionState
from shudi.errors import NotFound, Refused
from shudi.sites.queries import SiteRow
from shudi.staff.rules import Actor


def accept_submission(
    session: Session, *, actor: Actor, site: SiteRow, row: Account, now: datetime
) -> tuple[bool, bool]:
    """Make live what waits; returns (renamed, taken) like `publish`.

    Refused where pages name another account so by now: it must not lose its handle to values
    that waited. NotFound where nothing waits any more.
    """
    waiting = _waiting(session, row)
    info = AccountInfo(
        handle=waiting.handle, name=waiting.name, avatar_url=waiting.avatar_url, bio=waiting.bio
    )
    key = page_key_of(site, row.account, info)
    if key is not None and holder_of(session, site, key, but=row.account) is not None:
        raise Refused("handle-passed-on", "Another account has this handle now.")
    rule = waiting.rule
    session.delete(waiting)
    row.updated_at = now
    renamed, taken = publish(session, site, row, info)
    session.flush()  # a clash must show here
    after: dict[str, object] = {"rule": rule.value, "article": ARTICLE[rule]}
    audit(session, actor, "account.submission_accepted", row.id, now, after)
    return renamed, taken


def refuse_submission(
    session: Session, *, actor: Actor, row: Account, rule: Rule, now: datetime
) -> None:
    """Keep the live values. The refused ones are remembered for a while (REFUSAL_STANDS), so
    that they need not be looked at again. NotFound where nothing waits any more.
    """
    waiting = _waiting(session, row)
    waiting.state = SubmissionState.REFUSED
    waiting.refused_for, waiting.refused_at = rule, now
    after: dict[str, object] = {"rule": rule.value, "article": ARTICLE[rule]}
    audit(session, actor, "account.submission_refused", row.id, now, after)


def _waiting(session: Session, row: Account) -> Submission:
    found = session.get(Submission, row.id)
    if found is None or found.state is not SubmissionState.WAITING:
        raise NotFound("submission-unknown", "Nothing waits for this account any more.")
    return found


def forget_refused(session: Session, *, now: datetime, limit: int) -> int:
    """Delete at most `limit` refused values that no longer count; returns how many."""
    ids = (
        sa.select(Submission.account_id)
        .where(Submission.refused_at < now - REFUSAL_STANDS)
        .limit(limit)
    )
    gone = session.execute(
        sa.delete(Submission)
        .where(Submission.account_id.in_(ids))
        .execution_options(synchronize_session=False)
    )
    return int(getattr(gone, "rowcount", 0))
