"""Filling an empty store with an invented community, by the product's own acts.

All of it is one transaction: a store is either seeded or as empty as before.
"""

import dataclasses
import os
import random
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo import addresses, decisions, inspections, names, people, ready_words, story
from demo.activity import DAYS, SITE, Sighting, day_end, history
from demo.links import ROLES, print_links
from demo.people import CAST, Person
from demo.places import ADAPTER, FORUM_URL, KEY_FILE
from demo.stage import Stage
from shudi import clock
from shudi import settings as settings_module
from shudi.audit.actions import Entry, append
from shudi.clients.actions.keys import create_key
from shudi.clients.rules import Scope
from shudi.db import Database, connect
from shudi.db.migrate import migrate
from shudi.errors import Refused
from shudi.geo import kept
from shudi.geo.actions import Locator, open_locator
from shudi.regions.codec import load_vocabulary
from shudi.settings import Settings
from shudi.sites.actions import create_site
from shudi.sites.queries import all_sites, site_by_key
from shudi.sites.store import Fold, PageKeyKind
from shudi.staff.actions.admission import create_staff
from shudi.staff.queries import is_demo_store
from shudi.staff.rules import DEMO_SEEDED, Actor, ActorKind
from shudi.staff.store import Staff, StaffState

ACCOUNTS = 5000
LEAST = CAST + 100
_SEEDER = Actor.system("demo")
_SCOPES = (Scope.HOLDERS_LINK, Scope.LABELS_READ)
_HOUR = timedelta(hours=1)
Tell = Callable[[str], None]


def main() -> None:
    """`shudi demo`: seed an empty store; print fresh sign-in links of a demo store."""
    settings = settings_module.load()
    migrate(settings.migrate_database_url or settings.database_url, app_url=settings.database_url)
    database = connect(settings.database_url)
    try:
        if not seed_if_empty(settings, database):
            print("The store is not empty: nothing was added.")
        if is_demo(database):
            print_links(settings, database)
    finally:
        database.dispose()


def seed_if_empty(settings: Settings, database: Database) -> bool:
    """Seed a store without any site; returns whether it was one."""
    with database.read_session() as session:
        if all_sites(session):
            return False
    seed(settings, database, tell=_progress)
    return True


def is_demo(database: Database) -> bool:
    """Whether this store was filled by `seed`."""
    with database.read_session() as session:
        return is_demo_store(session)


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[KSeeding: {line}", end="" if line != "done" else "\n", file=sys.stderr)
    elif not line[0].isdigit():
        print(f"Seeding: {line}", file=sys.stderr)


def seed(
    settings: Settings,
    database: Database,
    *,
    accounts: int = ACCOUNTS,
    now: datetime | None = None,
    tell: Tell = lambda _: None,
) -> None:
    """Fill the store with Teahouse as it is at `now`; Refused where there is a site already."""
    if accounts < LEAST:
        raise ValueError(f"the demo needs at least {LEAST} accounts")
    now = now or clock.now()
    locator = _locator(settings)
    with database.transaction() as session:
        if all_sites(session):
            raise Refused("not-empty", "The store is not empty: nothing was added.")
        stage, key = _open(session, settings, locator, now, accounts)
        tell("addresses")
        stage.pools = addresses.sample(locator, people.REGIONS)
        _tell_stories(stage)
        _play(session, stage, tell)
        entry = Entry(
            actor_id=_SEEDER.id,
            actor_name=_SEEDER.name,
            action=DEMO_SEEDED,
            target_type="site",
            target_id=stage.site_id,
            after={"accounts": accounts},
        )
        append(session, entry, now=now)
        _keep_key(settings, key)
    tell("done")


def _locator(settings: Settings) -> Locator:
    return open_locator(
        settings.geo_sources,
        load_vocabulary(settings.names_override),
        settings.granularity,
        settings.geo_quorum,
        settings.geo_max_age_days,
        kept.folder_of(settings.var),
    )


def _open(
    session: Session, settings: Settings, locator: Locator, now: datetime, accounts: int
) -> tuple[Stage, str]:
    """The site, its staff and its key, before anything happened; the stage and the key."""
    start = now - timedelta(days=DAYS + 1)
    site_id = create_site(
        session,
        actor=_SEEDER,
        key=SITE,
        name="Teahouse / 茶馆",
        match=[f"{FORUM_URL}/*"],
        page_key=PageKeyKind.HANDLE,
        fold=Fold.CASEFOLD,
        adapter=ADAPTER,
        now=start,
    )
    staff = {
        name: Actor.staff(
            create_staff(session, actor=_SEEDER, name=name, role=role, now=start),
            name=name,
            role=role,
        )
        for name, role in ROLES.items()
    }
    session.execute(sa.update(Staff).values(state=StaffState.ACTIVE))  # they have worked since
    key_id, key = create_key(
        session, actor=_SEEDER, name="Teahouse forum", scopes=_SCOPES, site_id=site_id, now=start
    )
    members = people.members(accounts)
    cast = list(members[:CAST])
    random.Random("teahouse story").shuffle(cast)
    stage = Stage(
        settings=_lenient(settings),
        brakes=dataclasses.replace(settings, brake_share=0.05, brake_region=500, brake_minimum=20),
        vocabulary=load_vocabulary(settings.names_override),
        locator=locator,
        platform=Actor(kind=ActorKind.CLIENT, id=f"client:{key_id}", name="Teahouse forum"),
        site_id=site_id,
        staff=staff,
        pools={},
        people=members,
        now=now,
        free=cast,
    )
    return stage, key


def _lenient(settings: Settings) -> Settings:
    """Eighty days in one go would stop at every brake."""
    return dataclasses.replace(
        settings,
        brake_share=1.0,
        brake_region=10**9,
        stability_days=0,
        retention_days=max(90, settings.retention_days),
    )


def _tell_stories(stage: Stage) -> None:
    ready_words.write(stage)
    decisions.corrections(stage)
    story.contests(stage)
    story.disagreements(stage)
    names.renamings(stage)
    story.closed_reports(stage)
    story.open_reports(stage)
    story.flood(stage, timedelta(days=21, hours=2))
    decisions.reject_flood(stage, timedelta(days=21, hours=1))
    story.flood(stage, 2 * _HOUR)
    inspections.requests(stage)
    for day, lines in enumerate(history(stage.people, stage.pools, stage.now, stage.quiet_since)):
        stage.at(stage.now - day_end(day, stage.now), _batch(stage, lines))


def _batch(stage: Stage, lines: list[Sighting]) -> Callable[[Session, datetime], None]:
    return lambda session, now: stage.send(session, lines, now)


def _play(session: Session, stage: Stage, tell: Tell) -> None:
    """Everything in the order in which it happened."""
    joining = sorted(stage.people, key=lambda one: _joined(stage, one))
    at = 0
    for when, _, act in sorted(stage.acts, key=lambda one: one[:2]):
        while at < len(joining) and _joined(stage, joining[at]) <= when:
            stage.describe(session, joining[at], _joined(stage, joining[at]))
            at += 1
            if at % 250 == 0:
                session.expunge_all()
                tell(f"{at:,} of {len(joining):,} accounts")
        act(session, when)
        session.flush()  # the acts' bulk statements go past the session
        session.expunge_all()
    tell(f"{len(stage.acts):,} acts")
    said = stage.verdicts
    tell(
        f"account information: {said['accepted']:,} accepted, {said['pending']} pending,"
        f" {said['refused']} refused"
    )


def _joined(stage: Stage, person: Person) -> datetime:
    """When the store came to know the member: on its first day, or on theirs."""
    days = min(DAYS, person.joined_days)
    return stage.now - timedelta(days=days, hours=18, seconds=-(person.number % 3600))


def new_key(settings: Settings, database: Database) -> None:
    """Give the forum another key if its own is gone."""
    if key_path(settings).exists():
        return
    with database.transaction() as session:
        site = site_by_key(session, SITE)
        _, key = create_key(
            session,
            actor=_SEEDER,
            name="Teahouse forum",
            scopes=_SCOPES,
            site_id=site.id if site else None,
            now=clock.now(),
        )
        _keep_key(settings, key)


def key_path(settings: Settings) -> Path:
    """Where the forum finds its API key."""
    return settings.var / KEY_FILE


def _keep_key(settings: Settings, key: str) -> None:
    settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = key_path(settings)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key)
