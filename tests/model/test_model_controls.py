"""The machine finds faults: each is planted in the product, and some story must tell.

The search begins as the short profile does and ends with the first story that tells. It may go on
for longer than that profile: which values Hypothesis draws depends on the modules that are loaded
as well as on the seed, so a fault may be missed by few stories in one process and not in another.
"""

from collections.abc import Callable
from typing import Any

import hypothesis
import pytest

from shudi.cases.actions import appeals, approval, claims, closing, review
from shudi.labels.actions import corrections, lifting, restoring, seconding
from shudi.staff.actions import people
from tests.model.machine import play
from tests.model.test_model import SHORT, SHORT_SEED, STEPS
from tests.model.world import World

Patch = pytest.MonkeyPatch
ENOUGH = 20 * SHORT


def _nothing(*_: Any, **__: Any) -> None:
    pass


def stale_labels_are_taken(patch: Patch) -> None:
    for module in (corrections, review, seconding, appeals):
        patch.setattr(module, "check_seen", _nothing)


def leases_do_not_count(patch: Patch) -> None:
    def take_over(session: Any, case: Any, active: Any, now: Any) -> None:
        claims.lapse(session, case, active, now)
        session.flush()

    patch.setattr(claims, "_take_over", take_over)


def the_decider_answers_the_contest(patch: Patch) -> None:
    patch.setattr(appeals, "_exclude", _nothing)


def the_proposer_is_the_second_person(patch: Patch) -> None:
    patch.setattr(approval, "_check", _nothing)


def an_act_leaves_no_audit_row(patch: Patch) -> None:
    patch.setattr(claims, "audit", _nothing)


def what_is_undone_stays_in_force(patch: Patch) -> None:
    patch.setattr(restoring, "undo", _nothing)


def an_answered_label_stays_disputed(patch: Patch) -> None:
    patch.setattr(closing, "touch", _nothing)


def what_expires_reverts_whatever_was_chosen(patch: Patch) -> None:
    patch.setattr(lifting, "AtExpiry", type("Both", (), {"REVERT": "requeue"}))


def another_role_ends_no_session(patch: Patch) -> None:
    patch.setattr(people, "end_sessions", _nothing)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "plant",
    [
        stale_labels_are_taken,
        leases_do_not_count,
        the_decider_answers_the_contest,
        the_proposer_is_the_second_person,
        an_act_leaves_no_audit_row,
        what_is_undone_stays_in_force,
        an_answered_label_stays_disputed,
        what_expires_reverts_whatever_was_chosen,
        another_role_ends_no_session,
    ],
)
def test_a_planted_fault_is_found(
    world: World, plant: Callable[[Patch], None], monkeypatch: Patch
) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        play(
            world,
            stories=ENOUGH,
            steps=STEPS,
            seed=SHORT_SEED,
            phases=(hypothesis.Phase.generate,),
        )
