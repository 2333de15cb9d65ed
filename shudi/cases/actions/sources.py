"""New geo databases: weighed by what they would move, held for a person where that is too much."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.cases.actions.claims import end_claim
from shudi.cases.actions.closing import settle
from shudi.cases.actions.opening import Opening, event, open_case
from shudi.cases.rules import CaseKind, CaseState, EventKind
from shudi.cases.store import Case
from shudi.errors import NotAllowed, NotFound, Stale
from shudi.geo.rules import UpdateState
from shudi.geo.store import SourceUpdate
from shudi.labels.queries.drift import labels_by_place, trial_moves_any
from shudi.labels.rules.brakes import Limits
from shudi.labels.rules.drift import Expected, expected, shares
from shudi.settings import Settings
from shudi.sites.queries import SiteRow, all_sites
from shudi.staff.rules import Actor, Permission

MOVES_MOST = 100  # kept of each difference
Units = dict[tuple[str, str], int]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One set of databases in place of another. `old` and `new` describe the sources, `candidate`
    names the kept files; `v4` and `v6` are how much of each place's space goes where.
    """

    origin: str
    old: list[dict[str, Any]]
    new: list[dict[str, Any]]
    candidate: list[dict[str, Any]]
    v4: Units
    v6: Units


def propose(
    session: Session, *, actor: Actor, proposal: Proposal, settings: Settings, now: datetime
) -> SourceUpdate:
    """Weigh new databases: within the brake's limits they may be taken into use, else they wait
    for a person, and a case says so. Newer ones take the place of others that wait.
    """
    withdraw(session, actor=actor, now=now)
    sites = all_sites(session)
    weighed = [(site, _expected(session, site, proposal, settings)) for site in sites]
    weighed.sort(key=lambda one: (one[1].rule is None, -one[1].high))
    worst = weighed[0] if weighed else None
    held = worst is not None and worst[1].rule is not None
    update = SourceUpdate(
        state=UpdateState.HELD if held else UpdateState.APPLIED,
        origin=proposal.origin,
        rule=worst[1].rule or "" if worst else "",
        site_id=worst[0].id if worst else None,
        opened_at=now,
        old={"sources": proposal.old},
        new={"sources": proposal.new},
        diff=_difference(proposal, weighed),
        candidate={"sources": proposal.candidate},
    )
    session.add(update)
    session.flush()  # the case and the audit row name its id
    _audit(session, actor, "source.held" if held else "source.applied", update, now)
    if held and worst is not None:
        opening = Opening(kind=CaseKind.BRAKE, site_id=worst[0].id, update_id=update.id)
        open_case(session, actor=Actor.system("brake"), opening=opening, now=now)
    return update


def withdraw(session: Session, *, actor: Actor, now: datetime) -> None:
    """What waits is not to be used any more: other files have taken its place."""
    waiting = session.scalar(sa.select(SourceUpdate).where(SourceUpdate.state == UpdateState.HELD))
    if waiting is not None:
        _settle(session, actor, waiting, UpdateState.REPLACED, now)


def _expected(session: Session, site: SiteRow, proposal: Proposal, settings: Settings) -> Expected:
    return expected(
        labels_by_place(session, site_id=site.id),
        shares(proposal.v4),
        shares(proposal.v6),
        accounts=site.account_count,
        limits=Limits(settings.brake_share, settings.brake_region, settings.brake_minimum),
    )


def _difference(proposal: Proposal, weighed: list[tuple[SiteRow, Expected]]) -> dict[str, Any]:
    """What is kept of the comparison, for the page; the largest part first."""
    v4, v6 = proposal.v4, proposal.v6
    wholes = [_by_place(units, 0) for units in (v4, v6)]
    pairs = {pair for pair in (*v4, *v6) if pair[0] != pair[1]}

    def share(pair: tuple[str, str], at: int) -> float:
        whole = wholes[at].get(pair[0], 0)
        return (v4, v6)[at].get(pair, 0) / whole if whole and pair[0] else 0.0

    largest = sorted(pairs, key=lambda pair: (-v4.get(pair, 0), -v6.get(pair, 0), pair))
    there = [{pair[at] for pair in (*v4, *v6)} - {""} for at in (0, 1)]
    return {
        "space": {
            name: [sum(units.values()), sum(n for pair, n in units.items() if pair[0] != pair[1])]
            for name, units in (("v4", v4), ("v6", v6))
        },
        "moves": [
            [*pair, v4.get(pair, 0), share(pair, 0), v6.get(pair, 0), share(pair, 1)]
            for pair in largest[:MOVES_MOST]
        ],
        "pairs": len(pairs),
        "gone": sorted(there[0] - there[1]),
        "new": sorted(there[1] - there[0]),
        "sites": [
            {
                "id": site.id,
                "name": site.name,
                "accounts": site.account_count,
                "low": one.low,
                "high": one.high,
                "rule": one.rule,
                "moves": one.moves[:MOVES_MOST],
            }
            for site, one in weighed
        ],
    }


def _by_place(units: Units, at: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for pair, count in units.items():
        found[pair[at]] = found.get(pair[at], 0) + count
    return found


def accept(
    session: Session, *, actor: Actor, update_id: int, version: int, now: datetime
) -> SourceUpdate:
    """The new databases are right: they are taken into use at the worker's next look."""
    update = _held(session, actor, update_id, version)
    _settle(session, actor, update, UpdateState.ACCEPTED, now)
    return update


def stop(
    session: Session, *, actor: Actor, update_id: int, version: int, now: datetime
) -> SourceUpdate:
    """The new databases are wrong: the old ones stay in use, and the new files are dropped."""
    update = _held(session, actor, update_id, version)
    _settle(session, actor, update, UpdateState.STOPPED, now)
    return update


def sample(
    session: Session, *, actor: Actor, update_id: int, version: int, now: datetime
) -> SourceUpdate:
    """Look first: accounts that are seen from now on are looked up in the new databases, too. No
    label changes by it.
    """
    update = _held(session, actor, update_id, version)
    if update.sampled_at is not None:
        raise Stale("update-sampled", "It is being tried already.", state=update.state)
    update.sampled_at, update.sampled_by = now, actor.staff_id
    _audit(session, actor, "source.sampled", update, now)
    case = _case(session, update)
    if case is not None:
        event(session, case, EventKind.SAMPLED, actor, now)
    return update


def taken(session: Session, *, update_id: int, now: datetime) -> None:
    """Write down that servers use it from now on."""
    update = session.get_one(SourceUpdate, update_id)
    update.taken_at = now


def _held(session: Session, actor: Actor, update_id: int, version: int) -> SourceUpdate:
    actor.require(Permission.SOURCE_DECIDE)
    update = session.get(SourceUpdate, update_id)
    if update is None:
        raise NotFound("update-unknown", "There is no such update.")
    if update.state is not UpdateState.HELD:
        raise Stale("update-decided", "This is decided already.", state=update.state)
    if update.version != version:
        raise Stale("update-sampled", "A trial has begun meanwhile.", state=update.state)
    if trial_moves_any(session, update_id=update_id, accounts=actor.own_accounts):
        raise NotAllowed("own-account-moved", "It would move the label of an account of your own.")
    return update


def _settle(
    session: Session, actor: Actor, update: SourceUpdate, state: UpdateState, now: datetime
) -> None:
    update.state, update.decided_at, update.decided_by = state, now, actor.staff_id
    session.flush()  # one waits at a time, by constraint
    _audit(session, actor, f"source.{state.value}", update, now)
    case = _case(session, update)
    if case is not None:
        end_claim(session, case.id, now)
        settle(session, case, now)
        event(session, case, EventKind.CLOSED, actor, now, data={"brake": state.value})


def _case(session: Session, update: SourceUpdate) -> Case | None:
    return session.scalar(
        sa.select(Case).where(Case.update_id == update.id, Case.state != CaseState.CLOSED)
    )


def _audit(
    session: Session, actor: Actor, action: str, update: SourceUpdate, now: datetime
) -> None:
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            target_type="source_update",
            target_id=update.id,
            after={
                "state": update.state.value,
                "rule": update.rule,
                "sources": [[one["name"], one["build"]] for one in update.new["sources"]],
            },
            request_id=actor.request_id,
        ),
        now=now,
    )
