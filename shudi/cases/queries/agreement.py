"""How far two people agree who decide the same case without knowing of each other."""

import dataclasses
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.rules.decisions import Settled
from shudi.cases.store.decisions import SecondLook


@dataclasses.dataclass(frozen=True, slots=True)
class Agreement:
    """Second looks of a window: given, alike, and of the others how a senior settled them."""

    looked: int = 0
    agreed: int = 0
    first_right: int = 0
    second_right: int = 0
    unsettled: int = 0

    @property
    def share(self) -> float | None:
        """Of those given, how many agree (0 to 1); None before there is any."""
        return self.agreed / self.looked if self.looked else None


def agreement(session: Session, *, now: datetime, days: int = 28) -> Agreement:
    """Second verdicts of the last `days` days. Nobody's name or number is in it."""
    alike = sa.func.count().filter(SecondLook.agreed.is_(True))
    first = sa.func.count().filter(SecondLook.settled == Settled.FIRST)
    second = sa.func.count().filter(SecondLook.settled == Settled.SECOND)
    row = session.execute(
        sa.select(sa.func.count(), alike, first, second).where(
            SecondLook.looked_at > now - timedelta(days=days)
        )
    ).one()
    looked, agreed, first_right, second_right = (int(one) for one in row)
    unsettled = looked - agreed - first_right - second_right
    return Agreement(looked, agreed, first_right, second_right, unsettled)


def agreement_by_day(
    session: Session, *, now: datetime, days: int = 28
) -> dict[str, tuple[int, int]]:
    """UTC day: (given, alike), for a picture; days without any are left out."""
    found: dict[str, tuple[int, int]] = {}
    rows = session.execute(
        sa.select(SecondLook.looked_at, SecondLook.agreed)
        .where(SecondLook.looked_at > now - timedelta(days=days))
        .order_by(SecondLook.looked_at)
    )
    for at, agreed in rows:
        day = at.date().isoformat() if at else ""
        given, alike = found.get(day, (0, 0))
        found[day] = (given + 1, alike + bool(agreed))
    return found
