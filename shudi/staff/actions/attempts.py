"""Counting attempts, before they are judged, in the store that all workers share."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import Refused
from shudi.staff.actions.door import Door
from shudi.staff.codec.keyring import IPAddress, Keyring, token_hash
from shudi.staff.store import Attempts

_BUCKET = 60  # seconds
_KEPT = timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts in any `minutes`."""

    most: int
    minutes: int


PASSWORD = (Limit(10, 5),)
SECOND_FACTOR = (Limit(5, 5), Limit(20, 60), Limit(50, 24 * 60))
LINK = (Limit(10, 5),)
OFFERS = (Limit(60, 5),)  # challenges for devices, trips to single sign-on
OVERALL = (Limit(1000, 5),)  # of all accounts and clients together


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """What is limited. `keys` are pseudonyms of one subject, the present one first."""

    keys: Sequence[str]
    limits: tuple[Limit, ...]


def by_name(keyring: Keyring, kind: str, name: str, limits: tuple[Limit, ...]) -> Subject:
    """Attempts on one account name or id, whether it exists or not."""
    return Subject([keyring.mark(f"attempts/{kind}", name.casefold())], limits)


def by_client(
    keyring: Keyring,
    client: IPAddress | None,
    now: datetime,
    limits: tuple[Limit, ...],
    kind: str = "",
) -> Subject:
    """Attempts from one address block, of one kind if it is counted apart. Yesterday's pseudonym
    counts too: midnight forgives none.
    """
    today = now.date()
    blocks = keyring.pseudonyms(client, [today, today - timedelta(days=1)])
    return Subject(
        [keyring.mark(f"attempts/{kind}", one) if kind else one for one in blocks], limits
    )


def at_password(door: Door, name: str, *, known: bool) -> list[Subject]:
    """What one attempt at a password is counted for; `known`: in a browser of that person's.

    There nothing counts that others do: neither to their account, nor from their block, nor
    everywhere.
    """
    if known:
        return [_by_device(door, "password", name, PASSWORD)]
    return [
        by_name(door.keyring, "password", name, PASSWORD),
        by_client(door.keyring, door.client, door.now, PASSWORD),
        overall(door),
    ]


def at_factor(door: Door, staff_id: int, *, known: bool) -> list[Subject]:
    """What one attempt at this person's second factor is counted for."""
    if known:
        return [_by_device(door, "code", str(staff_id), SECOND_FACTOR)]
    return [
        by_name(door.keyring, "code", str(staff_id), SECOND_FACTOR),
        by_client(door.keyring, door.client, door.now, PASSWORD),
        overall(door),
    ]


def at_passkey(door: Door) -> list[Subject]:
    """What one attempt at signing in by a passkey alone is counted for: it names no account."""
    return [by_client(door.keyring, door.client, door.now, PASSWORD), overall(door)]


def at_return(door: Door) -> list[Subject]:
    """What coming back from single sign-on is counted for: nothing is guessed here, and a whole
    office may share an address.
    """
    return [by_client(door.keyring, door.client, door.now, OFFERS, "return"), overall(door)]


def at_offer(door: Door) -> list[Subject]:
    """What one challenge for a device is counted for."""
    return [by_client(door.keyring, door.client, door.now, OFFERS, "offer"), overall(door)]


def overall(door: Door) -> Subject:
    """Attempts of everybody at everything."""
    return Subject([door.keyring.mark("attempts", "overall")], OVERALL)


def _by_device(door: Door, kind: str, name: str, limits: tuple[Limit, ...]) -> Subject:
    return by_name(door.keyring, f"{kind}/device", f"{token_hash(door.device)} {name}", limits)


def spend(session: Session, *, subjects: Sequence[Subject], now: datetime) -> None:
    """Count one attempt for each of `subjects`; to be committed before anything is checked.

    Refused `too-many-attempts` with `retry_after` (seconds) if any limit is reached; then
    nothing is counted. Whole minutes are counted, so no window of any phase holds more.
    """
    minute = int(now.timestamp()) // _BUCKET
    waits = [
        _wait(session, subject.keys, limit, minute)
        for subject in subjects
        for limit in subject.limits
    ]
    if any(waits):
        raise Refused("too-many-attempts", "Too many attempts.", retry_after=max(waits))
    for subject in subjects:
        _count(session, subject.keys[0], minute)


def forget(session: Session, *, now: datetime) -> int:
    """Delete counts that no limit looks at any more; returns how many."""
    oldest = int((now - _KEPT).timestamp()) // _BUCKET
    gone = session.execute(sa.delete(Attempts).where(Attempts.window < oldest))
    return int(getattr(gone, "rowcount", 0))


def _wait(session: Session, keys: Sequence[str], limit: Limit, minute: int) -> int:
    rows = session.execute(
        sa.select(Attempts.window, Attempts.count.label("spent"))
        .where(Attempts.key.in_(keys), Attempts.window >= minute - limit.minutes)
        .order_by(Attempts.window)
    ).all()
    over = sum(row.spent for row in rows) - limit.most
    for row in rows:
        if over < 0:
            break
        over -= row.spent
        if over < 0:
            return int(row.window + limit.minutes + 1 - minute) * _BUCKET
    return 0


def _count(session: Session, key: str, minute: int) -> None:
    counted = session.execute(
        sa.update(Attempts)
        .where(Attempts.key == key, Attempts.window == minute)
        .values(count=Attempts.count + 1)
        .returning(Attempts.count)
    ).first()
    if counted is None:
        session.execute(sa.insert(Attempts), {"key": key, "window": minute, "count": 1})
