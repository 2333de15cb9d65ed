"""Something of every kind on a store, so that each page of `pages.py` has what it shows."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.rules import AccountInfo
from shudi.cases.actions import appeals, claims, looks, reasons, review, sources, submissions
from shudi.cases.actions.batches import life, running
from shudi.cases.actions.intake import put_account, take_report
from shudi.cases.actions.site_closing import close_site
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.rules.batches import BatchAct, Listed, Terms
from shudi.cases.rules.policy import UNDO_FOR
from shudi.cases.store import Case
from shudi.clients.actions import create_key
from shudi.db import Database
from shudi.labels.store import Label
from shudi.labels.store.trials import SourceTrial
from shudi.outbox.actions import put
from shudi.outbox.rules import Topic
from shudi.oversight import actions as oversight
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.sites.actions import closing
from shudi.sites.store import Site
from shudi.staff.actions import note_arrival, propose
from shudi.staff.actions.sessions import open_session
from shudi.staff.codec.devices import Browser, Device, System
from shudi.staff.rules import Actor, Role
from shudi.staff.store import Staff, StaffState
from tests import factories, inspecting, people

NEEDED = 8  # labelled accounts with nothing open


@dataclasses.dataclass(frozen=True)
class Furnisher:
    """Who acts, and when. `senior` takes no part in what `other` could answer."""

    database: Database
    settings: Settings
    vocabulary: Vocabulary
    moderator: Actor
    senior: Actor
    now: datetime

    def furnish(self, accounts: Sequence[int]) -> None:
        """One thing of each kind on these accounts."""
        corrected, planned, proposed, contested, appealed, waiting, accepted, reported = accounts
        sooner = self.now - UNDO_FOR
        with self.database.transaction() as session:
            create_key(
                session, actor=people.BOB, name="back end", scopes=["labels:read"], now=self.now
            )
            self._correct(session, corrected, "coarsen", at=sooner)
            self._correct(
                session, planned, "coarsen", starts_at=self.now + timedelta(days=3), at=sooner
            )
            self._correct(session, proposed, "replace", "SG", at=sooner)
            self._contest(session, contested)
            first = self._contest(session, appealed)
            self._keep(session, first, self.senior)
            self._contest(session, appealed)
            self._send(session, waiting, "Official tea")
            self._accept(session, self._send(session, accepted, "Official cups"))
            self._report(session, reported)
        with self.database.transaction() as session:
            looks.draw(session, key=b"k" * 32, share=1.0, now=self.now)
            reasons.add(
                session, actor=self.senior, kind="keep", language="en", title=f"It stands {reported}",
                text="The evidence agrees.", now=self.now,
            )  # fmt: skip
            site = session.get_one(Label, reported).site_id
            self._batches(session, site, [reported, "nobody"])
            self._databases(session, site, [corrected, proposed])
            put(session, topic=Topic.CASE_DECIDED, site_id=site, payload={"case": 1}, now=self.now)
            self._people(session, reported)
            self._sites(session, reported)
            self._inspections(session, site, [corrected, reported])

    def _people(self, session: Session, number: int) -> None:
        """A colleague who is signed in and proposed as an admin, and one who has left."""
        admin, colleague, *_ = (
            self._hire(session, f"{name} {number}", role, state)
            for name, role, state in (
                ("Another admin", Role.ADMIN, StaffState.ACTIVE),
                ("Colleague", Role.MODERATOR, StaffState.ACTIVE),
                ("Gone", Role.AUDITOR, StaffState.DISABLED),
                ("Supervisor", Role.SUPERVISOR, StaffState.ACTIVE),
            )
        )
        for region, device in (("CN-GD", Device(Browser.FIREFOX, System.LINUX)), (None, Device())):
            token = open_session(session, staff_id=colleague, now=self.now, hours=12)
            note_arrival(session, token=token, region=region, device=device, now=self.now)
        propose(
            session,
            actor=Actor.staff(admin, name="Another admin", role=Role.ADMIN),
            staff_id=colleague,
            role=Role.ADMIN,
            now=self.now,
        )

    def _sites(self, session: Session, number: int) -> None:
        """A site that is to be closed, and one that was and is being erased."""
        one, other = (
            Actor.staff(
                self._hire(session, f"{name} {number}", Role.ADMIN, StaffState.ACTIVE),
                name=name,
                role=Role.ADMIN,
            )
            for name in ("One who closes", "Other who closes")
        )
        for key in (f"closing-{number}", f"ended-{number}"):
            site = factories.make_site(session, now=self.now, key=key)
            factories.make_account(session, site_id=site, account="kept", now=self.now)
            proposed = closing.propose(
                session, actor=one, site_id=site, key=key, now=self.now,
                reason="The community moved to another house.\nIts people were told in spring.",
            )  # fmt: skip
        close_site(session, actor=other, closing_id=proposed, now=self.now)

    def _inspections(self, session: Session, site: int, named: Sequence[int]) -> None:
        """One that runs, for which more time is asked, and one that waits; both name accounts."""
        first, second = (
            Actor.staff(
                self._hire(session, f"{name} {named[0]}", Role.ADMIN, StaffState.ACTIVE),
                name=name,
                role=Role.ADMIN,
            )
            for name in ("First admin", "Second admin")
        )
        query = sa.select(Staff.id).where(Staff.role == Role.SUPERVISOR).order_by(Staff.id)
        wanted = inspecting.request(
            self.now,
            site=site,
            accounts=tuple(session.get_one(Label, one).account for one in named),
            supervisors=frozenset({session.scalars(query).first() or 0}),
        )
        running, _ = (
            oversight.propose(
                session, actor=first, request=wanted, vocabulary=self.vocabulary, now=self.now
            )
            for _ in range(2)
        )
        common = {"inspection_id": running, "now": self.now}
        oversight.approve(session, actor=second, version=1, **common)
        session.flush()  # for its version
        oversight.propose_longer(
            session, actor=first, version=2, days=30, text="There is more to read.", **common
        )

    def _hire(self, session: Session, name: str, role: Role, state: StaffState) -> int:
        row = Staff(name=name, role=role, state=state, created_at=self.now)
        session.add(row)
        session.flush()  # for the id
        return row.id

    def _databases(self, session: Session, site: int, tried: Sequence[int]) -> None:
        """New geo databases that wait for a person and are being tried."""
        tight = factories.tight(self.settings)
        update = factories.make_update(session, settings=tight, now=self.now)
        sources.sample(session, actor=self.senior, update_id=update, version=1, now=self.now)
        session.add_all(
            SourceTrial(
                update_id=update, account_id=account, site_id=site, at=self.now,
                before="CN-GD", after="CN?",
            )
            for account in tried
        )  # fmt: skip

    def _batches(self, session: Session, site: int, listed: Sequence[int | str]) -> None:
        """One batch that has ended, and one that runs."""
        names = [
            session.get_one(Label, one).account if isinstance(one, int) else one for one in listed
        ]
        for act in (BatchAct.WITHHOLD, BatchAct.COARSEN):
            life.create(
                session,
                actor=self.senior,
                uid=f"{act}-{site}",
                site_id=site,
                terms=Terms(act=act, reason="carrier_egress", text="ticket 4711"),
                listed=[Listed(name) for name in names],
                settings=self.settings,
                now=self.now,
            )
            if act is BatchAct.WITHHOLD:
                running.run_some(
                    session, vocabulary=self.vocabulary, settings=self.settings, now=self.now
                )

    def _report(self, session: Session, account_id: int) -> Case:
        label = session.get_one(Label, account_id)
        take_report(
            session,
            actor=people.READER,
            site_key=session.get_one(Site, label.site_id).key,
            account=label.account,
            kind="wrong_label",
            text="It is elsewhere.",
            now=self.now - 2 * UNDO_FOR,
            sender="sender:" + "f" * 40,
        )
        session.flush()
        return self._open(session, account_id, CaseKind.REPORT)

    def _open(self, session: Session, account_id: int, kind: CaseKind) -> Case:
        where = (Case.account_id == account_id, Case.kind == kind, Case.state == CaseState.OPEN)
        return session.scalars(sa.select(Case).where(*where)).one()

    def _claim(self, session: Session, case: Case, who: Actor) -> None:
        claims.claim(session, actor=who, case_id=case.id, settings=self.settings, now=self.now)

    def _correct(
        self,
        session: Session,
        account_id: int,
        kind: str,
        region: str | None = None,
        *,
        at: datetime,
        **more: Any,
    ) -> None:
        case = self._report(session, account_id)
        self._claim(session, case, self.moderator)
        wish = factories.wish(session.get_one(Label, account_id).version, kind, region)
        review.correct(
            session, actor=self.moderator, case_id=case.id, version=case.version,
            wish=dataclasses.replace(wish, **more), vocabulary=self.vocabulary,
            settings=self.settings, now=at,
        )  # fmt: skip

    def _contest(self, session: Session, account_id: int) -> Case:
        number = appeals.contest(
            session, account_id=account_id, text="I live elsewhere.", evidence="My ticket.",
            label_version=session.get_one(Label, account_id).version, settings=self.settings,
            now=self.now,
        )  # fmt: skip
        session.flush()
        return session.get_one(Case, number)

    def _keep(self, session: Session, case: Case, who: Actor) -> None:
        self._claim(session, case, who)
        label = session.get_one(Label, case.account_id)
        review.keep(
            session, actor=who, case_id=case.id, version=case.version,
            label_version=label.version, reason="evidence_agrees", text="", now=self.now,
            answer="We looked at it again.", settings=self.settings,
        )  # fmt: skip

    def _send(self, session: Session, account_id: int, name: str) -> Case:
        label = session.get_one(Label, account_id)
        put_account(
            session, actor=people.PLATFORM, site_id=label.site_id, account=label.account,
            info=AccountInfo(name=name), now=self.now,
        )  # fmt: skip
        session.flush()
        return self._open(session, account_id, CaseKind.ACCOUNT_INFORMATION)

    def _accept(self, session: Session, case: Case) -> None:
        self._claim(session, case, self.moderator)
        submissions.accept(
            session, actor=self.moderator, case_id=case.id, version=case.version,
            reason="no_claim", text="", now=self.now,
        )  # fmt: skip
