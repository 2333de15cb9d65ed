"""How much a batch's pages ask of the store."""

import pytest
import sqlalchemy as sa

from shudi.cases.actions.batches import preview
from shudi.labels.store import Correction
from tests import factories
from tests.console.desk import counted, words_of
from tests.console.test_batches import made, typed
from tests.people import ALICE, AMIR, SAM


def test_pages_keep_within_eight_queries(desk, signed_in, work, many):
    alice, sam = signed_in(ALICE), signed_in(SAM)
    batch = made(alice, many, site="tea")
    sam.get(f"/batches/{batch}/approve")
    sam.post(f"/batches/{batch}/approve", {"version": "1"})
    work(turns=1)
    correction = 0
    with desk.database.read_session() as session:
        correction = session.scalars(sa.select(Correction.id)).first() or 0
    for path in (
        "/batches", "/batches/new", f"/batches/{batch}", f"/batches/{batch}?outcome=done",
        f"/batches/{batch}/progress", "/approvals", "/accounts?q=a", "/corrections",
        f"/corrections/{correction}",
    ):  # fmt: skip
        with counted(desk.database) as queries:
            assert alice.get(path).status_code == 200
        assert queries() <= 8, f"{path}: {queries()}"


@pytest.fixture
def listed(desk, locator):
    """Makes lists of accounts on a site of their own, so many more each time."""
    names: list[str] = []

    def make(count: int) -> str:
        with desk.database.transaction() as session:
            if not names:
                factories.make_site(session, now=desk.now, key="tea")
            fresh = [f"more-{at}" for at in range(len(names), count)]
            for start in range(0, len(fresh), 200):
                some = [(name, "CN-GD") for name in fresh[start : start + 200]]
                factories.see(
                    session, places=some, locator=locator, settings=desk.settings, now=desk.now,
                    site="tea",
                )  # fmt: skip
            names.extend(fresh)
        return "\n".join(names)

    return make


PREVIEW_MOST = 20  # queries, however long the list


@pytest.mark.parametrize("act", ["coarsen", "withhold", "mark_uncertain", "lift"])
def test_a_preview_asks_no_more_for_a_longer_list(desk, signed_in, listed, act):
    """As many questions for a list as long as a batch can be as for a short one."""
    alice = signed_in(ALICE)
    asked = []
    for count in (30, desk.settings.batch_most):
        names = listed(count)
        alice.get("/batches/new")
        form = typed(names, act, uid=alice.field("uid"), site="tea")
        with counted(desk.database) as queries:
            assert alice.post("/batches/preview", form).status_code == 200
        asked.append(queries())
    assert asked[0] == asked[1] <= PREVIEW_MOST


def test_the_second_persons_preview_asks_no_more_for_a_longer_list(desk, signed_in, listed):
    alice, sam = signed_in(ALICE), signed_in(SAM)
    asked = []
    for count in (25, 60):
        batch = made(alice, listed(count), site="tea")
        with counted(desk.database) as queries:
            assert sam.get(f"/batches/{batch}/approve").status_code == 200
        asked.append(queries())
    assert asked[0] == asked[1] <= PREVIEW_MOST


def test_taking_back_asks_no_more_for_a_longer_list(desk, signed_in, work, listed):
    """What a list imposed, and what another ended: reverted, undone."""
    amir, sam = signed_in(AMIR), signed_in(SAM)
    asked: dict[int, list[int]] = {4: [], 16: []}
    for count, found in asked.items():
        for act in ("coarsen", "lift"):
            batch = made(amir if act == "coarsen" else sam, listed(count), act, site="tea")
            work()
            for how in ("undo", "revert"):
                with counted(desk.database) as queries:
                    answer = sam.get(f"/batches/{batch}/back?act={how}")
                assert answer.status_code == 200
                assert f"{count} accounts change" in words_of(sam.page)
                found.append(queries())
    assert asked[4] == asked[16]
    assert max(asked[4]) <= PREVIEW_MOST


def test_without_reading_ahead_each_account_asks(desk, signed_in, listed, monkeypatch):
    """The control."""
    alice = signed_in(ALICE)
    monkeypatch.setattr(preview, "read_ahead", lambda *_: [])
    alice.get("/batches/new")
    form = typed(listed(30), uid=alice.field("uid"), site="tea")
    with counted(desk.database) as queries:
        alice.post("/batches/preview", form)
    assert queries() > 30 * 4
