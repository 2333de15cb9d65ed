"""Whether the product is where the model is: the store's rows, the public answers, the log."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit import rules as audit_rules
from shudi.audit.store import AuditRow
from shudi.cases.store import Case as CaseRow
from shudi.cases.store import Claim, Excluded
from shudi.cases.store import Decision as DecisionRow
from shudi.cases.store.appeals import Appeal
from shudi.cases.store.decisions import SecondLook, Standing
from shudi.labels.store import Brake as BrakeRow
from shudi.labels.store import Correction as CorrectionRow
from shudi.labels.store import HeldResult, Label
from tests.model import listed, showing
from tests.model.doors import Doors, nobody_named
from tests.model.matching import Matching, number
from tests.model.state import Case, Decision, Desk
from tests.model.world import SITE

_REVERTS = {True: "revert", False: "requeue"}


class Comparison(Matching):
    """Reads the product after each step. What the model made anew is given its id here."""

    def __init__(self, desk: Desk, doors: Doors) -> None:
        super().__init__()
        self.desk, self.doors = desk, doors
        self.people = {one.id: one for one in desk.people}
        self._feed, self._audit = 0, self._head()

    def look(self) -> None:
        """Compare everything; AssertionError names what differs."""
        self.differences = []
        with self.doors.place.database.read_session() as session:
            self._corrections(session)
            self._cases(session)
            self._decisions(session)
            self._brakes(session)
            listed.compare(self, self.desk, session)
            self._labels(session)
            self._log(session)
        self._public()
        self._changes()
        assert not self.differences, "\n".join(["the model and the product:", *self.differences])

    def _corrections(self, session: Session) -> None:
        rows = session.execute(sa.select(CorrectionRow.__table__).order_by("id")).all()
        names = {one.id: one for one in self.desk.accounts}
        pairs = self.matched(
            "correction",
            rows,
            self.desk.corrections,
            lambda one: (one.account.name, one.kind),
            lambda row: (names[row.account_id].name, row.kind),
        )
        for row, mine in pairs:
            what = f"correction {row.id}"
            self.same(
                what,
                (row.state, row.region, row.at_expiry, row.expires_at, row.starts_at),
                (mine.state, mine.region, _REVERTS[mine.reverts_itself], mine.expires, mine.starts),
            )
            self.same(
                f"{what} people",
                (row.proposed_by, row.approved_by, row.unconfirmed),
                (mine.by.id, number(mine.approved_by), mine.unconfirmed),
            )
            if mine.state == "in_force":
                self.same(
                    f"{what} in force",
                    (row.expired_at is not None, row.lift_proposed_by),
                    (mine.expired, number(mine.ending_by)),
                )
            self.version(what, mine, row.version)

    def _cases(self, session: Session) -> None:
        rows = session.execute(
            sa.select(
                CaseRow.id,
                CaseRow.account_id,
                CaseRow.kind,
                CaseRow.state,
                CaseRow.version,
                CaseRow.reports,
                CaseRow.correction_id,
                Claim.id.label("claim"),
                Claim.staff_id,
                Claim.expires_at,
                Appeal.instance,
                Appeal.marked,
                Appeal.answered_version,
                Appeal.upheld,
                SecondLook.decision_id,
                SecondLook.looked_by,
                SecondLook.agreed,
                SecondLook.settled,
            )
            .outerjoin(Claim, sa.and_(Claim.case_id == CaseRow.id, Claim.ended_at.is_(None)))
            .outerjoin(Appeal, Appeal.case_id == CaseRow.id)
            .outerjoin(SecondLook, SecondLook.case_id == CaseRow.id)
            .order_by(CaseRow.id)
        ).all()
        pairs = self.matched(
            "case",
            rows,
            self.desk.cases,
            lambda one: (one.account.id if one.account else None, one.kind),
            lambda row: (row.account_id, row.kind),
        )
        barred: dict[int, set[int]] = {}
        for one in session.execute(sa.select(Excluded.case_id, Excluded.staff_id)):
            barred.setdefault(one.case_id, set()).add(one.staff_id)
        for row, mine in pairs:
            self._case(row, mine)
            names = {self.people[one] for one in barred.get(row.id, ())}
            self.same(f"case {row.id} bars", names, mine.barred)

    def _case(self, row: Any, mine: Case) -> None:
        what = f"case {row.id} ({mine.kind})"
        self.same(what, (row.state, row.reports), (mine.state, mine.reports))
        self.same(
            f"{what} claim", (row.staff_id, row.expires_at), (number(mine.holder), mine.until)
        )
        self.same(f"{what} correction", row.correction_id, number(mine.correction))
        mine.claim = row.claim or 0
        if mine.kind == "contest":
            self.same(
                f"{what} contest",
                (row.instance, row.marked, row.answered_version, row.upheld),
                (mine.instance, mine.marked, mine.answered_version, mine.upheld),
            )
        self.same(
            f"{what} second look",
            (row.decision_id, row.looked_by, row.agreed, row.settled),
            (number(mine.first), number(mine.looked), mine.agreed, mine.settled),
        )
        if mine.state == "awaiting" and mine.kind != "second_look":
            self.same(f"{what} waits", showing.waits_for_somebody(self.desk, mine), True)
        self.version(what, mine, row.version)

    def _decisions(self, session: Session) -> None:
        rows = session.execute(
            sa.select(
                DecisionRow.id,
                DecisionRow.case_id,
                DecisionRow.staff_id,
                DecisionRow.verdict,
                DecisionRow.correction_id,
                Standing.state,
                Standing.two,
                Standing.sampled,
                Standing.version,
            )
            .join(Standing, Standing.decision_id == DecisionRow.id)
            .order_by(DecisionRow.id)
        ).all()
        pairs = self.matched(
            "decision",
            rows,
            self.desk.decisions,
            lambda one: (one.case.id, one.verdict),
            lambda row: (row.case_id, row.verdict),
        )
        for row, mine in pairs:
            self._decision(row, mine)

    def _decision(self, row: Any, mine: Decision) -> None:
        what = f"decision {row.id}"
        self.same(
            what,
            (row.staff_id, row.correction_id, row.state, row.two, row.sampled),
            (mine.by.id, number(mine.correction), mine.state, mine.two, mine.drawn),
        )
        self.version(what, mine, row.version)

    def _brakes(self, session: Session) -> None:
        rows = session.execute(
            sa.select(BrakeRow.id, BrakeRow.state, BrakeRow.version).order_by(BrakeRow.id)
        ).all()
        pairs = self.matched(
            "brake", rows, self.desk.brakes, lambda one: one.state, lambda row: row.state
        )
        held = session.execute(sa.select(HeldResult.brake_id, HeldResult.account_id)).all()
        for row, mine in pairs:
            self.same(f"brake {row.id}", row.state, mine.state)
            self.same(
                f"brake {row.id} holds",
                sorted(one.account_id for one in held if one.brake_id == row.id),
                sorted(account.id for account in mine.held),
            )
            self.version(f"brake {row.id}", mine, row.version)

    def _labels(self, session: Session) -> None:
        rows = {row.account_id: row for row in session.execute(sa.select(Label.__table__))}
        for account in self.desk.accounts:
            row = rows.get(account.id)
            product = (
                (row.state, row.region, row.basis, row.disputed, row.version, row.hidden)
                if row is not None
                else ("none", None, "none", False, 0, account.hidden)
            )
            shown, basis = account.shown, account.basis
            model = (*shown, basis, account.disputed, account.version, account.hidden)
            self.same(f"label of {account.name}", product, model)
            self.same(f"{account.name} has a label", row is not None, account.known)
            if row is not None:
                resolved = (row.resolved_state, row.resolved_region)
                self.same(f"activity of {account.name}", resolved, account.resolved)

    def _log(self, session: Session) -> None:
        """Each new row of the audit log continues the one before."""
        rows = session.execute(
            sa.select(AuditRow.__table__)
            .where(AuditRow.seq > self._audit[0])
            .order_by(AuditRow.seq)
        ).mappings()
        for row in rows:
            seq, head = self._audit
            self.same(f"audit {row['seq']}", (row["seq"], row["prev_hash"]), (seq + 1, head))
            fields = [row[name] for name in audit_rules.FIELDS]
            self.same(f"audit {seq + 1} hash", row["row_hash"], audit_rules.row_hash(fields))
            self._audit = (row["seq"], row["row_hash"])

    def _head(self) -> tuple[int, str]:
        with self.doors.place.database.read_session() as session:
            row = session.execute(
                sa.select(AuditRow.seq, AuditRow.row_hash).order_by(AuditRow.seq.desc()).limit(1)
            ).one()
        return row.seq, row.row_hash

    def _public(self) -> None:
        """What readers' programs are told, and that nobody of the desk is named there."""
        names = [one.name for one in self.desk.accounts]
        answer = self.doors.api(
            "GET", "/labels", query_string={"site": SITE, "account": [*names, "nobody"]}
        )
        self.same("labels status", answer.status, 200)
        self.same("labels name nobody", nobody_named(answer.page), True)
        for told, account in zip(answer.json["labels"], [*self.desk.accounts, None], strict=True):
            label = {key: told[key] for key in ("state", "region", "basis", "corrected")}
            label |= {"disputed": told["disputed"], "version": told["version"]}
            self.same(f"public label of {told['account']}", label, _public_label(account))

    def _changes(self) -> None:
        """The feed says each change once, in rising order, and says what has gone."""
        query = {"site": SITE, "after": self._feed}
        answer = self.doors.api("GET", "/changes", query_string=query)
        seqs = [one["seq"] for one in answer.json["changes"]]
        self.same("feed rises", seqs, sorted(seq for seq in set(seqs) if seq > self._feed))
        told = {one["account"] for one in answer.json["changes"]}
        untold = {one.name for one in self.desk.accounts if not one.told}
        self.same("feed", sorted(told), sorted(untold))
        self.same("feed names nobody", nobody_named(answer.page), True)
        for account in self.desk.accounts:
            account.told = True
        self._feed = max([self._feed, *seqs])


def _public_label(account: Any) -> dict[str, Any]:
    if account is None or account.hidden or account.deleted or account.shown[0] == "none":
        nothing = {"state": "none", "region": None, "basis": "none", "corrected": False}
        return nothing | {"disputed": False, "version": 0}
    return {
        "state": account.shown[0],
        "region": account.shown[1],
        "basis": account.basis,
        "corrected": account.basis == "correction",
        "disputed": account.disputed,
        "version": account.version,
    }
