"""Both apps over one store in which something exists for every route: the ground of tests 6 to 8."""

import dataclasses
import functools
import itertools
import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import console
import extension_api
from console import csrf, sessions
from shudi import clock
from shudi.cases.actions import approval, holders, looks, reverting, review
from shudi.cases.actions.claims import claim
from shudi.cases.rules import Verdict
from shudi.cases.rules.decisions import Finding
from shudi.cases.rules.policy import UNDO_FOR
from shudi.cases.store import Case, Decision
from shudi.cases.store.decisions import SecondLook, Standing
from shudi.cases.store.queue import CaseReport
from shudi.clients.actions import create_key
from shudi.clients.rules import Scope
from shudi.db import Database
from shudi.geo.actions import Locator
from shudi.labels.store import Brake, Correction, Label
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.sites.store import Site
from shudi.staff.actions.sessions import open_session
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules import Actor
from shudi.staff.store import StaffSession
from tests import factories, people
from tests.forger import Forger

BASE = "https://labels.example.org"
HOME = "203.0.113.9"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_ACCOUNTS = 24
_BRAKED = 45  # accounts that move at once, in sites made for that


@functools.cache
def provider() -> Forger:
    """An honest provider of single sign-on, for as long as the tests run."""
    return Forger()


@dataclasses.dataclass
class Found:
    """What exists: ids by name."""

    cases: list[tuple[int, int, int]]  # (case, account, label version), one an account
    names: list[str]
    brakes: list[int]
    holder_link: str = ""
    holder_session: str = ""
    key: str = ""
    next_case: int = 0
    next_flood: int = 0


class Doors:
    """The two apps and what is behind them."""

    def __init__(
        self, database: Database, settings: Settings, locator: Locator, vocabulary: Vocabulary
    ) -> None:
        self.database, self.provider = database, provider()
        self.settings = dataclasses.replace(
            settings, base_url=BASE, **self.provider.settings(factors=("mfa",))
        )
        self.locator, self.vocabulary = locator, vocabulary
        parts = {"database": database, "vocabulary": vocabulary, "locator": locator}
        self.console = console.create_app(self.settings, **parts)
        self.api = extension_api.create_app(self.settings, **parts)
        self.api.extensions["shudi"].usage.close()  # figures are no acts
        for app in (self.console, self.api):
            app.testing = False  # errors become answers, as in life
        self._numbers = itertools.count()
        self.found = self._furnish()

    # -- what exists ------------------------------------------------------------------------------

    def _furnish(self) -> Found:
        site_id = factories.world(self.database, now=clock.now())
        names = [f"user-{at}" for at in range(_ACCOUNTS)]
        with self.database.transaction() as session:
            for name in names:
                factories.make_account(session, site_id=site_id, account=name, now=clock.now())
            self._see(session, [(name, "CN-GD") for name in names], self.settings)
            cases = [factories.make_case(session, account=name, now=clock.now()) for name in names]
            known = [factories.label_of(session, name) for name in names]
            found = Found(
                [
                    (case, one.account_id, one.version)
                    for case, one in zip(cases, known, strict=True)
                ],
                names,
                [self._brake(session, key) for key in ("north", "south", "east")],
            )
            link = self._link(session, site_id, names[-1])
            found.holder_session = holders.open_link(session, token=link, now=clock.now())
            found.holder_link = self._link(session, site_id, names[-2])
            found.key = create_key(
                session,
                actor=people.BOB,
                name="platform",
                scopes=[scope.value for scope in Scope],
                now=clock.now(),
            )[1]
        return found

    def _see(self, session: Session, places: Any, settings: Settings, site: str = "forum") -> None:
        factories.see(
            session,
            places=places,
            locator=self.locator,
            settings=settings,
            now=clock.now(),
            site=site,
        )

    def _brake(self, session: Session, key: str) -> int:
        """A site whose accounts all moved at once."""
        site_id = factories.make_site(session, now=clock.now(), key=key)
        names = [f"{key}-{at}" for at in range(_BRAKED)]
        for name in names:
            factories.make_account(session, site_id=site_id, account=name, now=clock.now())
        tight = dataclasses.replace(self.settings, brake_region=_BRAKED - 1)
        self._see(session, [(name, "US") for name in names], tight, key)
        return session.scalars(sa.select(Brake.id).where(Brake.site_id == site_id)).one()

    def _link(self, session: Session, site_id: int, account: str) -> str:
        return holders.make_link(
            session, actor=people.PLATFORM, site_id=site_id, account=account, now=clock.now()
        )

    def renewed(self) -> int:
        """New geo databases that wait."""
        tight = factories.tight(self.settings)
        with self.database.transaction() as session:
            return factories.make_update(session, settings=tight, now=clock.now())

    def fresh_case(self) -> tuple[int, int, int]:
        """A case that no deed has touched: (case, account, label version)."""
        self.found.next_case += 1
        return self.found.cases[self.found.next_case - 1]

    def claimed(self, who: Actor) -> tuple[int, int, int]:
        """A case that `who` has claimed."""
        case = self.fresh_case()
        with self.database.transaction() as session:
            claim(session, actor=who, case_id=case[0], settings=self.settings, now=clock.now())
        return case

    def renamed(self, who: Actor) -> int:
        """The case on a name that waits, claimed by `who`."""
        name = f"renamed-{next(self._numbers)}"
        with self.database.transaction() as session:
            site = session.execute(sa.text("SELECT id FROM sites WHERE key = 'forum'")).scalar_one()
            account = factories.make_account(
                session, site_id=site, account=name, now=clock.now(), name="Official tea"
            )
            case = session.scalars(sa.select(Case.id).where(Case.account_id == account)).one()
            claim(session, actor=who, case_id=case, settings=self.settings, now=clock.now())
        return case

    def corrected(
        self, who: Actor, kind: str, region: str | None = None, **more: Any
    ) -> Correction:
        """A correction that `who` made, proposed or planned."""
        case_id, _, label_version = self.claimed(who)
        with self.database.transaction() as session:
            return review.correct(
                session,
                actor=who,
                case_id=case_id,
                version=1,
                wish=dataclasses.replace(factories.wish(label_version, kind, region), **more),
                vocabulary=self.vocabulary,
                settings=self.settings,
                now=clock.now(),
            )

    def decided(self, who: Actor) -> tuple[Decision, int]:
        """A decision of `who` on a label, and the label's version since."""
        row = self.corrected(who, "coarsen")
        with self.database.read_session() as session:
            query = sa.select(Decision).where(Decision.correction_id == row.id)
            return session.scalars(query).one(), self.label_version(row.account_id)

    def looked_at(self, *, by: Actor, differs: bool = False) -> tuple[int, int]:
        """A second look that `by` has claimed, or has answered otherwise: (case, version)."""
        decision, _ = self.decided(people.AMIR)
        later = decision.at + UNDO_FOR
        with self.database.transaction() as session:
            others = sa.update(Standing).where(Standing.decision_id != decision.id)
            session.execute(others.values(sampled=False))
            looks.draw(session, key=b"k" * 32, share=1.0, now=later)
            query = sa.select(SecondLook.case_id).where(SecondLook.decision_id == decision.id)
            case = session.scalars(query).one()
            claim(session, actor=by, case_id=case, settings=self.settings, now=clock.now())
            version = session.get_one(Case, case).version
            if differs:
                finding, reason = Finding(Verdict.KEEP), "evidence_agrees"
                looks.look(
                    session, actor=by, case_id=case, version=version, finding=finding,
                    reason=reason, text="", now=clock.now(),
                )  # fmt: skip
        with self.database.read_session() as session:
            return case, session.get_one(Case, case).version

    def lift_proposed(self) -> Correction:
        """A replacement in force that Alice would end."""
        row = self.corrected(people.AMIR, "replace", "US")
        with self.database.transaction() as session:
            row = approval.approve(
                session,
                actor=people.SAM,
                correction_id=row.id,
                version=row.version,
                label_version=row.label_version,
                now=clock.now(),
            )
        with self.database.transaction() as session:
            return reverting.lift(
                session,
                actor=people.ALICE,
                correction_id=row.id,
                version=row.version,
                text="It is over",
                settings=self.settings,
                now=clock.now(),
            )

    def flooded(self) -> tuple[int, int]:
        """A report on a case of its own by a known sender: (report, case)."""
        number = self.found.next_flood = self.found.next_flood + 1
        with self.database.transaction() as session:
            site = session.execute(sa.select(Site.id).where(Site.key == "forum")).scalar_one()
            name = f"flooded-{number}"
            factories.make_account(session, site_id=site, account=name, now=clock.now())
            case_id = factories.make_case(session, account=name, now=clock.now(), sender="sender:1")
            report = sa.select(CaseReport.id).where(CaseReport.case_id == case_id)
            return session.execute(report).scalar_one(), case_id

    def label_version(self, account_id: int) -> int:
        """The version that is shown now."""
        with self.database.read_session() as session:
            return session.scalars(
                sa.select(Label.version).where(Label.account_id == account_id)
            ).one()

    # -- asking -----------------------------------------------------------------------------------

    def session_of(self, who: Actor, *, hours: int = 12) -> tuple[str, str]:
        """A new session's cookie and its form token; 0 hours: the second factor is missing."""
        with self.database.transaction() as session:
            token = open_session(session, staff_id=who.staff_id or 0, now=clock.now(), hours=hours)
            token_of_forms = session.scalars(
                sa.select(StaffSession.csrf).where(StaffSession.token_hash == token_hash(token))
            ).one()
        return token, token_of_forms

    def person(
        self,
        who: Actor | None,
        method: str,
        path: str,
        form: dict[str, Any] | None = None,
        *,
        hours: int = 12,
        change: Callable[[dict[str, Any]], None] = lambda request: None,
    ) -> TestResponse:
        """What the console answers; `change` may spoil the request before it is sent."""
        client = self.console.test_client()
        sent: dict[str, Any] = {"headers": {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}}
        token_of_forms = ""
        _cookie(client, "__Host-shudi-holder", self.found.holder_session)
        if who is not None:
            cookie, token_of_forms = self.session_of(who, hours=hours)
            _cookie(client, sessions.COOKIE, cookie)
        elif method != "GET":
            page = client.get("/sign-in", base_url=BASE, environ_overrides={"REMOTE_ADDR": HOME})
            token_of_forms = _TOKEN.search(page.text)[1]  # type: ignore[index]
        if method != "GET":
            sent["data"] = {csrf.FIELD: token_of_forms, **(form or {})}
        change(sent)
        return client.open(
            path,
            method=method,
            base_url=BASE,
            environ_overrides={"REMOTE_ADDR": HOME},
            **sent,
        )

    def program(
        self, method: str, path: str, *, key: str | None = None, **sent: Any
    ) -> TestResponse:
        """What the API answers; `key` empty for none."""
        key = self.found.key if key is None else key
        headers = sent.pop("headers", {}) | ({"Authorization": f"Bearer {key}"} if key else {})
        return self.api.test_client().open(
            path,
            method=method,
            base_url=BASE,
            headers=headers,
            environ_overrides={"REMOTE_ADDR": HOME},
            **sent,
        )

    @property
    def apps(self) -> dict[str, Flask]:
        """Both, by name."""
        return {"console": self.console, "api": self.api}


def _cookie(client: Any, name: str, value: str) -> None:
    client.set_cookie(name, value, domain="labels.example.org", secure=True, httponly=True)
