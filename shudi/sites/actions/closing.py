"""A site's end, as far as it is two people's word: one proposes it, another confirms or refuses.

What a confirmed end does to everything that belongs to the site is `cases.actions.site_closing`.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.errors import Invalid, NotAllowed, NotFound, Stale
from shudi.sites.rules import check_closing_reason
from shudi.sites.store import Site, SiteClosing, SiteReceiver, SiteWording
from shudi.staff.actions.proposals import check_two
from shudi.staff.actions.standing import still_may
from shudi.staff.rules import PROPOSAL_LIFE, Actor, Permission
from shudi.staff.store import ProposalState


def propose(
    session: Session, *, actor: Actor, site_id: int, key: str, reason: str, now: datetime
) -> int:
    """Propose that the site be closed and what it holds erased; returns the proposal's id.

    `key` is the site's, typed once more. Stale if the site is closed or a proposal waits already.
    """
    still_may(session, actor, Permission.SITE_MANAGE)
    if actor.staff_id is None:
        raise NotAllowed("staff-only", "Only a person proposes this.")
    site = session.get(Site, site_id)
    if site is None:
        raise NotFound("site-unknown", "There is no such site.")
    if site.closed_at is not None:
        raise Stale("site-closed-already", "This site is closed already.")
    if key != site.key:
        raise Invalid("site-key-differs", "This is not the site's key.")
    reason = check_closing_reason(reason)
    _drop_fallen(session, now)
    if session.scalar(sa.select(SiteClosing.id).where(*_open_about(site_id))) is not None:
        raise Stale("closing-waits", "A proposal to close this site waits already.")
    row = SiteClosing(
        site_id=site_id,
        reason=reason,
        state=ProposalState.OPEN,
        proposed_by=actor.staff_id,
        proposed_at=now,
        expires_at=now + PROPOSAL_LIFE,
    )
    session.add(row)
    session.flush()  # the audit row names the id
    _audit(session, actor, "site.closing_proposed", row, now, text=reason)
    return row.id


def confirm(session: Session, *, actor: Actor, closing_id: int, now: datetime) -> Site:
    """The second person's word: the site is closed from the commit on. Belongs into the act that
    ends what belongs to it.
    """
    row = _waiting(session, actor, closing_id, now)
    if row.proposed_by is not None:
        check_two(session, actor.staff_id, row.proposed_by, now)
    _decide(row, ProposalState.CONFIRMED, actor, now)
    site = session.get_one(Site, row.site_id)
    _close(session, site, now)
    return site


def close_again(session: Session, *, site: Site, now: datetime) -> None:
    """Close a site of a restored store that was closed since; what is proposed about it falls."""
    session.execute(
        sa.update(SiteClosing)
        .where(*_open_about(site.id))
        .values(state=ProposalState.DROPPED, decided_at=now)
    )
    session.add(
        SiteClosing(
            site_id=site.id,
            reason="",
            state=ProposalState.CONFIRMED,
            proposed_at=now,
            expires_at=now,
            decided_at=now,
        )
    )
    _close(session, site, now)


def _close(session: Session, site: Site, now: datetime) -> None:
    site.closed_at, site.match, site.adapter = now, [], {}
    session.flush()  # its version check belongs before the bulk statements
    session.execute(sa.delete(SiteReceiver).where(SiteReceiver.site_id == site.id))
    session.execute(sa.delete(SiteWording).where(SiteWording.site_id == site.id))


def refuse(session: Session, *, actor: Actor, closing_id: int, now: datetime) -> int:
    """Refuse it, or withdraw what one proposed oneself; returns the site's id."""
    row = _waiting(session, actor, closing_id, now)
    own = actor.staff_id == row.proposed_by
    _decide(row, ProposalState.WITHDRAWN if own else ProposalState.REFUSED, actor, now)
    _audit(session, actor, "site.closing_withdrawn" if own else "site.closing_refused", row, now)
    return row.site_id


def _waiting(session: Session, actor: Actor, closing_id: int, now: datetime) -> SiteClosing:
    still_may(session, actor, Permission.SITE_MANAGE)
    if actor.staff_id is None:
        raise NotAllowed("staff-only", "Only a person decides this.")
    _drop_fallen(session, now)
    row = session.get(SiteClosing, closing_id)
    if row is None:
        raise NotFound("closing-unknown", "There is no such proposal.")
    if row.state is not ProposalState.OPEN:
        raise Stale("closing-over", "This proposal does not wait any more.")
    return row


def _decide(row: SiteClosing, state: ProposalState, actor: Actor, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, actor.staff_id, now


def _open_about(site_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (SiteClosing.site_id == site_id, SiteClosing.state == ProposalState.OPEN)


def _drop_fallen(session: Session, now: datetime) -> None:
    """Drop what nobody decided in time, and what somebody proposed who may not any more."""
    session.execute(
        sa.update(SiteClosing)
        .where(SiteClosing.state == ProposalState.OPEN, ~SiteClosing.waits(now))
        .values(state=ProposalState.DROPPED, decided_at=now)
    )


def _audit(
    session: Session, actor: Actor, action: str, row: SiteClosing, now: datetime, text: str = ""
) -> None:
    entry = Entry(
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        target_type="site",
        target_id=row.site_id,
        after={"proposal": row.id},
        text=text,
        request_id=actor.request_id,
    )
    append(session, entry, now=now)
