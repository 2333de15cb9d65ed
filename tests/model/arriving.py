"""What comes from outside, in the model: activity, brakes, account information, deletion."""

import dataclasses
from datetime import datetime, timedelta

from tests.model import showing
from tests.model.state import NOTHING, REST, Account, Brake, Desk, Shown

# What the sources say of the addresses that are used: state, region, whether they disagree.
PLACES: dict[str, Shown] = {
    "CN-GD": ("labelled", "CN-GD"),
    "CN-ZJ": ("labelled", "CN-ZJ"),
    "US": ("labelled", "US"),
    "HK": ("labelled", "HK"),
    "split": ("uncertain", "CN"),
    "clash": ("uncertain", None),
    "nowhere": ("none", None),
}
DISAGREE = ("split", "clash")
SHARE, LEAST = 0.5, 3  # the brake as the world's settings have it
HOUR = timedelta(hours=1)


@dataclasses.dataclass(frozen=True)
class Sighting:
    account: Account
    place: str
    at: datetime
    publishes: bool = True

    @property
    def rank(self) -> tuple[datetime, str, str]:
        """What decides between two: the instant, then the place."""
        state, region = PLACES[self.place]
        return self.at, region or "", state


def see(desk: Desk, batch: list[Sighting]) -> int:
    """Take activity in; returns how many lines are accepted."""
    taken = [one for one in batch if not one.account.deleted]
    latest: dict[Account, Sighting] = {}
    for one in taken:
        if one.publishes and one.place != "nowhere":  # no place says nothing about the place
            known = latest.get(one.account)
            if known is None or one.rank > known.rank:
                latest[one.account] = one
    spoken = [one for one in latest.values() if outranks(desk, one)]
    quiet = [one for one in spoken if not noticed(one)]
    loud = [one for one in spoken if noticed(one)]
    brake = desk.holding()
    for one in quiet:
        resolve(one.account, one.at, PLACES[one.place])
        if brake is not None and one.account in brake.held and brake.held[one.account][0] <= one.at:
            del brake.held[one.account]  # it went back to what is shown, and would move no more
    if brake_holds(desk, loud):
        loud = []
    for one in loud:
        resolve(one.account, one.at, PLACES[one.place])
        showing.refresh(desk, one.account)
    for one in quiet + loud:
        if one.place in DISAGREE and not one.account.hidden:
            open_disagreement(desk, one.account)
    return len(taken)


def outranks(desk: Desk, sighting: Sighting) -> bool:
    account = sighting.account
    if account.at is None:
        return True
    return sighting.rank > (account.at, account.resolved[1] or "", account.resolved[0])


def noticed(sighting: Sighting) -> bool:
    """Whether readers would see it at once."""
    account = sighting.account
    same = PLACES[sighting.place] == account.shown
    return not same and account.basis != "correction" and not account.hidden


def resolve(account: Account, at: datetime, said: Shown) -> None:
    account.at, account.resolved, account.known = at, said, True


def brake_holds(desk: Desk, loud: list[Sighting]) -> bool:
    """Whether the changes must wait for a person. First labels do not count as moves."""
    if not loud or (desk.waived_until is not None and desk.now < desk.waived_until):
        return False
    brake = desk.holding()
    moves = [(desk.now, True) for one in loud if one.account.shown[0] != "none"]
    if brake is None:
        start = minute(desk.now) - 60
        hour = [one for one in desk.moved if minute(one[0]) > start] + moves
        if len(hour) < LEAST or len(hour) <= SHARE * sum(not one.deleted for one in desk.accounts):
            desk.moved += moves
            return False
        brake = Brake({})
        desk.brakes.append(brake)
        showing.open_case(desk, "brake", None)
    for one in loud:
        before = brake.held.get(one.account)
        said = PLACES[one.place]
        if before is None or (one.at, said[1] or "") > (before[0], before[1][1] or ""):
            brake.held[one.account] = (one.at, said)
    return True


def minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def open_disagreement(desk: Desk, account: Account) -> None:
    """One that a person has looked at of late is left alone."""
    for case in desk.cases:
        rested = case.closed_at is not None and case.closed_at <= desk.now - REST
        if case.account is account and case.kind == "disagreement" and not rested:
            return
    showing.open_case(desk, "disagreement", account)


def decide_brake(desk: Desk, brake: Brake, hours: int | None) -> None:
    """Let through what is held and, for `hours`, what follows; None drops it."""
    if hours is not None:
        for account, (at, said) in brake.held.items():
            rank = (at, said[1] or "", said[0])
            if account.at is None or rank > (
                account.at,
                account.resolved[1] or "",
                account.resolved[0],
            ):
                resolve(account, at, said)
                showing.refresh(desk, account)
        desk.moved = []
        if hours:
            desk.waived_until = desk.now + timedelta(hours=hours)
    brake.state = "rejected" if hours is None else "accepted"
    brake.held = {}
    brake.moves += 1
    for case in desk.cases:
        if case.kind == "brake" and case.state != "closed":
            showing.close(desk, case)


def protect(desk: Desk, account: Account, hidden: bool) -> None:
    """The platform says that the account is one to protect, or no longer."""
    if account.hidden != hidden:
        account.hidden = hidden
        showing.refresh(desk, account)


def delete(desk: Desk, account: Account) -> None:
    """What is known of the account goes."""
    for correction in desk.of(account):
        if correction.state in ("in_force", "proposed", "scheduled"):
            correction.state, correction.unconfirmed = "lifted", False
            correction.moves += 1
    for case in desk.unanswered(account):
        case.release()
        case.state, case.closed_at = "closed", desk.now
        case.moves += 1
    for brake in desk.brakes:
        brake.held.pop(account, None)
    account.deleted, account.disputed = True, False
    account.resolved, account.shown, account.basis = NOTHING, NOTHING, "none"
    if account.version:
        account.touch()
