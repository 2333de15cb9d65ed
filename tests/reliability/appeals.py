"""What happens to a contest at the moment in which somebody else touches it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.actions import appeals, review
from shudi.cases.actions.erasure import delete_account
from shudi.cases.store import Case
from shudi.labels.store import Label
from shudi.settings import Settings
from shudi.staff.rules import Actor
from tests.reliability.desk import Cases, _each
from tests.reliability.harness import Wait
from tests.reliability.work import NOW

ANSWER = "Thank you. We have looked at your label again."


def _contest(session: Session, account_id: int, version: int, settings: Settings) -> object:
    return appeals.contest(
        session,
        account_id=account_id,
        label_version=version,
        text="I live elsewhere.",
        settings=settings,
        now=NOW,
    )


def contests(
    wait: Wait, url: str, discipline: str, who: Actor, labels: Cases
) -> list[dict[str, Any]]:
    """Contest each (account, label version), as its holder."""
    settings = Settings(database_url=url)

    def act(session: Session, account_id: int, version: int) -> object:
        return _contest(session, account_id, version, settings)

    return _each(wait, url, discipline, who, labels, act)


def blind_contests(
    wait: Wait, url: str, discipline: str, who: Actor, labels: Cases
) -> list[dict[str, Any]]:
    """The same, each having read that nothing is open before the other writes."""
    asked = appeals.instance_of

    def both_have_read(*former: Any) -> int:
        wait()
        return asked(*former)

    appeals.instance_of = both_have_read
    return contests(wait, url, discipline, who, labels)


def contests_of_cases(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Contest once more what each case is about."""
    settings = Settings(database_url=url)

    def act(session: Session, case_id: int, version: int) -> object:
        account = session.scalar(sa.select(Case.account_id).where(Case.id == case_id))
        return _contest(session, account or 0, version, settings)

    return _each(wait, url, discipline, who, cases, act)


def deletions(
    wait: Wait, url: str, discipline: str, who: Actor, labels: Cases
) -> list[dict[str, Any]]:
    """The platform deletes each account."""

    def act(session: Session, account_id: int, version: int) -> object:
        del version
        name, site = session.execute(
            sa.select(Account.account, Account.site_id).where(Account.id == account_id)
        ).one()
        return delete_account(session, actor=who, site_id=site, account=name, now=NOW)

    return _each(wait, url, discipline, who, labels, act)


def answers(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Keep each contested label; the pair's second number is the label's version."""
    settings = Settings(database_url=url)

    def act(session: Session, case_id: int, version: int) -> object:
        return review.keep(
            session,
            actor=who,
            case_id=case_id,
            version=1,
            label_version=version,
            reason="evidence_agrees",
            text="",
            answer=ANSWER,
            settings=settings,
            now=NOW,
        )

    return _each(wait, url, discipline, who, cases, act)


def upholdings(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Propose to end the correction on each contested label."""
    settings = Settings(database_url=url)

    def act(session: Session, case_id: int, version: int) -> object:
        appeals.restore(
            session,
            actor=who,
            case_id=case_id,
            version=1,
            label_version=version,
            text="The holder is right.",
            answer=ANSWER,
            settings=settings,
            now=NOW,
        )
        return None

    return _each(wait, url, discipline, who, cases, act)


def versions(session: Session, account_ids: list[int]) -> Cases:
    """(account, label version) as the store has it."""
    rows = session.execute(
        sa.select(Label.account_id, Label.version)
        .where(Label.account_id.in_(account_ids))
        .order_by(Label.account_id)
    )
    return [(account_id, version) for account_id, version in rows]
