"""What comes in from outside and may open a case: sightings, account information, reports."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.actions import put_account as put_account_row
from shudi.accounts.rules import (
    PENDING,
    AccountInfo,
    Verdict,
    check_identifier,
    fold_page_key,
)
from shudi.accounts.store import Account
from shudi.audit.actions import Entry, append
from shudi.cases.actions.information import await_person, relabel, withdraw
from shudi.cases.actions.opening import Opening, open_case
from shudi.cases.actions.weighing import reweigh_account
from shudi.cases.rules import REPORT_TEXT_MOST, CaseKind, ReportKind
from shudi.cases.store import Case
from shudi.errors import Invalid, NotFound
from shudi.geo.actions import Locator
from shudi.labels.actions import sightings as label_sightings
from shudi.labels.actions import trials
from shudi.labels.actions.batch import LIVE, LineError, Origin, Recorded
from shudi.labels.actions.sightings import RawSighting
from shudi.labels.rules import check_words
from shudi.settings import Settings
from shudi.sites.queries import all_sites, check_serving, site_by_id, site_by_key
from shudi.staff.rules import Actor, Permission

# A disagreement that a person has looked at is not put before people again so soon.
DISAGREEMENT_REST = timedelta(days=30)


@dataclasses.dataclass(frozen=True, slots=True)
class Intake:
    """What became of a batch: every line is accepted or has an error with its index and code."""

    accepted: int
    rejected: int
    errors: list[LineError]


def take_sightings(
    session: Session,
    *,
    actor: Actor,
    sightings: Sequence[RawSighting],
    allowed_site_id: int | None,
    locator: Locator,
    settings: Settings,
    now: datetime,
    origin: Origin = LIVE,
) -> Intake:
    """Take a batch; labels are readable once it commits. One audit row a batch."""
    sites = {site.key: site for site in all_sites(session)}
    recorded = label_sightings.record(
        session,
        sightings=sightings,
        sites=sites,
        allowed_site_id=allowed_site_id,
        locator=locator,
        settings=settings,
        now=now,
        origin=origin,
    )
    for site_id, brake_id in recorded.brakes:
        opening = Opening(kind=CaseKind.BRAKE, site_id=site_id, brake_id=brake_id)
        open_case(session, actor=Actor.system("brake"), opening=opening, now=now)
    _open_disagreements(session, recorded, now)
    trials.note(session, locator.trial_of, recorded.tried, now)
    _audit_batch(session, actor, recorded, now)
    return Intake(recorded.accepted, len(recorded.errors), recorded.errors)


def _open_disagreements(session: Session, recorded: Recorded, now: datetime) -> None:
    pairs = {account: site for site, account in recorded.disagreeing}
    if not pairs:
        return
    known: set[int] = set()
    accounts = list(pairs)
    for start in range(0, len(accounts), 500):
        known |= set(
            session.scalars(
                sa.select(Case.account_id).where(
                    Case.account_id.in_(accounts[start : start + 500]),
                    Case.kind == CaseKind.DISAGREEMENT,
                    sa.or_(Case.closed_at.is_(None), Case.closed_at > now - DISAGREEMENT_REST),
                )
            )
        )
    for account_id in accounts:
        if account_id not in known:
            opening = Opening(
                kind=CaseKind.DISAGREEMENT, site_id=pairs[account_id], account_id=account_id
            )
            open_case(session, actor=Actor.system("geo"), opening=opening, now=now)


def _audit_batch(session: Session, actor: Actor, recorded: Recorded, now: datetime) -> None:
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action="sightings.taken",
            target_type="site",
            target_id=",".join(str(site) for site in sorted(recorded.sites)[:10]),
            after={
                "accepted": recorded.accepted,
                "rejected": len(recorded.errors),
                "changed": recorded.changed,
                "held": recorded.held,
            },
            request_id=actor.request_id,
        ),
        now=now,
    )


def put_account(
    session: Session, *, actor: Actor, site_id: int, account: str, info: AccountInfo, now: datetime
) -> Verdict:
    """Take account information in: live at once, kept for a person to look at, or refused.

    A protected account stops showing its label at once, whatever the verdict.
    """
    site = site_by_id(session, site_id)
    if site is None:
        raise NotFound("site-unknown", "There is no such site.")
    put = put_account_row(session, actor=actor, site=site, account=account, info=info, now=now)
    if relabel(session, put.row, renamed=put.renamed, taken=put.taken, now=now):
        reweigh_account(session, put.row.id)
    if put.verdict.verdict == PENDING and not put.again:
        await_person(session, actor=actor, account=put.row, now=now)
    elif put.verdict.verdict == "accepted" and put.waited:
        withdraw(session, actor=actor, account=put.row, now=now)
    return put.verdict


def _account(session: Session, site_id: int, account: str) -> Account | None:
    return session.scalar(
        sa.select(Account).where(
            Account.site_id == site_id, Account.account == account, Account.deleted_at.is_(None)
        )
    )


def take_report(
    session: Session,
    *,
    actor: Actor,
    site_key: str,
    account: str,
    kind: str,
    text: str,
    now: datetime,
    sender: str = "",
) -> None:
    """A reader says that a label is wrong. Readers name accounts as pages do, or by id; `sender`
    is the reader's pseudonym of the day, never an address.

    Says nothing about whether the account is known.
    """
    try:
        report = ReportKind(kind)
    except ValueError:
        raise Invalid("kind-unknown", "There is no report of this kind.") from None
    if len(text) > REPORT_TEXT_MOST:
        raise Invalid("text-too-long", "A report has at most 500 characters.")
    check_words(text)  # for an unknown account as for a known one
    found = _reported(session, site_key, check_identifier(account))
    if found is None:
        return
    opening = Opening(
        kind=CaseKind.REPORT,
        site_id=found.site_id,
        account_id=found.id,
        reported=report,
        sender=sender,
        text=text,
        data={"kind": report.value},
    )
    open_case(session, actor=actor, opening=opening, now=now)


def _reported(session: Session, site_key: str, name: str) -> Account | None:
    site = site_by_key(session, site_key)
    if site is None:
        return None
    shown = session.scalar(
        sa.select(Account).where(
            Account.site_id == site.id,
            Account.page_key == fold_page_key(name, site.fold),
            Account.deleted_at.is_(None),
        )
    )
    return shown or _account(session, site.id, name)


def open_by_staff(
    session: Session, *, actor: Actor, account_id: int, text: str, now: datetime
) -> int:
    """A moderator takes a closer look on their own account; returns the case's id."""
    actor.require(Permission.CASE_DECIDE, account_id=account_id)
    account = session.get(Account, account_id)
    if account is None or account.deleted_at is not None or not actor.reaches(account.site_id):
        raise NotFound("account-unknown", "There is no such account.")
    check_serving(session, account.site_id)
    opening = Opening(
        kind=CaseKind.REPORT, site_id=account.site_id, account_id=account.id, text=text
    )
    return open_case(session, actor=actor, opening=opening, now=now).id
