"""Making a batch at the desk: listed, previewed, run; agreed to, tried again, taken back."""

import io
import re

import sqlalchemy as sa

from shudi.accounts.store import Account
from shudi.cases.queries import batches
from shudi.cases.rules.batches import Outcome
from shudi.staff.store import OwnAccount
from tests import factories
from tests.console.desk import check_html, words_of
from tests.people import ALICE, AMIR, AUDREY, BOB, SAM, SONJA

TEXT = "The carrier routes them elsewhere: ticket 4711."


def typed(accounts: str, act: str = "coarsen", **changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "site": "forum", "act": act, "reason": "carrier_egress", "text": TEXT, "days": "30",
        "at_expiry": "requeue", "accounts": accounts,
    }  # fmt: skip
    return values | changes


def made(browser, accounts: str, act: str = "coarsen", **changes: object) -> int:
    """A batch by way of its preview, as the page sends it on."""
    browser.get("/batches/new")
    uid = browser.field("uid")
    answer = browser.post("/batches/preview", typed(accounts, act, uid=uid, **changes))
    assert answer.status_code == 200, words_of(browser.page)[-600:]
    check_html(browser.page)
    answer = browser.post("/batches", typed(kept(browser), act, uid=uid, **changes))
    assert answer.status_code == 303
    return int(answer.location.rsplit("/", 1)[1])


def kept(browser) -> str:
    """The list as the preview sends it on."""
    return browser.field("accounts")


def outcomes(desk, batch: int) -> list[str]:
    with desk.database.read_session() as session:
        rows, _ = batches.items(session, batch_id=batch)
    return [f"{row.outcome}:{row.code}" for row in rows]


# -- listed, previewed, run -----------------------------------------------------------------------


def test_a_list_is_previewed_made_and_run(desk, signed_in, work):
    alice = signed_in(ALICE)
    check_html(alice.get("/batches/new").get_data(as_text=True))
    uid = alice.field("uid")
    alice.post("/batches/preview", typed("ann\nben\ncat\nnobody", uid=uid))
    words = words_of(alice.page)
    for said in (
        "2 accounts change",
        "2 accounts stay as they are",
        "There is no wider place to show",
        "There is no such account",
        "It runs at once",
    ):
        assert said in words, said
    assert desk.label("ann")[1] == "CN-GD"
    assert kept(alice) == "account,version\nann,1\nben,1\ncat,1\nnobody,\n"
    answer = alice.post("/batches", typed(kept(alice), uid=uid))
    page = alice.get(answer.location).get_data(as_text=True)
    check_html(page)
    assert '<progress class="bar" max="4" value="0"' in page
    assert alice.get(f"{answer.location}/progress").json == {
        "state": "running", "worked": 0, "total": 4, "words": "0 of 4 accounts",
    }  # fmt: skip
    work()
    batch = int(answer.location.rsplit("/", 1)[1])
    assert outcomes(desk, batch) == [
        "done:", "done:", "nothing_to_do:nothing-coarser", "refused:account-unknown",
    ]  # fmt: skip
    page = alice.get(answer.location).get_data(as_text=True)
    check_html(page)
    assert "4 of 4 accounts" in words_of(page)
    only = words_of(alice.get(f"{answer.location}?outcome=refused").get_data(as_text=True))
    assert "nobody" in only
    assert "@ann-handle" not in only
    [one, *_] = re.findall(r"/corrections/\d+", page)
    assert f"Batch {batch}" in words_of(alice.get(one).get_data(as_text=True))


def test_the_form_sent_twice_makes_one(desk, signed_in):
    alice = signed_in(ALICE)
    alice.get("/batches/new")
    form = typed("ann", uid=alice.field("uid"))
    first = alice.post("/batches", form)
    alice.get("/batches/new")
    second = alice.post("/batches", form)
    assert first.location == second.location


def test_a_file_with_a_header_counts_like_a_pasted_list(desk, signed_in):
    alice = signed_in(ALICE)
    alice.get("/batches/new")
    file = (io.BytesIO("\ufeffname,account,version\r\nx,ann,1\r\ny,ben,7\r\n".encode()), "l.csv")
    form = typed("", uid=alice.field("uid"), file=file)
    assert alice.post("/batches/preview", form).status_code == 200
    assert "Listed as version 7, now version 1." in words_of(alice.page)
    assert kept(alice) == "account,version\nann,1\nben,7\n"


def test_nothing_that_was_typed_is_lost(desk, signed_in):
    alice = signed_in(ALICE)
    alice.get("/batches/new")
    uid = alice.field("uid")
    for fault, said in (
        ({"accounts": "ann\nben,x\n\n<b>,1,2"}, "2 lines need another look"),
        ({"reason": ""}, "Choose or write a reason."),
        ({"act": ""}, "Choose what is to be done."),
        ({"text": " "}, "Choose or write a reason."),
        ({"site": "elsewhere"}, "There is no such site."),
        ({"accounts": ""}, "List at least one account."),
        ({"act": "replace"}, "Choose what is to be done."),
        ({"act": "revert"}, "Choose what is to be done."),
        ({"file": (io.BytesIO(b"\xff\xfe\x00"), "l.csv")}, "no UTF-8 text"),
    ):
        form = typed("ann\nben", "withhold", uid=uid, days="180") | fault
        for path in ("/batches/preview", "/batches"):
            if "file" in fault:
                form["file"] = (io.BytesIO(b"\xff\xfe\x00"), "l.csv")
            assert alice.post(path, form).status_code == 422, fault
            check_html(alice.page)
            assert said in words_of(alice.page), fault
            assert alice.field("uid") == uid
            if "text" not in fault:
                assert TEXT in alice.page
            assert '<option value="180" selected>' in alice.page
    assert "&lt;b&gt;,1,2" in alice.post("/batches", typed("<b>,1,2")).get_data(as_text=True)


def test_a_preview_can_be_changed(desk, signed_in):
    alice = signed_in(ALICE)
    alice.get("/batches/new")
    alice.post("/batches/preview", typed("ann\nben", "lift", uid=alice.field("uid")))
    alice.post("/batches/new", typed(kept(alice), "lift"))
    check_html(alice.page)
    assert "ann,1\nben,1" in alice.page
    assert TEXT in alice.page


def test_accounts_that_were_ticked_elsewhere(desk, signed_in):
    alice = signed_in(ALICE)
    page = alice.get("/accounts?site=forum&q=a").get_data(as_text=True)
    check_html(page)
    assert f'name="pick" value="{desk.accounts["ann"]}:1"' in page
    alice.post("/batches/new", {"pick": [f"{desk.accounts['ann']}:1", f"{desk.accounts['ben']}:"]})
    check_html(alice.page)
    assert "account,version\nann,1\nben,\n" in alice.page
    assert "Tick the accounts first" in alice.post("/batches/new", {}).get_data(as_text=True)
    with desk.database.transaction() as session:
        other = factories.make_site(session, now=desk.now, key="other")
        far = factories.make_account(session, site_id=other, account="far", now=desk.now)
    picks = [f"{desk.accounts['ann']}:1", f"{far}:", "x", "9:9"]
    alice.post("/batches/new", {"pick": picks})
    assert "1 account of another was left out" in words_of(alice.page)
    assert "far" not in alice.page
    desk.correct(AMIR, "ben", "coarsen")
    page = alice.get("/corrections").get_data(as_text=True)
    check_html(page)
    assert f'name="pick" value="{desk.accounts["ben"]}:2"' in page


def test_a_list_may_be_long_and_only_here(desk, signed_in):
    alice = signed_in(ALICE)
    alice.get("/batches/new")
    uid = alice.field("uid")
    long = "\n".join(f"{at:0>128}" for at in range(900))
    form = typed(long, uid=uid)
    assert alice.post("/batches/preview", form).status_code == 200
    assert "900 accounts stay" in words_of(alice.page)
    assert alice.post("/batches/preview", typed(long * 8, uid=uid)).status_code == 413
    too_many = "\n".join(f"a{at}" for at in range(1001))
    assert alice.post("/batches/preview", typed(too_many, uid=uid)).status_code == 422
    assert "Split the list" in words_of(alice.page)
    audrey = signed_in(AUDREY)
    audrey.get("/batches")
    assert audrey.post("/batches/preview", form).status_code == 413


# -- who may what ---------------------------------------------------------------------------------


def test_an_account_of_ones_own_is_left_alone(desk, signed_in, work):
    with desk.database.transaction() as session:
        own = OwnAccount(
            staff_id=ALICE.staff_id, account_id=desk.accounts["ann"], declared_at=desk.now
        )
        session.add(own)
    alice = signed_in(ALICE)
    batch = made(alice, "ann\nben")
    work()
    assert outcomes(desk, batch) == ["refused:own-account", "done:"]


def test_who_reads_and_who_acts(desk, signed_in):
    batch = made(signed_in(ALICE), "ann")
    audrey = signed_in(AUDREY)
    page = audrey.get(f"/batches/{batch}").get_data(as_text=True)
    assert "What you can do" not in page
    assert "New batch" not in audrey.get("/batches").get_data(as_text=True)
    assert audrey.get("/batches/new").status_code == 403
    assert signed_in(BOB).get("/batches").status_code == 403
    assert audrey.get("/batches/99").status_code == 404
    amir = signed_in(AMIR)
    amir.get(f"/batches/{batch}")
    assert f"/batches/{batch}/cancel" not in amir.page
    assert amir.post(f"/batches/{batch}/cancel", {"version": "1"}).status_code == 403


def test_a_long_list_waits_for_a_senior(desk, signed_in, work, many):
    alice, sam = signed_in(ALICE), signed_in(SAM)
    batch = made(alice, many, site="tea")
    work()
    assert desk.label("ann")[1] == "CN-GD"
    assert "It waits for a senior" in alice.get(f"/batches/{batch}").get_data(as_text=True)
    assert alice.get(f"/batches/{batch}/approve").status_code == 403
    assert f"/batches/{batch}" in sam.get("/approvals").get_data(as_text=True)
    page = sam.get(f"/batches/{batch}/approve").get_data(as_text=True)
    check_html(page)
    assert "21 accounts change" in words_of(page)
    assert sam.post(f"/batches/{batch}/refuse", {"version": "1", "text": ""}).status_code == 422
    assert sam.post(f"/batches/{batch}/approve", {"version": "9"}).status_code == 409
    assert sam.post(f"/batches/{batch}/approve", {"version": "1"}).status_code == 303
    work()
    assert set(outcomes(desk, batch)) == {"done:"}
    assert "Approved by" in alice.get(f"/batches/{batch}").get_data(as_text=True)
    # decided: the page for it is gone, and says so
    assert sam.get(f"/batches/{batch}/approve").status_code == 409


def test_a_senior_with_an_account_on_the_list_is_not_asked(desk, signed_in, many):
    batch = made(signed_in(ALICE), many, site="tea")
    sam, sonja = signed_in(SAM), signed_in(SONJA)
    with desk.database.transaction() as session:
        own = session.scalars(sa.select(Account.id).where(Account.account == "more-3")).one()
        row = OwnAccount(staff_id=SAM.staff_id, account_id=own, declared_at=desk.now)
        session.add(row)
    link = f"/batches/{batch}/approve"
    assert link not in sam.get(f"/batches/{batch}").get_data(as_text=True)
    assert sam.get(link).status_code == 409
    assert sam.post(link, {"version": "1"}).status_code == 403
    assert link in sonja.get(f"/batches/{batch}").get_data(as_text=True)
    assert sonja.get(link).status_code == 200


def test_a_senior_refuses_with_words(desk, signed_in, work, many):
    batch = made(signed_in(SONJA), many, site="tea")
    sam = signed_in(SAM)
    sam.get(f"/batches/{batch}/approve")
    form = {"version": "1", "text": "Ask the carrier first"}
    assert sam.post(f"/batches/{batch}/refuse", form).status_code == 303
    work()
    page = signed_in(SONJA).get(f"/batches/{batch}").get_data(as_text=True)
    assert "Ask the carrier first" in page
    assert set(outcomes(desk, batch)) == {"waiting:"}


# -- stopped, again, back -------------------------------------------------------------------------


def test_cancelled_and_tried_again(desk, signed_in, work):
    alice = signed_in(ALICE)
    batch = made(alice, "ann\nben")
    work(limit=1, turns=1)
    alice.get(f"/batches/{batch}")
    assert alice.post(f"/batches/{batch}/cancel", {"version": "1"}).status_code == 303
    work()
    assert outcomes(desk, batch) == ["done:", "waiting:"]
    page = alice.get(f"/batches/{batch}/again").get_data(as_text=True)
    check_html(page)
    assert alice.field("seen") == "2:1"
    form = {"version": "2", "seen": "2:1"}
    assert alice.post(f"/batches/{batch}/again", form | {"version": "1"}).status_code == 409
    assert alice.post(f"/batches/{batch}/again", form).status_code == 303
    work()
    assert outcomes(desk, batch) == ["done:", "done:"]
    assert alice.get(f"/batches/{batch}/again").status_code == 409


def test_what_moved_says_both_labels_each_time(desk, signed_in, work, many, move):
    """The one that was seen and the one now, on the batch's page and before trying again."""
    alice = signed_in(ALICE)
    batch = made(alice, "more-1\nmore-2", site="tea")
    move("more-1", "CN-ZJ")
    work()
    assert outcomes(desk, batch) == ["stale:label-moved", "done:"]
    version = 1
    for before, now in (("Guangdong", "Zhejiang"), ("Zhejiang", "Guangdong")):
        both = f"Seen as {before} (version {version}), now version {version + 1}."
        page = alice.get(f"/batches/{batch}?outcome=stale").get_data(as_text=True)
        check_html(page)
        assert both in words_of(page)
        assert words_of(page).count(now) == 1
        page = alice.get(f"/batches/{batch}/again").get_data(as_text=True)
        check_html(page)
        assert both in words_of(page)
        form = {"version": alice.field("version"), "seen": alice.field("seen")}
        assert alice.post(f"/batches/{batch}/again", form).status_code == 303
        if now == "Zhejiang":
            move("more-1", "CN-GD")
        work()
        version += 1
    assert outcomes(desk, batch) == ["done:", "done:"]
    assert "Seen as" not in words_of(alice.get(f"/batches/{batch}").get_data(as_text=True))


def test_undone_within_ten_minutes(desk, signed_in, work, time):
    alice = signed_in(ALICE)
    batch = made(alice, "ann\nben")
    work()
    page = alice.get(f"/batches/{batch}/back?act=undo").get_data(as_text=True)
    check_html(page)
    assert "2 accounts change" in words_of(page)
    form = {"version": "2", "act": "undo", "uid": alice.field("uid"), "seen": alice.field("seen")}
    answer = alice.post(f"/batches/{batch}/back", form)
    assert answer.status_code == 303
    work()
    assert [desk.label(name)[:2] for name in ("ann", "ben")] == [
        ("labelled", "CN-GD"), ("labelled", "CN-ZJ"),
    ]  # fmt: skip
    page = alice.get(f"/batches/{batch}").get_data(as_text=True)
    assert "It was undone: 2 of 2 accounts." in words_of(page)
    other = made(signed_in(AMIR), "ann")
    work()
    time.turn(minutes=11)
    amir = signed_in(AMIR)
    assert "act=undo" not in amir.get(f"/batches/{other}").get_data(as_text=True)
    assert amir.get(f"/batches/{other}/back?act=undo").status_code == 409


def test_reverted_by_another_batch(desk, signed_in, work):
    batch = made(signed_in(ALICE), "ann\nben", "withhold")
    work()
    sam = signed_in(SAM)
    page = sam.get(f"/batches/{batch}/back?act=revert").get_data(as_text=True)
    check_html(page)
    form = {"version": "2", "act": "revert", "uid": sam.field("uid"), "seen": sam.field("seen")}
    assert sam.post(f"/batches/{batch}/back", form).status_code == 422  # why?
    check_html(sam.page)
    answer = sam.post(f"/batches/{batch}/back", form | {"text": "The ticket was wrong"})
    assert answer.status_code == 303
    work()
    assert desk.label("ann")[:2] == ("labelled", "CN-GD")
    page = sam.get(answer.location).get_data(as_text=True)
    check_html(page)
    assert f"/batches/{batch}" in page
    assert sam.get(f"/batches/{batch}/back?act=coarsen").status_code == 409


# -- the pages ------------------------------------------------------------------------------------


def test_no_list_is_by_place(desk, signed_in, work):
    batch = made(signed_in(ALICE), "ann\nben\ncat")
    work()
    alice = signed_in(ALICE)
    first = alice.get(f"/batches/{batch}").get_data(as_text=True)
    assert alice.get(f"/batches/{batch}?region=CN").get_data(as_text=True).count("data-row") == (
        first.count("data-row")
    )


def test_a_page_goes_on_after_a_hundred(desk, signed_in, time):
    alice = signed_in(ALICE)
    batch = made(alice, "\n".join(["ann", *[f"x{at}" for at in range(150)]]))
    page = alice.get(f"/batches/{batch}").get_data(as_text=True)
    assert page.count("data-row") == 100
    assert "after=100" in page
    assert alice.get(f"/batches/{batch}?after=100").get_data(as_text=True).count("data-row") == 51
    with desk.database.read_session() as session:
        rows, following = batches.items(session, batch_id=batch, outcome=Outcome.DONE)
        assert session.get(Account, desk.accounts["ann"]) is not None
    assert (rows, following) == ([], None)
