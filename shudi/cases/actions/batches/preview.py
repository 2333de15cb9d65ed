"""What a batch would do to each account, as things stand now. Reads only."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions.batches.ahead import read_ahead
from shudi.cases.actions.batches.items import Former, Target, Work, label_of, prepare
from shudi.cases.actions.batches.listing import Known, known, present, work_of
from shudi.cases.rules.batches import (
    AGAIN,
    BatchAct,
    Listed,
    Outcome,
    Terms,
    check_size,
    check_terms,
    needs_second,
    outcome_of,
)
from shudi.cases.store.batches import Batch, BatchItem
from shudi.errors import NotFound, ShudiError
from shudi.labels.rules import Displayed, State
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.sites.queries import check_serving
from shudi.staff.rules import Actor, Permission


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One account of a preview. `outcome` is DONE where it would be done; `seen` is the version
    that the batch will carry, `version` the present one. `former` is the label that was seen when
    the account was listed, where it is another by now.
    """

    position: int
    account: str
    account_id: int | None
    seen: int | None
    version: int | None
    state: State
    region: str | None
    outcome: Outcome
    code: str = ""
    after: Displayed | None = None
    former: tuple[State, str | None] | None = None
    former_version: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Preview:
    """Every account in the order of the list, and whether somebody else must agree."""

    items: list[Foreseen]
    second: bool

    def count(self, outcome: Outcome) -> int:
        """How many accounts would end so."""
        return sum(item.outcome is outcome for item in self.items)


def preview(
    session: Session,
    *,
    actor: Actor,
    site_id: int,
    terms: Terms,
    listed: Sequence[Listed],
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
) -> Preview:
    """A batch that is not made yet. Raises as making it would."""
    actor.require(Permission.CASE_DECIDE)
    terms = check_terms(terms)
    check_size(len(listed), settings.batch_most)
    second = needs_second(terms.act, size=len(listed), most=settings.batch_second)
    work = Work(
        actor=actor,
        terms=terms,
        size=len(listed),
        takes_two=second,
        second=None,
        former=None,
        vocabulary=vocabulary,
        settings=settings,
        now=now,
    )
    found = known(session, site_id=site_id, listed=listed)
    targets = [
        Target(one.account_id, line.version or one.version)
        for line, one in zip(listed, found, strict=True)
    ]
    names = [(at, line.account) for at, line in enumerate(listed, 1)]
    return Preview(_foresee(session, work, names, targets), second)


def preview_again(
    session: Session, *, batch_id: int, vocabulary: Vocabulary, settings: Settings, now: datetime
) -> Preview:
    """What trying again would do now to the accounts for which that means something."""
    batch = _batch(session, batch_id)
    return _kept(session, batch, tuple(AGAIN), vocabulary, settings, now, fresh=True)


def preview_waiting(
    session: Session, *, batch_id: int, vocabulary: Vocabulary, settings: Settings, now: datetime
) -> Preview:
    """What a batch that waits for its second person would do now."""
    batch = _batch(session, batch_id)
    outcomes = (Outcome.WAITING,)
    return _kept(session, batch, outcomes, vocabulary, settings, now, fresh=False)


def preview_back(
    session: Session,
    *,
    actor: Actor,
    batch_id: int,
    act: BatchAct,
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
) -> Preview:
    """What taking a batch back by `act` would do now."""
    former = _batch(session, batch_id)
    second = needs_second(
        act,
        size=former.done,
        most=settings.batch_second,
        own=former.staff_id == actor.staff_id,
        two_made=former.second,
    )
    work = Work(
        actor=actor,
        terms=Terms(act=act, text="-"),
        size=former.done,
        takes_two=second,
        second=None,
        former=Former(former.id, former.act, former.staff_id),
        vocabulary=vocabulary,
        settings=settings,
        now=now,
    )
    items = items_of(session, batch_id, (Outcome.DONE,))
    return Preview(_of_items(session, work, items, fresh=True), second)


def _kept(
    session: Session,
    batch: Batch,
    outcomes: Sequence[Outcome],
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
    *,
    fresh: bool,
) -> Preview:
    work = work_of(session, batch, vocabulary=vocabulary, settings=settings, now=now)
    items = items_of(session, batch.id, outcomes)
    return Preview(_of_items(session, work, items, fresh=fresh), batch.second)


def _batch(session: Session, batch_id: int) -> Batch:
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise NotFound("batch-unknown", "There is no such batch.")
    check_serving(session, batch.site_id)
    return batch


def items_of(session: Session, batch_id: int, outcomes: Sequence[Outcome]) -> list[BatchItem]:
    """The items of a batch that ended so, in their order."""
    return list(
        session.scalars(
            sa.select(BatchItem)
            .where(BatchItem.batch_id == batch_id, BatchItem.outcome.in_(outcomes))
            .order_by(BatchItem.position)
        )
    )


def _of_items(
    session: Session, work: Work, items: Sequence[BatchItem], *, fresh: bool
) -> list[Foreseen]:
    """`fresh`: with the versions as they are now, not as they were seen."""
    shown = present(session, items)
    targets = [
        Target(
            item.account_id,
            shown.get(item.position, Known()).version if fresh else item.version,
            item.correction_id,
        )
        for item in items
    ]
    names = [(item.position, item.account) for item in items]
    found = _foresee(session, work, names, targets)
    return [_with_former(one, item) for one, item in zip(found, items, strict=True)]


def _with_former(one: Foreseen, item: BatchItem) -> Foreseen:
    if item.seen_state is None or item.version == one.version:
        return one
    seen = item.seen_state, item.seen_region
    return dataclasses.replace(one, former=seen, former_version=item.version)


def _foresee(
    session: Session,
    work: Work,
    names: Sequence[tuple[int, str]],
    targets: Sequence[Target],
) -> list[Foreseen]:
    _held = read_ahead(session, work, targets)  # in memory until the end of this function
    found = []
    for (position, account), target in zip(names, targets, strict=True):
        label = label_of(session, target.account_id) if target.account_id else None
        outcome, code, after = Outcome.DONE, "", None
        try:
            after = prepare(session, work, target).after
        except ShudiError as error:
            outcome, code = outcome_of(error), error.code
        found.append(
            Foreseen(
                position=position,
                account=account,
                account_id=target.account_id,
                seen=target.version,
                version=label.version if label else None,
                state=label.state if label else State.NONE,
                region=label.region if label else None,
                outcome=outcome,
                code=code,
                after=after,
            )
        )
    return found
