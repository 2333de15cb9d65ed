"""The machine finds faults: each is planted in the product, and some story must tell.

The search begins as the short profile does and ends with the first story that tells. It may go on
for longer than that profile: which values Hypothesis draws depends on the modules that are loaded
as well as on the seed, so a fault may be missed by few stories in one process and not in another.
"""

from collections.abc import Callable
from typing import Any

import pytest

from shudi.cases.actions import appeals, approval, claims, closing, looks, review
from shudi.cases.actions.batches import life, running
from shudi.cases.actions.batches.items import Target
from shudi.cases.rules.batches import Outcome
from shudi.labels.actions import corrections, lifting, restoring, seconding
from shudi.staff.actions import standing
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
    patch.setattr(standing, "end_sessions", _nothing)


def a_stale_item_is_taken(patch: Patch) -> None:
    def as_it_is(account_id: int, _: int, correction_id: int) -> Target:
        return Target(account_id, None, correction_id)

    patch.setattr(running, "Target", as_it_is)


def a_list_tried_again_is_done_twice(patch: Patch) -> None:
    patch.setattr(life, "AGAIN", frozenset(Outcome))


def the_maker_agrees_to_the_list(patch: Patch) -> None:
    patch.setattr(life, "check", _nothing)


def the_first_decider_looks_again(patch: Patch) -> None:
    for module in (claims, looks):
        patch.setattr(module, "check", _nothing)


def verdicts_always_agree(patch: Patch) -> None:
    patch.setattr(looks, "agree", lambda *_: True)


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
        a_stale_item_is_taken,
        a_list_tried_again_is_done_twice,
        the_maker_agrees_to_the_list,
        the_first_decider_looks_again,
        verdicts_always_agree,
    ],
)
def test_a_planted_fault_is_found(
    world: World, plant: Callable[[Patch], None], monkeypatch: Patch
) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        play(world, stories=ENOUGH, steps=STEPS, seed=SHORT_SEED)
