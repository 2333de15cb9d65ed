"""What tests need to exist, made by the product's own acts.

`world(database)` is the usual start: the cast and one site. All accounts are invented; the
addresses are looked up in a small database that `locator` writes, and belong to nobody here.
"""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.rules import AccountInfo
from shudi.accounts.store import Account
from shudi.cases.actions import sources
from shudi.cases.actions.intake import Intake, put_account, take_report, take_sightings
from shudi.cases.store import Case
from shudi.db import Database
from shudi.geo.actions import Locator
from shudi.labels.actions.corrections import Wish
from shudi.labels.actions.display import label_of as label_of_account
from shudi.labels.rules import Basis, CorrectionKind, Reason, State
from shudi.labels.store import Label
from shudi.settings import Settings
from shudi.sites.actions import create_site
from tests import people
from tests.fixtures.geo_mmdb import dbip, write_mmdb

# An address for each place that tests need, and the networks that hold them.
ADDRESSES = {
    "CN-GD": "36.1.2.3",
    "CN-ZJ": "36.2.3.4",
    "CN-BJ": "2400:3200::1",
    "CN-SH": "36.3.4.5",
    "HK": "43.1.2.3",
    "TW": "36.7.8.9",
    "US": "11.2.3.4",
    "GB": "25.6.7.8",
}
NETWORKS = {
    "36.1.0.0/16": dbip("CN", "Guangdong"),
    "36.2.0.0/16": dbip("CN", "Zhejiang"),
    "36.3.0.0/16": dbip("CN", "Shanghai"),
    "2400:3200::/32": dbip("CN", "Beijing"),
    "43.1.0.0/16": dbip("HK"),
    "36.7.0.0/16": dbip("TW"),
    "11.0.0.0/8": dbip("US", "Ohio"),
    "25.0.0.0/8": dbip("GB", "England"),
    "193.0.0.0/8": dbip("NL"),
    "2a02::/16": dbip("NL"),
}
EVIDENCE = "The holder's operator confirms it: ticket 4711."


@dataclasses.dataclass(frozen=True, slots=True)
class Sighting:
    """A sighting as it comes in, unchecked."""

    site: str
    account: str
    ip: str
    at: str
    kind: str = "post"


def write_places(path: Path) -> Path:
    """The database behind ADDRESSES."""
    return write_mmdb(path, NETWORKS)


def make_site(session: Session, *, now: datetime, key: str = "forum", **changes: Any) -> int:
    """A community; returns its id."""
    values: dict[str, Any] = {"name": "Forum", "match": [f"https://{key}.example/*"]} | changes
    return create_site(session, actor=people.BOB, key=key, now=now, **values)


def make_account(
    session: Session, *, site_id: int, account: str, now: datetime, **info: Any
) -> int:
    """An account with its information; returns its id."""
    info = {"handle": f"{account}-handle", "name": account.title()} | info
    put_account(
        session,
        actor=people.PLATFORM,
        site_id=site_id,
        account=account,
        info=AccountInfo(**info),
        now=now,
    )
    return account_id(session, site_id=site_id, account=account)


def account_id(session: Session, *, site_id: int, account: str) -> int:
    """The id of an account, by the platform's."""
    return session.scalars(
        sa.select(Account.id).where(Account.site_id == site_id, Account.account == account)
    ).one()


def see(
    session: Session,
    *,
    places: Sequence[tuple[str, str]],
    locator: Locator,
    settings: Settings,
    now: datetime,
    site: str = "forum",
    kind: str = "post",
) -> Intake:
    """Sightings of (account, place of ADDRESSES or an address itself), a second apart."""
    lines = [
        Sighting(
            site,
            account,
            ADDRESSES.get(place, place),
            (now - timedelta(seconds=len(places) - at)).isoformat(),
            kind,
        )
        for at, (account, place) in enumerate(places)
    ]
    return take_sightings(
        session,
        actor=people.PLATFORM,
        sightings=lines,
        allowed_site_id=None,
        locator=locator,
        settings=settings,
        now=now,
    )


def make_case(
    session: Session,
    *,
    account: str,
    now: datetime,
    site: str = "forum",
    text: str = "Wrong place",
    sender: str = "",
) -> int:
    """A reader's report of an account that exists; returns the case's id."""
    take_report(
        session,
        actor=people.READER,
        site_key=site,
        account=account,
        kind="wrong_label",
        text=text,
        now=now,
        sender=sender,
    )
    return (
        session.scalars(
            sa.select(Case.id)
            .join(Account, Account.id == Case.account_id)
            .where(Account.account == account, Case.closed_at.is_(None))
            .order_by(Case.id.desc())
        ).first()
        or 0
    )


def wish(label_version: int, kind: str = "withhold", region: str | None = None) -> Wish:
    """A correction that brings what its kind needs."""
    return Wish(
        label_version=label_version,
        kind=CorrectionKind(kind),
        reason=Reason.TRAVEL.value,
        region=region,
        evidence=EVIDENCE,
    )


def label_of(session: Session, account: str) -> Label:
    """The label of an account, by the platform's id."""
    return session.scalars(sa.select(Label).where(Label.account == account)).one()


def world(database: Database, *, now: datetime) -> int:
    """The cast and one site; returns the site's id."""
    with database.transaction() as session:
        people.hire_everybody(session)
        return make_site(session, now=now)


def tight(settings: Settings) -> Settings:
    """The same, with a share rule that one moved account breaks."""
    return dataclasses.replace(settings, brake_minimum=1, brake_share=1e-6)


def make_labels(
    session: Session, *, site_id: int, names: Sequence[str], region: str, now: datetime
) -> None:
    """Accounts that activity has placed there, without the activity."""
    for name in names:
        account = make_account(session, site_id=site_id, account=name, now=now)
        label = label_of_account(session, session.get_one(Account, account), now)
        label.resolved_state = label.state = State.LABELLED
        label.resolved_region = label.region = region
        label.basis = Basis.ACTIVITY
    session.flush()


def make_update(session: Session, *, settings: Settings, now: datetime) -> int:
    """New geo databases in which half of CN-GD's networks are CN-HN's; returns their id. They
    wait where that moves too many labels.
    """

    def source(build: str, file: str) -> dict[str, Any]:
        about = {"name": "test", "kind": "mmdb", "database": "Test-City", "size": 4711}
        return about | {"build": build, "file": file}

    proposal = sources.Proposal(
        origin="file",
        old=[source("2026-01-01", "a" * 32 + ".mmdb")],
        new=[source("2026-03-01", "b" * 32 + ".mmdb")],
        candidate=[{"name": "test", "kind": "mmdb", "file": "b" * 32 + ".mmdb", "size": 4711}],
        v4={("CN-GD", "CN-GD"): 128, ("CN-GD", "CN-HN"): 128, ("", "FR"): 7, ("US", "US"): 65536},
        v6={("CN-BJ", "CN-BJ"): 65536, ("MO", "HK?"): 3 << 30},
    )
    worker = people.SYSTEM
    return sources.propose(session, actor=worker, proposal=proposal, settings=settings, now=now).id
