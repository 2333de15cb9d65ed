"""Batches in the model: made of a list, agreed to, run, tried again, taken back."""

from tests.model.items import against, carry_out, outcomes
from tests.model.risks import Refusals
from tests.model.state import UNDO, Batch, Desk, Item, Person

TAKING_BACK = ("undo", "revert")
ENDED = ("done", "cancelled")
LIVE = ("waiting", "running")
LARGE = 2  # a batch of more accounts takes two people; so the world's settings have it
AGAIN = ("waiting", "stale", "failed")


def second(act: str, size: int, person: Person, former: Batch | None) -> bool:
    """Whether somebody else must agree to the whole list."""
    if act == "undo":
        return False
    own = former is not None and (former.by is person or former.second)
    return size > LARGE or own


def make(desk: Desk, person: Person, act: str, items: list[Item], **more: object) -> Batch:
    """A list that somebody wrote. `more`: days, reverts_itself, takes."""
    former = more.get("takes")
    assert former is None or isinstance(former, Batch)
    two = second(act, len(items), person, former)
    state = "waiting" if two else "running"
    batch = Batch(person, act, items, two, state, desk.now, **more)  # type: ignore[arg-type]
    desk.batches.append(batch)
    return batch


def next_batch(desk: Desk) -> Batch | None:
    """The running one that has waited longest."""
    running = [one for one in desk.batches if one.state == "running"]
    return min(running, key=lambda one: (one.turn, one.id), default=None)


def run_all(desk: Desk) -> None:
    """The worker goes on until none is left."""
    while run_some(desk, 25):
        pass


def run_some(desk: Desk, limit: int) -> bool:
    """So many accounts of the next batch; whether there was one."""
    batch = next_batch(desk)
    if batch is None:
        return False
    waiting = batch.those("waiting")
    for item in waiting[:limit]:
        _do(desk, batch, item)
    batch.turn = desk.now
    batch.worked += len(waiting[:limit])
    if len(waiting) <= limit:
        _end(desk, batch, "done")
    return True


def _end(desk: Desk, batch: Batch, state: str) -> None:
    batch.state, batch.ended = state, desk.now
    batch.moves += 1


def _do(desk: Desk, batch: Batch, item: Item) -> None:
    found = against(desk, batch, item)
    if found:
        item.outcome, item.may = "said", outcomes(found)
        return
    item.outcome, item.code = "done", ""
    item.correction = carry_out(desk, batch, item)
    item.ended = item.correction.ended
    batch.done += 1


def answering(desk: Desk, person: Person, batch: Batch, *, fresh: bool) -> Refusals:
    """What bars from a second person's word on the whole list."""
    found = _moved(batch, fresh, "waiting")
    if batch.by is person:
        found.add((403, "own-proposal"))
    listed = [one.account for one in batch.items if one.account is not None]
    if any(one.name in person.own for one in listed):
        found.add((403, "own-account-listed"))
    if any(person in desk.contested(one) for one in listed):
        found.add((403, "own-decision-listed"))
    return found


def _moved(batch: Batch, fresh: bool, *states: str) -> Refusals:
    return set() if fresh and batch.state in states else {(409, "batch-moved")}


def approve(desk: Desk, person: Person, batch: Batch) -> None:
    batch.agreed, batch.state = person, "running"
    batch.moves += 1


def refuse(desk: Desk, person: Person, batch: Batch) -> None:
    batch.agreed = person
    _end(desk, batch, "refused")


def cancelling(person: Person, batch: Batch, *, fresh: bool) -> Refusals:
    mine = batch.by is person or person.senior
    return _moved(batch, fresh, *LIVE) | (set() if mine else {(403, "not-proposer")})


def cancel(desk: Desk, batch: Batch) -> None:
    _end(desk, batch, "cancelled")


def trying(person: Person, batch: Batch, *, fresh: bool) -> Refusals:
    """What bars from trying again what did not go."""
    found = _moved(batch, fresh, *ENDED)
    if batch.by is not person:
        found.add((403, "not-maker"))
    return found if _left(batch) else found | {(422, "nothing-again")}


def _left(batch: Batch) -> list[Item]:
    """What means something to try again: it did not go, and has a label that can be seen."""
    return [one for one in batch.those(*AGAIN) if _version(one)]


def _version(item: Item) -> int:
    return item.account.version if item.account is not None else 0


def try_again(batch: Batch, seen: dict[int, int]) -> None:
    for item in _left(batch):
        version = seen[batch.items.index(item) + 1]
        batch.worked -= item.outcome != "waiting"
        item.outcome, item.code, item.may, item.seen = "waiting", "", set(), version
    batch.state = "waiting" if batch.second else "running"
    batch.agreed = batch.ended = None
    batch.moves += 1


def taking_back(desk: Desk, person: Person, batch: Batch, act: str, *, fresh: bool) -> Refusals:
    """What bars from taking the whole back. What was done before the rest was refused can be."""
    found = _moved(batch, fresh, *ENDED, "refused")
    if batch.act in TAKING_BACK:
        found.add((422, "batch-takes-back"))
    if not batch.those("done"):
        found.add((422, "nothing-to-revert"))
    if any(one.takes is batch and one.state in LIVE for one in desk.batches):
        found.add((409, "conflict"))
    if act == "undo":
        found |= _undoing(desk, person, batch)
    return found


def _undoing(desk: Desk, person: Person, batch: Batch) -> Refusals:
    found: Refusals = set()
    if batch.by is not person and not person.senior:
        found.add((403, "not-decider"))
    if batch.second:
        found.add((422, "undo-two"))
    if batch.ended is not None and desk.now - batch.ended >= UNDO:
        found.add((422, "undo-over"))
    return found


def take_back(desk: Desk, person: Person, former: Batch, act: str, seen: dict[int, int]) -> Batch:
    """A batch of its own about what that one did."""
    items = []
    for one in former.those("done"):
        position = former.items.index(one) + 1
        version = seen.get(position, _version(one))
        items.append(Item(one.account, one.name, version, one.correction, ended=one.ended))
    return make(desk, person, act, items, takes=former)
