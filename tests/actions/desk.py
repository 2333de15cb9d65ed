"""A review desk on a fresh store: acts as one-liners, each in its own transaction."""

import contextlib
import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from shudi.accounts.rules import AccountInfo
from shudi.accounts.store import Account
from shudi.audit.queries import verify
from shudi.audit.store import AuditRow
from shudi.cases.actions import appeals, approval, claims, holders, intake, reverting, review
from shudi.cases.rules import CaseKind
from shudi.cases.store import Case, CaseEvent
from shudi.db import Database
from shudi.errors import ShudiError
from shudi.geo.actions import Locator, open_locator
from shudi.labels.actions.corrections import Wish
from shudi.labels.queries.served import Shown, lookup
from shudi.labels.rules import AtExpiry, CorrectionKind, Reason
from shudi.labels.store import Correction, Label, LatestActivity
from shudi.regions.codec import load_vocabulary
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor
from tests import factories
from tests.conftest import NOW
from tests.factories import ADDRESSES, EVIDENCE, NETWORKS
from tests.fixtures.geo_mmdb import dbip, write_mmdb
from tests.people import ALICE, PLATFORM, READER, SAM

# Where a second source disagrees: «CN-GD?» is shown as CN, «US?» as no place at all.
DOUBTED = {"CN-GD?": "36.100.0.1", "US?": "12.100.0.1"}
# What a holder is told where they contest a label.
ANSWER = "Thank you. We have looked at your label again."
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def write_two_sources(folder: Path) -> str:
    """The setting for two sources that agree on ADDRESSES and not on DOUBTED."""
    one = {**NETWORKS, "36.100.0.0/16": dbip("CN", "Guangdong"), "12.100.0.0/16": dbip("US")}
    other = {**NETWORKS, "36.100.0.0/16": dbip("CN", "Zhejiang"), "12.100.0.0/16": dbip("GB")}
    paths = [write_mmdb(folder / f"{name}.mmdb", held) for name, held in (("a", one), ("b", other))]
    return ",".join(f"{path.stem}=mmdb:{path}" for path in paths)


def two_sources(folder: Path) -> Locator:
    return open_locator(write_two_sources(folder), load_vocabulary())


@dataclasses.dataclass(kw_only=True)
class Desk:
    """`now` is the desk's clock; a test moves it."""

    database: Database
    settings: Settings
    locator: Locator
    vocabulary: Vocabulary
    site: int
    now: datetime = NOW

    # -- what comes in -------------------------------------------------------------------------

    def act(self, function: Callable[..., Any], **arguments: Any) -> Any:
        with self.database.transaction() as session:
            return function(session, **({"now": self.now} | arguments))

    def take(self, *lines: tuple[str, ...], site: str = "forum") -> intake.Intake:
        """Sightings as raw (account, place or address, at, kind); `at` and `kind` may be left out."""
        raw = []
        for account, place, *rest in lines:
            at = rest[0] if rest else self.now
            kind = rest[1] if len(rest) > 1 else "post"
            text = at if isinstance(at, str) else at.isoformat()
            ip = {**ADDRESSES, **DOUBTED}.get(place, place)
            raw.append(factories.Sighting(site, account, ip, text, kind))
        return self.act(
            intake.take_sightings,
            actor=PLATFORM,
            sightings=raw,
            allowed_site_id=None,
            locator=self.locator,
            settings=self.settings,
        )

    def see(self, *pairs: tuple[str, str]) -> intake.Intake:
        """Each account seen in its place now; the clock goes on by a second."""
        self.now += SECOND
        return self.take(*pairs)

    def put(self, account: str, site_id: int | None = None, **info: Any) -> str:
        arguments = {"site_id": site_id or self.site, "account": account, "actor": PLATFORM}
        return self.act(intake.put_account, info=AccountInfo(**info), **arguments).verdict

    def report(self, account: str, text: str = "Wrong", kind: str = "wrong_label") -> None:
        arguments = {"site_key": "forum", "account": account, "kind": kind, "text": text}
        self.act(intake.take_report, actor=READER, **arguments)

    def link(self, account: str) -> str:
        return self.act(holders.make_link, actor=PLATFORM, site_id=self.site, account=account)

    def contest(
        self, account: str, text: str = "I live elsewhere.", version: int | None = None, **more: Any
    ) -> int:
        seen = self.label(account).version if version is None else version
        arguments = {"account_id": self.id(account), "label_version": seen, "text": text}
        return self.act(appeals.contest, settings=self.settings, **(arguments | more))

    def restore(self, case: int, by: Actor = ALICE, **more: Any) -> Correction:
        row = self.case(case)
        label = self.read(Label, row.account_id)
        values = {"version": row.version, "label_version": label.version, "text": "It is right."}
        values |= {"answer": ANSWER, "settings": self.settings}
        return self.act(appeals.restore, actor=by, case_id=case, **(values | more))

    # -- what people do ------------------------------------------------------------------------

    def claim(self, case: int, by: Actor = ALICE) -> datetime:
        return self.act(claims.claim, actor=by, case_id=case, settings=self.settings)

    def open_case(self, account: str, by: Actor = ALICE) -> int:
        """A case on the account, claimed."""
        arguments = {"actor": by, "account_id": self.id(account), "text": "A closer look"}
        case = self.act(intake.open_by_staff, **arguments)
        self.claim(case, by)
        return case

    def wish(self, account: str, kind: str, region: str | None = None, **changes: Any) -> Wish:
        values = {
            "label_version": self.label(account).version,
            "kind": CorrectionKind(kind),
            "reason": Reason.TRAVEL.value,
            "region": region,
            "evidence": EVIDENCE,
        }
        return Wish(**(values | changes))

    def correct(
        self, account: str, kind: str, region: str | None = None, *, by: Actor = ALICE,
        case: int | None = None, **changes: Any,
    ) -> Correction:  # fmt: skip
        case = case or self.open_case(account, by)
        return self.act(
            review.correct,
            actor=by,
            case_id=case,
            version=self.case(case).version,
            wish=self.wish(account, kind, region, **changes),
            vocabulary=self.vocabulary,
            settings=self.settings,
            answer=ANSWER,
        )

    def approve(self, correction: int, by: Actor = SAM, **changes: Any) -> Correction:
        row = self.correction(correction)
        with self.database.read_session() as session:
            label = session.get(Label, row.account_id)
        values = {"version": row.version, "label_version": label.version} | changes
        return self.act(approval.approve, actor=by, correction_id=correction, **values)

    def correction_act(self, act: str, correction: int, by: Actor, **more: Any) -> Correction:
        values = {"version": (self.correction(correction) or Correction(version=0)).version} | more
        return self.act(getattr(approval, act), actor=by, correction_id=correction, **values)

    def lift(self, correction: int, by: Actor = ALICE, text: str = "No longer needed"):
        version = (self.correction(correction) or Correction(version=0)).version
        values = {"version": version, "text": text, "settings": self.settings}
        return self.act(reverting.lift, actor=by, correction_id=correction, **values)

    def decide(self, act: str, case: int, by: Actor = ALICE, **more: Any) -> None:
        row = self.case(case)
        values: dict[str, Any] = {"version": row.version, "text": "Looked at."}
        if act in ("keep", "dismiss"):
            values["reason"] = "evidence_agrees"
        if act == "keep":
            values |= {"settings": self.settings, "answer": ANSWER}
            label = self.read(Label, row.account_id or 0)
            values["label_version"] = label.version if label else 0
        self.act(getattr(review, act), actor=by, case_id=case, **(values | more))

    # -- what stands ---------------------------------------------------------------------------

    def read(self, table: Any, key: Any) -> Any:
        with self.database.read_session() as session:
            return session.get(table, key)

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        with self.database.read_session() as session:
            return list(session.scalars(query))

    def count(self, table: Any, *conditions: Any) -> int:
        return self.rows(sa.select(sa.func.count()).select_from(table).where(*conditions))[0]

    def id(self, account: str) -> int:
        query = sa.select(Account.id).where(Account.account == account)
        return self.rows(query.where(Account.site_id == self.site))[0]

    def label(self, account: str) -> Label:
        return self.rows(sa.select(Label).where(Label.account == account))[0]

    def latest_at(self, account: str) -> datetime:
        """When the account last published."""
        latest = sa.select(LatestActivity).where(LatestActivity.account_id == self.id(account))
        return self.rows(latest)[0].at

    def labels(self) -> dict[str, str]:
        """account: region or state of what is displayed."""
        return {one.account: one.region or one.state.value for one in self.rows(sa.select(Label))}

    def shown(self, account: str) -> Shown:
        with self.database.read_session() as session:
            return lookup(session, site_key="forum", accounts=[account]).labels[0][1]

    def place(self, account: str) -> tuple[str, str | None, str, bool]:
        """state, region, basis and whether corrected, as programs are told."""
        return self.shown(account)[:4]

    def case(self, case: int) -> Case:
        return self.read(Case, case)

    def cases(self, kind: CaseKind, account: str | None = None) -> list[Case]:
        query = sa.select(Case).where(Case.kind == kind).order_by(Case.id)
        if account is not None:
            query = query.where(Case.account_id == self.id(account))
        return self.rows(query)

    def events(self, case: int) -> list[str]:
        query = sa.select(CaseEvent.kind).where(CaseEvent.case_id == case).order_by(CaseEvent.id)
        return [kind.value for kind in self.rows(query)]

    def correction(self, correction: int) -> Correction:
        return self.read(Correction, correction)

    # -- what is logged ------------------------------------------------------------------------

    def head(self) -> int:
        return self.rows(sa.select(sa.func.coalesce(sa.func.max(AuditRow.seq), 0)))[0]

    @contextlib.contextmanager
    def logged(self, **expected: int) -> Iterator[None]:
        """What is done meanwhile adds these rows, `case__opened=1` for case.opened, and no other."""
        before = self.head()
        yield
        found = Counter(self.rows(sa.select(AuditRow.action).where(AuditRow.seq > before)))
        assert found == {name.replace("__", "."): n for name, n in expected.items() if n}

    @contextlib.contextmanager
    def refused(self, kind: type[ShudiError], code: str) -> Iterator[Any]:
        """What is done meanwhile is refused so, and leaves no trace in the log or on a label."""
        before = self.head(), self._labels()
        with pytest.raises(kind) as caught:
            yield caught
        assert caught.value.code == code
        assert type(caught.value) is kind
        assert (self.head(), self._labels()) == before

    def _labels(self) -> list[Any]:
        with self.database.read_session() as session:
            return list(session.execute(sa.select(Label.__table__).order_by(Label.account_id)))

    def verified(self) -> bool:
        with self.database.read_session() as session:
            return verify(session).ok


def requeue_in(days: float) -> dict[str, Any]:
    return {"expires_at": NOW + days * DAY, "at_expiry": AtExpiry.REQUEUE}


def revert_in(days: float) -> dict[str, Any]:
    return {"expires_at": NOW + days * DAY, "at_expiry": AtExpiry.REVERT}
