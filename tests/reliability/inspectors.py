"""What two admins and the worker do about one inspection at the same moment, each in a process."""

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from unittest import mock

from shudi.errors import ShudiError
from shudi.oversight import actions as acts
from shudi.oversight.actions import deciding
from shudi.oversight.store import Inspection
from shudi.staff.rules import Actor, Role
from tests.reliability.harness import Wait
from tests.reliability.work import opened

WEEK = timedelta(days=7)
# What each side does, round by round; the first of them is the approver's.
ROUNDS = (("approve", "withdraw"), ("approve", "lapse"), ("longer", "stop"))


def turn(
    wait: Wait,
    url: str,
    who: tuple[int, int],
    side: int,
    asked: bool,
    rounds: Sequence[tuple[int, datetime]],
) -> list[str]:
    """Play this side of each round, an inspection and the instant of it, both beginning together;
    `asked` False is the control: nobody asks how the inspection stands. Returns a code for each.
    """
    actor = Actor.staff(who[side], name=f"admin {side}", role=Role.ADMIN)
    codes = []
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(opened(url, "product"))
        if not asked:
            stack.enter_context(mock.patch.object(deciding, "_waiting", _believe))
        for number, (inspection_id, now) in enumerate(rounds):
            wait()
            try:
                with database.transaction() as session:
                    act = ROUNDS[number % len(ROUNDS)][side]
                    codes.append(_act(session, act, actor, inspection_id, now))
            except ShudiError as refusal:
                codes.append(refusal.code)
    return codes


def _act(session, act: str, actor: Actor, inspection_id: int, now: datetime) -> str:
    common = {"actor": actor, "inspection_id": inspection_id, "now": now}
    if act == "approve":
        acts.approve(session, version=1, **common)
    elif act == "withdraw":
        acts.withdraw(session, version=1, text="It was a mistake.", **common)
    elif act == "longer":
        acts.approve_longer(session, version=3, **common)
    elif act == "stop":
        acts.stop(session, version=3, text="They took it back.", **common)
    else:
        # the clock of the approver is a moment behind
        ended = acts.end_overdue(session, now=now + timedelta(microseconds=1))
        return "done" if ended else "none"
    return "done"


def _believe(session, _actor, _permission, inspection_id, _version, _now) -> Inspection:
    return session.get_one(Inspection, inspection_id)
