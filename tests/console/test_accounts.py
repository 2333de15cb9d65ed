"""Finding an account, reading it, opening a case."""

import pytest

from tests.console.desk import check_html, words_of
from tests.people import ALICE, AUDREY, BOB


@pytest.mark.parametrize("text", ["ann", "@ann-h", "Ann", "ANN"])
def test_search_finds_by_id_handle_and_name(desk, signed_in, text):
    browser = signed_in(ALICE)
    assert browser.get(f"/accounts?site=forum&q={text}").status_code == 200
    check_html(browser.page)
    assert f'href="/accounts/{desk.accounts["ann"]}"' in browser.page
    assert f'href="/accounts/{desk.accounts["ben"]}"' not in browser.page


@pytest.mark.parametrize("text", ["", "zzz", "%25", "_", "%00", "Guangdong", "CN-GD"])
def test_search_finds_nothing_by_pattern_or_place(desk, signed_in, text):
    browser = signed_in(ALICE)
    assert browser.get(f"/accounts?site=forum&q={text}").status_code == 200
    check_html(browser.page)
    assert 'href="/accounts/' not in browser.page.replace('href="/accounts/"', "")


def test_an_account_shows_its_label_and_takes_a_case(desk, signed_in):
    path = f"/accounts/{desk.accounts['dan']}"
    browser = signed_in(ALICE)
    assert browser.get(path).status_code == 200
    check_html(browser.page)
    assert "IP location: United Kingdom" in words_of(browser.page)
    assert "There was never a case" in browser.page
    assert browser.post(f"{path}/open-case", {"text": ""}).status_code == 422
    answer = browser.post(f"{path}/open-case", {"text": "Posts look elsewhere."})
    assert answer.status_code == 303
    assert answer.location.startswith("/cases/")
    browser.get(path)
    again = browser.post(f"{path}/open-case", {"text": "Once more."})
    assert again.location == answer.location, "the open case is joined"


def test_rights_method_and_object(desk, signed_in):
    path = f"/accounts/{desk.accounts['dan']}"
    assert signed_in(BOB).get(path).status_code == 403
    auditor = signed_in(AUDREY)
    assert auditor.get(path).status_code == 200
    form = {"csrf_token": auditor.token(), "text": "x"}
    assert auditor.post(f"{path}/open-case", form).status_code == 403
    browser = signed_in(ALICE)
    browser.get(path)
    assert browser.post("/accounts/999/open-case", {"text": "x"}).status_code == 404
    assert browser.get("/accounts/999").status_code == 404
    assert browser.get(f"{path}/open-case").status_code == 405


def test_names_are_kept_apart_from_the_page(desk, signed_in):
    from tests import factories

    with desk.database.transaction() as session:
        account = factories.make_account(
            session, site_id=desk.site, account="eve", now=desk.now, name="<b>إيف</b>", handle=None
        )
    browser = signed_in(ALICE)
    browser.get(f"/accounts/{account}")
    check_html(browser.page)
    assert "<bdi" in browser.page
    assert "<b>إيف" not in browser.page
