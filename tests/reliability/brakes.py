"""What is done to brakes at the same moment: each is (brake, version) in `cases`."""

import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions import brakes
from shudi.geo.actions import open_locator
from shudi.labels.store import Brake
from shudi.regions.codec import load_vocabulary
from shudi.settings import Settings
from shudi.sites.store import Site
from shudi.staff.rules import Actor
from tests import factories
from tests.reliability.desk import Cases, _each
from tests.reliability.harness import Wait
from tests.reliability.work import NOW

KEY = b"k" * 32
LATER = NOW + timedelta(hours=3)


def samples(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Let a sample go, as the brake was first seen."""

    def act(session: Session, brake_id: int, version: int) -> object:
        return brakes.sample(
            session, actor=who, brake_id=brake_id, version=version, key=KEY, now=LATER
        )

    return _each(wait, url, discipline, who, cases, act)


def acceptances(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Accept, as the brake was first seen; version 0: whatever it is by now."""

    def act(session: Session, brake_id: int, version: int) -> object:
        version = version or session.get_one(Brake, brake_id).version
        return brakes.accept(
            session, actor=who, brake_id=brake_id, version=version, waive_hours=0, now=LATER
        )

    return _each(wait, url, discipline, who, cases, act)


def rejections(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Reject, as the brake was first seen."""

    def act(session: Session, brake_id: int, version: int) -> object:
        return brakes.reject(session, actor=who, brake_id=brake_id, version=version, now=LATER)

    return _each(wait, url, discipline, who, cases, act)


def sightings(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases, places: Path
) -> list[dict[str, Any]]:
    """Ten more accounts of the brake's site seen in GB, the first five of them for the first time."""
    locator = open_locator(f"test=mmdb:{places}", load_vocabulary())
    settings = dataclasses.replace(Settings(database_url=url), brake_region=50)

    def act(session: Session, brake_id: int, version: int) -> object:
        del version
        key = session.scalar(
            sa.select(Site.key).join(Brake, Brake.site_id == Site.id).where(Brake.id == brake_id)
        )
        names = [f"new-{at}" for at in range(5)] + [f"{key}-{at}" for at in range(5)]
        seen = [(name, "GB") for name in names]
        return factories.see(
            session, places=seen, locator=locator, settings=settings, now=LATER, site=key or ""
        )

    return _each(wait, url, discipline, who, cases, act)
