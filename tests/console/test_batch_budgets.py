"""How much a batch's pages ask of the store."""

import sqlalchemy as sa

from shudi.labels.store import Correction
from tests.console.desk import counted
from tests.console.test_batches import made, typed
from tests.people import ALICE, SAM


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


def test_a_preview_asks_a_few_questions_an_account(desk, signed_in, work, many):
    """What the act asks, and no more: at most twelve for the page and seven an account."""
    alice, sam = signed_in(ALICE), signed_in(SAM)
    alice.get("/batches/new")
    form = typed(many, uid=alice.field("uid"), site="tea")
    accounts = desk.settings.batch_second + 1
    with counted(desk.database) as queries:
        assert alice.post("/batches/preview", form).status_code == 200
    assert queries() <= 12 + 7 * accounts
    batch = made(alice, many, site="tea")
    with counted(desk.database) as queries:
        sam.get(f"/batches/{batch}/approve")
    assert queries() <= 12 + 7 * accounts
    sam.post(f"/batches/{batch}/approve", {"version": "1"})
    work()
    with counted(desk.database) as queries:
        assert sam.get(f"/batches/{batch}/back?act=revert").status_code == 200
    assert queries() <= 12 + 7 * accounts
