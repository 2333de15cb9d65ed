"""What the platform says of an account: screened, then live, waiting or refused."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts import rules
from shudi.accounts.actions.live import audit, publish
from shudi.accounts.codec import load_screen
from shudi.accounts.rules import (
    PENDING,
    REFUSAL_STANDS,
    REFUSED,
    AccountInfo,
    Finding,
    Rule,
    Verdict,
)
from shudi.accounts.store import Account, Protection, Submission, SubmissionState
from shudi.errors import Refused
from shudi.sites.queries import SiteRow
from shudi.sites.store import Site
from shudi.staff.rules import Actor


@dataclasses.dataclass(frozen=True, slots=True)
class Put:
    """The account as it stands now, and the verdict on what was sent.

    `renamed`: pages name it otherwise than before; `taken`: its page key named another account
    until now. `waited`: other values waited for a person until now. `again`: these very values
    wait already, or were refused by a person already.
    """

    row: Account
    verdict: Verdict
    renamed: bool = False
    taken: bool = False
    waited: bool = False
    again: bool = False


def put_account(
    session: Session, *, actor: Actor, site: SiteRow, account: str, info: AccountInfo, now: datetime
) -> Put:
    """Screen what the platform says, and make it live, keep it waiting or refuse it.

    The account's row comes back flushed, and exists whatever the verdict. Protection is not
    screened and counts at once. A handle that another account held passes on; that account
    keeps its label, not its name on pages. Saying the same again changes nothing. Refused where
    the account was deleted.
    """
    account, info = rules.check_identifier(account), rules.check_info(info)
    known, submission = _known(session, site, account)
    row = known or _create(session, site, account, now)
    finding = load_screen().screen(info, _live(row) if known else AccountInfo())
    verdict = _verdict(finding, submission, info, now)
    renamed = taken = False
    if finding is None or known is None:  # nothing of a new account is live until its values are
        renamed, taken = publish(session, site, row, AccountInfo() if finding else info)
    row.protection = Protection(info.protection)
    changed = known is None or session.is_modified(row)
    if changed:
        row.updated_at = now
        session.flush()  # what follows and callers need the id, and a clash must show here
    waited = submission is not None and submission.state is SubmissionState.WAITING
    decided = waited if verdict.verdict == PENDING else verdict.verdict == REFUSED
    again = finding is not None and decided and _same(submission, info)
    if finding is None and waited:
        session.delete(submission)
    elif finding is not None and verdict.verdict == PENDING and not again:
        _keep(session, row, submission, info, finding, now)
    if changed or ((waited or finding is not None) and not again):
        _record(session, actor, row, verdict, finding, now)
    return Put(row, verdict, renamed, taken, waited and not again, again)


def _known(
    session: Session, site: SiteRow, account: str
) -> tuple[Account | None, Submission | None]:
    found = session.execute(
        sa.select(Account, Submission)
        .outerjoin(Submission, Submission.account_id == Account.id)
        .where(Account.site_id == site.id, Account.account == account)
    ).first()
    if found is None:
        return None, None
    row, submission = found
    if row.deleted_at is not None:
        raise Refused("account-deleted", "This account was deleted.")
    return row, submission


def _create(session: Session, site: SiteRow, account: str, now: datetime) -> Account:
    row = Account(site_id=site.id, account=account, created_at=now, updated_at=now)
    session.add(row)
    _count(session, site.id, 1)
    return row


def _live(row: Account) -> AccountInfo:
    return AccountInfo(handle=row.handle, name=row.name, avatar_url=row.avatar_url, bio=row.bio)


def _verdict(
    finding: Finding | None, submission: Submission | None, info: AccountInfo, now: datetime
) -> Verdict:
    """A value that a person refused lately is refused again, for the same rule."""
    if finding is None:
        return Verdict(verdict="accepted")
    rule = _refused_for(submission, finding, info, now)
    if finding.verdict == PENDING and rule is not None:
        return Verdict(verdict=REFUSED, rule=rule.value, article=rules.ARTICLE[rule])
    return Verdict(verdict=finding.verdict, rule=finding.rule.value, article=finding.article)


def _refused_for(
    submission: Submission | None, finding: Finding, info: AccountInfo, now: datetime
) -> Rule | None:
    """The rule for which a person refused this very value, while that counts."""
    if submission is None or submission.refused_at is None:
        return None
    same = submission.field == finding.field and (
        getattr(submission, finding.field) == getattr(info, finding.field)
    )
    recent = submission.refused_at > now - REFUSAL_STANDS
    return submission.refused_for if same and recent else None


def _same(submission: Submission | None, info: AccountInfo) -> bool:
    return submission is not None and all(
        getattr(submission, name) == getattr(info, name)
        for name in ("handle", "name", "avatar_url", "bio")
    )


def _keep(
    session: Session,
    row: Account,
    submission: Submission | None,
    info: AccountInfo,
    finding: Finding,
    now: datetime,
) -> None:
    """Let `info` wait for a person, in the place of what waited or was refused before."""
    if submission is None:
        submission = Submission(account_id=row.id)
        session.add(submission)
    submission.state = SubmissionState.WAITING
    submission.handle, submission.name = info.handle, info.name
    submission.avatar_url, submission.bio = info.avatar_url, info.bio
    submission.field, submission.rule = finding.field, finding.rule
    submission.submitted_at = now
    submission.refused_for = submission.refused_at = None
    session.flush()  # its version check belongs before what is told of it


def _record(
    session: Session,
    actor: Actor,
    row: Account,
    verdict: Verdict,
    finding: Finding | None,
    now: datetime,
) -> None:
    after: dict[str, object] = {"protection": row.protection.value}
    action = "account.put"
    if finding is not None:
        action = "account.pending" if verdict.verdict == PENDING else "account.refused"
        after |= {"field": finding.field, "rule": verdict.rule, "article": verdict.article}
    audit(session, actor, action, row.id, now, after)


def erase_account(session: Session, *, actor: Actor, row: Account, now: datetime) -> None:
    """Forget everything but the id, which stays as a tombstone."""
    row.handle = row.page_key = None
    row.name = row.name_folded = row.avatar_url = row.bio = ""
    row.deleted_at = row.updated_at = now
    session.execute(sa.delete(Submission).where(Submission.account_id == row.id))
    _count(session, row.site_id, -1)
    session.flush()  # its version check belongs before the label's part
    audit(session, actor, "account.deleted", row.id, now, None)


def _count(session: Session, site_id: int, by: int) -> None:
    session.execute(
        sa.update(Site)
        .where(Site.id == site_id)
        .values(account_count=Site.account_count + by)
        .execution_options(synchronize_session=False)
    )
