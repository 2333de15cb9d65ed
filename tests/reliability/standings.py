"""What admins do about one another at the same moment, each in a process of their own."""

import contextlib
from collections.abc import Sequence
from unittest import mock

from shudi.errors import ShudiError
from shudi.staff.actions import disable, reset, set_role, standing
from shudi.staff.rules import Actor, Permission, Role
from shudi.staff.rules.scopes import EVERYWHERE, Scope
from tests.reliability.harness import Wait
from tests.reliability.work import NOW, opened

# What each of the two does to the other, round by round.
ACTS = (
    ("demote", "demote"),
    ("disable", "disable"),
    ("demote", "disable"),
    ("disable", "reset"),
)


def turn(
    wait: Wait, url: str, discipline: str, asked: bool, side: int, pairs: Sequence[tuple[int, int]]
) -> list[str]:
    """Act on the other of each pair, both beginning together; `asked` False is the control: the
    store is not asked whether the actor manages staff still. Returns a code for each.
    """
    codes = []
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(opened(url, discipline))
        if not asked:
            stack.enter_context(mock.patch.object(standing, "as_manager", _believe))
        for number, pair in enumerate(pairs):
            actor = Actor.staff(pair[side], name=f"admin {pair[side]}", role=Role.ADMIN)
            wait()
            try:
                with database.transaction() as session:
                    _act(session, ACTS[number % len(ACTS)][side], actor, pair[1 - side])
                codes.append("done")
            except ShudiError as refusal:
                codes.append(refusal.code)
    return codes


def _act(session, act: str, actor: Actor, staff_id: int) -> None:
    common = {"actor": actor, "staff_id": staff_id, "now": NOW}
    if act == "demote":
        set_role(session, role=Role.MODERATOR, **common)
    elif act == "disable":
        disable(session, **common)
    else:
        reset(session, **common)


def _believe(_: object, actor: Actor) -> Scope:
    actor.require(Permission.STAFF_MANAGE)
    return EVERYWHERE
