"""Decisions from before it was kept how they stand: refused with what is so, and not as if two
people had taken them.
"""

import sqlalchemy as sa

from shudi.cases.actions import reverting, undoing, values_back
from shudi.cases.queries import decisions
from shudi.cases.store import Decision
from shudi.cases.store.decisions import Standing
from shudi.errors import Refused, Stale
from tests.actions.desk import MINUTE
from tests.actions.test_submissions import decide, pending
from tests.people import ALICE, AMIR


def last(desk) -> int:
    return desk.rows(sa.select(sa.func.max(Decision.id)))[0]


def from_before(desk) -> int:
    """The last decision as the release before this one left it: no standing, no values kept."""
    decision = last(desk)

    def forget(session, now):
        session.execute(sa.delete(Standing))
        row = session.get(Decision, decision)
        kept = ("submitted", "live", "field", "rule", "submitted_at")
        row.frozen = {key: value for key, value in row.frozen.items() if key not in kept}

    desk.act(forget)
    return decision


def undo(desk, decision: int, version: int = 0) -> None:
    target = undoing.Target(decision, version)
    desk.act(undoing.undo, actor=ALICE, targets=[target], text="", settings=desk.settings)


def test_its_undoing_is_refused_with_what_is_so(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    decision = from_before(desk)
    with desk.refused(Refused, "undo-unkept"):
        undo(desk, decision)
    desk.now += 10 * MINUTE
    with desk.refused(Refused, "undo-over"):
        undo(desk, decision)


def test_nobody_is_said_to_have_agreed_to_it(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    decision = from_before(desk)
    with desk.database.read_session() as session:
        assert not decisions.decision(session, decision_id=decision).two


def test_it_is_reverted_by_another_that_can_be_undone(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    decision = from_before(desk)
    seen = reverting.Seen(decision, 0, desk.label("ann").version)
    desk.act(
        reverting.revert, actor=AMIR, targets=[seen], text="Wrong after all",
        vocabulary=desk.vocabulary, settings=desk.settings,
    )  # fmt: skip
    assert desk.place("ann")[1] == "CN-GD"
    target = undoing.Target(last(desk), desk.read(Standing, last(desk)).version)
    desk.act(undoing.undo, actor=AMIR, targets=[target], text="", settings=desk.settings)
    assert desk.place("ann")[1] == "CN"
    # it stands again, and is as little to be undone as before
    with desk.refused(Refused, "undo-unkept"):
        undo(desk, decision, desk.read(Standing, decision).version)


def test_one_on_account_information_is_not_said_to_have_moved(desk):
    case = pending(desk)
    decide(desk, "accept", case)
    decision = from_before(desk)
    with desk.refused(Refused, "values-unkept"):
        desk.act(
            values_back.revert, actor=AMIR, decision_id=decision, version=0, text="It was wrong"
        )
    with desk.refused(Refused, "undo-unkept"):
        undo(desk, decision)


def test_where_the_values_did_move_it_is_said_as_before(desk):
    """The control: the same decision with what it was about, after newer values."""
    case = pending(desk)
    decide(desk, "accept", case)
    desk.put("ann", name="Another Name", handle="ann-e", bio="Another bio")
    with desk.refused(Stale, "values-moved"):
        version = desk.read(Standing, last(desk)).version
        desk.act(
            values_back.revert, actor=AMIR, decision_id=last(desk), version=version, text="Wrong"
        )
