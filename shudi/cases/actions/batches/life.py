"""What people do with a batch: make it, agree to it, stop it, try the rest again, take it back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.cases.actions.batches.listing import Known, known, matter_of, present, seen_as
from shudi.cases.actions.batches.preview import items_of
from shudi.cases.rules.batches import (
    AGAIN,
    CHOSEN,
    ENDED,
    LIVE,
    OVER,
    BatchAct,
    BatchState,
    Listed,
    Outcome,
    Terms,
    check_proposer,
    check_size,
    check_taken_back,
    check_terms,
    needs_second,
)
from shudi.cases.rules.policy import Act, Matter, check
from shudi.cases.store.batches import Batch, BatchItem
from shudi.errors import Invalid, NotFound, Refused, Stale
from shudi.labels.rules import AtExpiry, check_reason
from shudi.settings import Settings
from shudi.sites.queries import check_serving, site_by_id
from shudi.staff.rules import Actor, Permission


def create(
    session: Session,
    *,
    actor: Actor,
    uid: str,
    site_id: int,
    terms: Terms,
    listed: Sequence[Listed],
    settings: Settings,
    now: datetime,
) -> Batch:
    """Make a batch of an explicit list, in its order. It runs at once, or once a second person
    agrees. The same `uid` by the same person again is the same batch.
    """
    actor.require(Permission.CASE_DECIDE)
    former = session.scalar(sa.select(Batch).where(Batch.uid == uid))
    if former is not None and former.staff_id == actor.staff_id:
        return former
    terms = check_terms(terms)
    if terms.act not in CHOSEN:
        raise Invalid("act-needed", "Choose what is to be done.")
    check_size(len(listed), settings.batch_most)
    if site_by_id(session, site_id) is None or not actor.reaches(site_id):
        raise NotFound("site-unknown", "There is no such site.")
    second = needs_second(terms.act, size=len(listed), most=settings.batch_second)
    batch = _new(actor, uid, site_id, terms, second=second, size=len(listed), now=now)
    found = known(session, site_id=site_id, listed=listed)
    items = [
        seen_as(
            BatchItem(position=at, account=line.account, account_id=one.account_id),
            line.version or one.version,
            one,
        )
        for at, (line, one) in enumerate(zip(listed, found, strict=True), 1)
    ]
    return _add(session, actor, batch, items, now)


def _new(
    actor: Actor,
    uid: str,
    site_id: int,
    terms: Terms,
    *,
    second: bool,
    size: int,
    now: datetime,
) -> Batch:
    return Batch(
        uid=uid,
        site_id=site_id,
        staff_id=actor.staff_id,
        act=terms.act,
        reason=terms.reason,
        text=terms.text,
        days=terms.days,
        at_expiry=terms.at_expiry,
        state=BatchState.WAITING if second else BatchState.RUNNING,
        second=second,
        created_at=now,
        touched_at=now,
        total=size,
    )


def _add(
    session: Session, actor: Actor, batch: Batch, items: Sequence[BatchItem], now: datetime
) -> Batch:
    session.add(batch)
    session.flush()  # its items and the audit row name the id
    for item in items:
        item.batch_id = batch.id
    session.add_all(items)
    after = {
        "act": batch.act.value,
        "reason": batch.reason,
        "accounts": batch.total,
        "second_person": batch.second,
    }
    after |= {"takes_back": batch.reverts_id} if batch.reverts_id else {}
    _audit(session, actor, "batch.created", batch, now, after=after, text=batch.text)
    return batch


def approve(session: Session, *, actor: Actor, batch_id: int, version: int, now: datetime) -> Batch:
    """The second person agrees to the whole list: it runs, in the name of whoever made it."""
    batch = _answered(session, actor, batch_id, version, now)
    batch.state = BatchState.RUNNING
    _audit(session, actor, "batch.approved", batch, now)
    return batch


def refuse(
    session: Session, *, actor: Actor, batch_id: int, version: int, text: str, now: datetime
) -> Batch:
    """The second person does not agree: nothing of it is done."""
    batch = _answered(session, actor, batch_id, version, now)
    batch.answer = check_reason(text)
    batch.state, batch.ended_at = BatchState.REFUSED, now
    _audit(session, actor, "batch.refused", batch, now, text=batch.answer)
    return batch


def _answered(session: Session, actor: Actor, batch_id: int, version: int, now: datetime) -> Batch:
    actor.require(Permission.CORRECTION_APPROVE)
    batch = _seen(session, batch_id, version, BatchState.WAITING)
    matter = matter_of(session, batch_id=batch_id, proposer=batch.staff_id)
    check(Act.APPROVE_LIST, actor, matter)
    batch.answered_by, batch.answered_at = actor.staff_id, now
    return batch


def cancel(session: Session, *, actor: Actor, batch_id: int, version: int, now: datetime) -> Batch:
    """Stop it: what is done stays done, the rest is not begun."""
    actor.require(Permission.CASE_DECIDE)
    batch = _seen(session, batch_id, version, *LIVE)
    check(Act.CANCEL, actor, Matter(proposer=batch.staff_id))
    batch.state, batch.ended_at = BatchState.CANCELLED, now
    after = {"worked": batch.worked, "accounts": batch.total}
    _audit(session, actor, "batch.cancelled", batch, now, after=after)
    return batch


def try_again(
    session: Session,
    *,
    actor: Actor,
    batch_id: int,
    version: int,
    seen: Mapping[int, int],
    now: datetime,
) -> int:
    """Ask anew for what was not reached, had moved or failed: for the positions of `seen`, with
    the label versions that were shown now. A batch for two people waits for the second again.
    Returns how many accounts it is about.
    """
    actor.require(Permission.CASE_DECIDE)
    batch = _seen(session, batch_id, version, *ENDED)
    check_proposer(proposer=batch.staff_id, staff_id=actor.staff_id)
    items = [one for one in items_of(session, batch_id, tuple(AGAIN)) if one.position in seen]
    if not items:
        raise Refused("nothing-again", "There is no account to try again.")
    shown = present(session, items)
    for item in items:
        batch.worked -= item.outcome is not Outcome.WAITING
        item.outcome, item.code = Outcome.WAITING, ""
        seen_as(item, seen[item.position], shown.get(item.position, Known()))
    batch.state = BatchState.WAITING if batch.second else BatchState.RUNNING
    batch.answered_by = batch.answered_at = batch.ended_at = None
    _audit(session, actor, "batch.again", batch, now, after={"accounts": len(items)})
    return len(items)


def take_back(
    session: Session,
    *,
    actor: Actor,
    uid: str,
    batch_id: int,
    version: int,
    act: BatchAct,
    text: str,
    seen: Mapping[int, int],
    settings: Settings,
    now: datetime,
) -> Batch:
    """Undo a batch within ten minutes of its end, or revert it at any time: a batch of its own,
    linked to this one, about what that did. `seen`: label versions by position, as shown.
    """
    actor.require(Permission.CASE_DECIDE)
    former = _seen(session, batch_id, version, *OVER)
    check_taken_back(
        act, former=former.act, state=former.state, ended=former.ended_at,
        two_made=former.second, now=now,
    )  # fmt: skip
    if act is BatchAct.UNDO:
        check(Act.UNDO, actor, Matter(decider=former.staff_id))
    items = items_of(session, batch_id, (Outcome.DONE,))
    if not items:
        raise Refused("nothing-to-revert", "This batch changed nothing.")
    second = needs_second(
        act,
        size=len(items),
        most=settings.batch_second,
        own=former.staff_id == actor.staff_id,
        two_made=former.second,
    )
    terms = check_terms(Terms(act=act, text=text, at_expiry=AtExpiry.REQUEUE))
    batch = _new(actor, uid, former.site_id, terms, second=second, size=len(items), now=now)
    batch.reverts_id = former.id
    return _add(session, actor, batch, _back(session, items, seen), now)


def _back(session: Session, items: Sequence[BatchItem], seen: Mapping[int, int]) -> list[BatchItem]:
    """What is to be taken back, as it was shown; as it is now where it was not."""
    shown = present(session, items)
    made = []
    for at, item in enumerate(items, 1):
        one = shown.get(item.position, Known())
        copy = BatchItem(
            position=at,
            account=item.account,
            account_id=item.account_id,
            correction_id=item.correction_id,
        )
        made.append(seen_as(copy, seen.get(item.position, one.version), one))
    return made


def _seen(session: Session, batch_id: int, version: int, *states: BatchState) -> Batch:
    """The batch as the person saw it, in one of these states; NotFound, or Stale with how it
    stands.
    """
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise NotFound("batch-unknown", "There is no such batch.")
    check_serving(session, batch.site_id)
    if batch.state not in states or batch.version != version:
        raise Stale(
            "batch-moved",
            "This batch has gone on meanwhile.",
            state=batch.state.value,
            version=batch.version,
            seen_version=version,
        )
    return batch


def _audit(
    session: Session,
    actor: Actor,
    action: str,
    batch: Batch,
    now: datetime,
    *,
    after: dict[str, Any] | None = None,
    text: str = "",
) -> None:
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            target_type="batch",
            target_id=batch.id,
            after={"state": batch.state.value, **(after or {})},
            text=text,
            request_id=actor.request_id,
        ),
        now=now,
    )
