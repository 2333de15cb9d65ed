"""Every page of the console by its endpoint: where to look at it, or why it is none.

The tests of budgets and of looks read it; `test_budgets.py` fails for a route that is missing.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import Case, Decision
from shudi.cases.store.appeals import Appeal
from shudi.cases.store.batches import Batch
from shudi.cases.store.case_page import CannedReason
from shudi.cases.store.queue import CaseReport
from shudi.clients.store import ApiKey
from shudi.geo.store import SourceUpdate
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Brake, Correction, Label
from shudi.outbox.store import Message
from shudi.oversight.rules import InspectionState
from shudi.oversight.store import Inspection, InspectionAccount
from shudi.sites.store import Site, SiteClosing
from shudi.staff.rules import Role
from shudi.staff.store import ProposalState, Staff, StaffProposal, StaffState

# Endpoint: addresses. `{…}` is what `numbers` finds. A senior opens them, or who is named below.
PAGES: dict[str, tuple[str, ...]] = {
    "accounts.index": ("/accounts", "/accounts?q=a"),
    "accounts.show": ("/accounts/{account}",),
    "agreement.index": ("/agreement",),
    "approvals.index": ("/approvals",),
    "approvals.show": ("/approvals/{proposal}",),
    "audit.index": ("/audit",),
    "batch.show": ("/batches/{batch}", "/batches/{batch}?outcome=done"),
    "batches.index": ("/batches",),
    "batches.new": ("/batches/new",),
    "brakes.index": ("/brakes",),
    "brakes.show": ("/brakes/{brake}",),
    "cases.show": (
        "/cases/{report}",
        "/cases/{contest}",
        "/cases/{second}",
        "/cases/{information}",
        "/cases/{brake_case}",
        "/cases/{closed}",
    ),
    "clients.index": ("/api-keys",),
    "clients.new": ("/api-keys/new",),
    "clients.show": ("/api-keys/{key}",),
    "corrections.index": (
        "/corrections",
        "/corrections?show=week",
        "/corrections?show=planned",
    ),
    "corrections.show": ("/corrections/{correction}", "/corrections/{planned}"),
    "find.index": ("/find?q=a",),
    "handover.show": ("/cases/{report}/hand-over",),
    "inspections.index": ("/inspections",),
    "inspections.new": ("/inspections/new",),
    "inspections.show": ("/inspections/{inspection}", "/inspections/{asked}"),
    "keys.index": ("/profile/keyboard",),
    "looks.show": ("/second-looks/{look}",),
    "notices.index": ("/notices",),
    "notices.show": ("/notices/{notice}",),
    "overview.index": ("/",),
    "oversight.account": ("/oversight/{inspection}/accounts/{inspected}",),
    "oversight.cases": ("/oversight/{inspection}/cases",),
    "oversight.index": ("/oversight",),
    "oversight.show": ("/oversight/{inspection}", "/oversight/{inspection}?q=nobody"),
    "people.index": ("/people", "/people?disabled="),
    "people.invite": ("/people/invite",),
    "people.show": (
        "/people/{colleague}",
        "/people/{gone}",
        "/people/{proposed}",
        "/people/{admin}",
    ),
    "profile.index": ("/profile",),
    "queue.index": ("/queue", "/queue?queue=reports", "/queue?nobody=1", "/queue?state=closed"),
    "reasons.index": ("/ready-words",),
    "reasons.show": ("/ready-words/{words}",),
    "receivers.index": ("/receivers",),
    "receivers.show": ("/receivers/{site}",),
    "scopes.edit": ("/people/{colleague}/scope", "/people/{supervisor}/scope"),
    "security.app": ("/profile/security/app",),
    "security.index": ("/profile/security",),
    "senders.index": ("/senders",),
    "senders.show": ("/senders/{sent}",),
    "sites.index": ("/sites",),
    "sites.show": ("/sites/{site}", "/sites/{closing}", "/sites/{ended}"),
    "source_updates.show": ("/source-updates/{update}",),
    "statistics.index": ("/statistics",),
    "system.index": ("/system",),
    "taken.index": ("/decisions",),
    "taken.show": ("/decisions/{decision}", "/decisions/{on_values}"),
    "wordings.index": ("/notice-wordings",),
    "wordings.edit": ("/notice-wordings/{site}?topic=case.decided&channel=webhook&language=en",),
}
ADMINISTRATORS = frozenset(
    {"clients.index", "clients.new", "clients.show", "inspections.index", "inspections.new",
     "inspections.show", "people.index", "people.invite", "people.show", "receivers.index",
     "receivers.show", "scopes.edit", "sites.index", "sites.show", "wordings.index",
     "wordings.edit"}
)  # fmt: skip
SUPERVISORS = frozenset({name for name in PAGES if name.startswith("oversight.")})
# Pages of somebody who is not signed in as staff; tests of their own open these.
STRANGERS = frozenset(
    {"sign_in.password", "sign_in.code", "enrol.show", "enrol.demo", "holder.index",
     "holder.link", "holder.left"}
)  # fmt: skip
# What the act asks of an account is read for the whole list first.
_EACH = "a preview of each account; tests/console/test_batch_budgets.py holds it to its budget"
NO_PAGE = {
    "attachments.download": "a file",
    "batch.again_shown": _EACH,
    "batch.answer": _EACH,
    "batch.back_shown": _EACH,
    "batch.progress": "JSON for the batch's page",
    "decisions.preview": "a part of the case's page, on which it is looked at",
    "onward.following": "leads to a case",
    "onward.previous": "leads to a case",
    "queue.pulse": "JSON for the queue's page",
    "senders.of_case": "leads to the sender",
    "static": "files",
    "well_known.security": "a text for programs",
}


def numbers(session: Session) -> dict[str, int]:
    """The number of something of each kind; KeyError in a page's address where there is none."""
    contest = sa.select(Case.id).join(Appeal, Appeal.case_id == Case.id).order_by(Case.id.desc())
    wanted: dict[str, sa.Select[Any]] = {
        "account": sa.select(Label.account_id).join(Account, Account.id == Label.account_id).where(
            Account.deleted_at.is_(None), Label.version > 0
        ),
        "proposal": _correction(CorrectionState.PROPOSED),
        "correction": _correction(CorrectionState.IN_FORCE),
        "planned": _correction(CorrectionState.SCHEDULED),
        "batch": sa.select(Batch.id).where(Batch.done > 0),
        "brake": sa.select(Brake.id),
        "report": _case(CaseKind.REPORT),
        "information": _case(CaseKind.ACCOUNT_INFORMATION),
        "brake_case": _case(CaseKind.BRAKE),
        "look": _case(CaseKind.SECOND_LOOK),
        "closed": sa.select(Case.id).join(Decision, Decision.case_id == Case.id).where(
            Case.state == CaseState.CLOSED, Case.kind == CaseKind.REPORT
        ),
        "contest": contest.where(Case.state == CaseState.OPEN, Appeal.instance == 1),
        "second": contest.where(Case.state == CaseState.OPEN, Appeal.instance == 2),
        "decision": sa.select(Decision.id).where(Decision.correction_id.is_not(None)),
        "on_values": sa.select(Decision.id).where(Decision.verdict.in_(("accept", "refuse"))),
        "notice": sa.select(Message.id),
        "words": sa.select(CannedReason.id),
        "key": sa.select(ApiKey.id),
        "site": sa.select(Site.id).where(Site.closed_at.is_(None)),
        "closing": sa.select(SiteClosing.site_id).where(
            SiteClosing.state == ProposalState.OPEN
        ),
        "ended": sa.select(Site.id).where(Site.closed_at.is_not(None)),
        "colleague": _person(StaffState.ACTIVE).where(Staff.role != Role.ADMIN),
        "supervisor": _person(StaffState.ACTIVE).where(Staff.role == Role.SUPERVISOR),
        "gone": _person(StaffState.DISABLED),
        "proposed": sa.select(StaffProposal.staff_id),
        "admin": _person(StaffState.ACTIVE).where(Staff.role == Role.ADMIN),
        "inspection": _inspection(InspectionState.APPROVED),
        "inspected": sa.select(InspectionAccount.account_id).where(
            InspectionAccount.inspection_id
            == _inspection(InspectionState.APPROVED).limit(1).scalar_subquery()
        ),
        "asked": _inspection(InspectionState.PROPOSED),
        "update": sa.select(SourceUpdate.id).order_by(SourceUpdate.id.desc()),
        "sent": sa.select(CaseReport.id).where(CaseReport.sender != ""),
    }  # fmt: skip
    found = {name: session.execute(query.limit(1)).scalar() for name, query in wanted.items()}
    return {name: number for name, number in found.items() if number is not None}


def _case(kind: CaseKind) -> sa.Select[Any]:
    newest = sa.select(Case.id).order_by(Case.id.desc())
    return newest.where(Case.kind == kind, Case.state == CaseState.OPEN)


def _inspection(state: InspectionState) -> sa.Select[Any]:
    """Newest first, of those that name accounts: of the sites of these."""
    of_it = InspectionAccount.inspection_id == Inspection.id
    query = sa.select(Inspection.id).join(InspectionAccount, of_it)
    return query.where(Inspection.state == state).order_by(Inspection.id.desc())


def _person(state: StaffState) -> sa.Select[Any]:
    return sa.select(Staff.id).where(Staff.state == state).order_by(Staff.id)


def _correction(state: CorrectionState) -> sa.Select[Any]:
    return sa.select(Correction.id).where(Correction.state == state)


def addresses(session: Session) -> dict[str, list[str]]:
    """Endpoint: its addresses in this store."""
    known = numbers(session)
    return {name: [path.format(**known) for path in paths] for name, paths in PAGES.items()}
