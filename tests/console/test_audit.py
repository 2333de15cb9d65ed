"""The audit log's page."""

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from shudi.audit.actions import checkpoint
from shudi.audit.codec import audit_key, checkpoints_path
from shudi.db.migrate import owner_engine
from tests.console.desk import check_html
from tests.people import ALICE, AUDREY, BOB, SAM


def test_rows_are_shown_newest_first_and_filtered(desk, signed_in):
    desk.correct(ALICE, "ann", "withhold")
    browser = signed_in(AUDREY)
    assert browser.get("/audit").status_code == 200
    check_html(browser.page)
    rows = browser.page
    assert rows.index(">Case decided</th>") < rows.index(">Case claimed</th>")
    browser.get("/audit?action=case.claimed&actor=staff%3A1&type=case&id=1")
    check_html(browser.page)
    assert ">Case claimed</th>" in browser.page
    assert ">Case decided</th>" not in browser.page
    browser.get("/audit?action=nonsense&before=x&type=y&id=%00")
    assert ">Case decided</th>" in browser.page
    browser.get("/audit?actor=nobody")
    assert "No row fits" in browser.page


def test_pages_continue(desk, signed_in):
    for _ in range(9):
        desk.claim(ALICE, "ann")
    browser = signed_in(AUDREY)
    browser.get("/audit?before=3")
    check_html(browser.page)
    assert "First page" in browser.page


def test_the_chain_is_checked_and_a_break_is_found(desk, signed_in, sqlite_store):
    browser = signed_in(AUDREY)
    browser.get("/audit")
    assert browser.post("/audit/verify").status_code == 200
    check_html(browser.page)
    assert "The chain is whole" in browser.page
    owner = sa.create_engine(sqlite_store.owner_url)
    with owner.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET actor_name = 'x' WHERE seq = 2")
    owner.dispose()
    browser.post("/audit/verify")
    assert "The chain is broken at row 2." in browser.page


def _checkpointed(desk, settings):
    with desk.database.transaction() as session:
        note = checkpoint(session, key=audit_key(settings), now=desk.now)
    checkpoints_path(settings).write_text(f"{note}\n", encoding="utf-8")


def _rewritten(url, *statements):
    owner = owner_engine(make_url(url))
    with owner.begin() as connection:
        for table, act in (
            ("audit", "delete"),
            ("audit_checkpoints", "delete"),
            ("audit_checkpoints", "update"),
        ):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{act}")
        for statement in statements:
            connection.exec_driver_sql(statement)
    owner.dispose()


def test_checkpoints_are_checked_with_the_chain(desk, signed_in, sqlite_store, app):
    settings = app.extensions["settings"]
    _checkpointed(desk, settings)
    browser = signed_in(SAM)  # an auditor's look would be the newest row
    browser.get("/audit")
    browser.post("/audit/verify")
    check_html(browser.page)
    assert "The signed checkpoints agree" in browser.page
    # the newest row and every checkpoint of the store gone: only the copy outside knows
    _rewritten(
        sqlite_store.owner_url,
        "DELETE FROM audit_checkpoints",
        "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
    )
    browser.post("/audit/verify")
    assert "The newest rows were cut off." in browser.page


def test_a_checkpoint_that_somebody_else_signed_is_found(desk, signed_in, sqlite_store, app):
    _checkpointed(desk, app.extensions["settings"])
    _rewritten(sqlite_store.owner_url, "UPDATE audit_checkpoints SET signature = '00'")
    browser = signed_in(AUDREY)
    browser.get("/audit")
    browser.post("/audit/verify")
    assert "is not ours" in browser.page


def test_rights_and_method(desk, signed_in):
    assert signed_in(ALICE).get("/audit").status_code == 403
    for who in (SAM, BOB):
        assert signed_in(who).get("/audit").status_code == 200
    browser = signed_in(ALICE)
    browser.get("/")
    assert browser.post("/audit/verify").status_code == 403
    assert signed_in(AUDREY).get("/audit/verify").status_code == 405
