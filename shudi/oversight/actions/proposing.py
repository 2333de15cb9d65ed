"""Writing down what an authority asks for."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.rules import check_identifier
from shudi.accounts.store import Account
from shudi.audit.actions import record
from shudi.errors import Invalid
from shudi.oversight import rules
from shudi.oversight.actions.standing import check_reach, check_supervisors, reach_of
from shudi.oversight.rules import InspectionState, Kind, Reach, Request
from shudi.oversight.store import (
    Inspection,
    InspectionAccount,
    InspectionRegion,
    InspectionSite,
    InspectionSupervisor,
)
from shudi.regions.rules import Vocabulary
from shudi.sites.store import Site
from shudi.staff.rules import Actor, Permission

_SHOWN = 5  # of the ids that are unknown


def propose(
    session: Session, *, actor: Actor, request: Request, vocabulary: Vocabulary, now: datetime
) -> int:
    """Propose an inspection, for a second person to approve within a week; returns its id.

    Raises Invalid `accounts-unknown` with `ids` where the site has no such accounts, Refused where
    it reaches beyond one of the supervisors.
    """
    scope = reach_of(session, actor, Permission.INSPECTION_PROPOSE)
    rules.check(request, today=now.date(), regions=vocabulary.codes)
    open_ones = sa.select(Site.id).where(Site.id.in_(request.sites), Site.closed_at.is_(None))
    if frozenset(session.scalars(open_ones)) != request.sites or not all(
        map(scope.allows_site, request.sites)
    ):
        raise Invalid("site-unknown", "There is no such site.")
    check_supervisors(session, request.supervisors)
    row = _row(request, actor.staff_id or 0, now)
    session.add(row)
    session.flush()  # its parts and the audit row name the id
    _add_scope(session, row.id, request)
    session.flush()  # what it reaches is read back
    check_reach(session, row)
    record(session, actor, "inspection.proposed", ("inspection", row.id), now, _facts(request))
    return row.id


def _row(request: Request, proposer: int, now: datetime) -> Inspection:
    untold = request.telling is rules.Telling.NEVER
    return Inspection(
        authority=request.authority.strip(),
        request_number=request.number.strip(),
        request_date=request.dated,
        basis=request.basis,
        purpose=request.purpose.strip(),
        reach=request.reach,
        since=request.since,
        until=request.until,
        labels=Kind.LABELS in request.kinds,
        cases=Kind.CASES in request.kinds,
        information=Kind.INFORMATION in request.kinds,
        days=request.days,
        telling=request.telling,
        untold_because=request.untold_because.strip() if untold else "",
        salt=secrets.token_hex(16),
        state=InspectionState.PROPOSED,
        proposed_by=proposer,
        proposed_at=now,
    )


def _add_scope(session: Session, inspection_id: int, request: Request) -> None:
    of_it = {"inspection_id": inspection_id}
    session.add_all(InspectionSupervisor(**of_it, staff_id=one) for one in request.supervisors)
    session.add_all(InspectionSite(**of_it, site_id=one) for one in request.sites)
    if request.reach is Reach.REGIONS:
        session.add_all(InspectionRegion(**of_it, region=one) for one in request.regions)
        return
    (site,) = request.sites
    ids = _accounts(session, site, request.accounts)
    session.add_all(InspectionAccount(**of_it, account_id=one) for one in ids)


def _accounts(session: Session, site_id: int, names: Sequence[str]) -> Collection[int]:
    """The accounts of these ids; Invalid with the first few that the site does not have."""
    wanted = {check_identifier(name) for name in names}
    query = sa.select(Account.account, Account.id).where(
        Account.site_id == site_id, Account.account.in_(wanted), Account.deleted_at.is_(None)
    )
    found = {row.account: row.id for row in session.execute(query)}
    unknown = sorted(wanted - found.keys())
    if unknown:
        raise Invalid(
            "accounts-unknown", "The site has no such accounts.", ids=unknown[:_SHOWN],
            more=max(0, len(unknown) - _SHOWN),
        )  # fmt: skip
    return found.values()


def _facts(request: Request) -> dict[str, object]:
    """What the log keeps of it: codes, numbers and the request's own; no account's id."""
    return {
        "request": request.number.strip(),
        "basis": request.basis.value,
        "supervisors": sorted(request.supervisors),
        "sites": sorted(request.sites),
        "accounts": len(set(request.accounts)) if request.reach is Reach.NAMED else None,
        "regions": sorted(request.regions) if request.reach is Reach.REGIONS else None,
        "since": request.since.isoformat(),
        "until": request.until.isoformat(),
        "kinds": sorted(kind.value for kind in request.kinds),
        "days": request.days,
        "telling": request.telling.value,
    }
