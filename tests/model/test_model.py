"""The case life against a plain model of it: 0 divergences, 0 server errors, on both databases.

Each story starts with a fresh copy of a small desk and goes on for fifty steps through the same
doors as people and programs; after each step the model and the product must agree on everything
(`comparison`). The seeds are written here, so that a run can be had again.
"""

import pytest

from tests.model.machine import DEEDS, REFUSABLE, play
from tests.model.playing.story import Counts
from tests.model.world import World

STEPS = 50
SHORT, SHORT_SEED = 14, 2026
# Stories by dialect, and the seeds that each play so many.
LONG = {"sqlite": (100, range(1, 21)), "postgresql": (50, range(101, 107))}


def test_the_desk_does_what_the_model_says(world: World) -> None:
    counts = play(world, stories=SHORT, steps=STEPS, seed=SHORT_SEED)
    # the machine repeats none of its stories, and gives up none of them half-way
    assert counts.stories >= SHORT
    assert sum(counts.steps.values()) > SHORT * STEPS / 2
    check_all_was_played(counts, of=("claim", "correct", "approve", "undo", "revert", "contest"))
    check_all_was_played(counts, of=("batch", "batch_approve", "batch_work", "batch_revert"))


@pytest.mark.long
@pytest.mark.timeout(3 * 3600)
def test_the_desk_does_what_the_model_says_at_length(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    (stories, seeds), played = LONG[world.dialect], Counts()
    for seed in seeds:
        counts = play(world, stories=stories, steps=STEPS, seed=seed)
        played.steps.update(counts.steps)
        played.stories += counts.stories
        with capsys.disabled():
            print(f"\n{world.dialect}, seed {seed}: {counts.told()}", flush=True)
    check_all_was_played(played, of=DEEDS)
    for name in REFUSABLE:
        assert played.of(name) > played.of(name, "done") + played.of(name, "asked"), name


def check_all_was_played(counts: Counts, *, of: tuple[str, ...]) -> None:
    """No divergence says something only where the deeds were done."""
    missing = [name for name in of if not counts.of(name, "done")]
    assert not missing, f"never done: {missing}\n{counts.told()}"
