"""A deployment that chooses country labels keeps no finer one."""

from shudi.audit.queries import verify
from shudi.labels.actions.granularity import coarsen
from shudi.staff.rules import Actor

WORKER = Actor.system("worker")


def widen(desk, granularity="country", **more):
    return desk.act(
        coarsen, actor=WORKER, vocabulary=desk.vocabulary, granularity=granularity, **more
    )


def test_what_is_stored_becomes_as_coarse_as_the_setting(desk):
    desk.see(("ann", "CN-GD"), ("bo", "US"), ("cy", "CN-ZJ"))
    case = desk.open_case("cy")
    desk.claim(case)
    desk.approve(desk.correct("cy", "replace", "CN-BJ").id)
    before = {name: desk.label(name).version for name in ("ann", "bo", "cy")}
    with desk.logged(labels__coarsened=1):
        assert widen(desk) == 2
    assert desk.labels() == {"ann": "CN", "bo": "US", "cy": "CN"}
    assert desk.label("cy").corrected
    after = {name: desk.label(name).version - before[name] for name in before}
    assert after == {"ann": 1, "bo": 0, "cy": 1}
    assert widen(desk) == 0


def test_it_goes_on_in_small_batches(desk):
    desk.see(("ann", "CN-GD"), ("bo", "CN-ZJ"), ("cy", "CN-BJ"))
    assert [widen(desk, limit=2) for _ in range(3)] == [2, 1, 0]
    assert set(desk.labels().values()) == {"CN"}


def test_the_default_granularity_changes_nothing(desk):
    desk.see(("ann", "CN-GD"))
    assert widen(desk, "subdivision") == 0
    assert desk.labels() == {"ann": "CN-GD"}
    with desk.database.read_session() as session:
        assert verify(session).ok
