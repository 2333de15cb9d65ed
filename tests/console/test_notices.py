"""The pages about notices: what was told, receivers with their secrets, words with a preview."""

import re

import pytest
import sqlalchemy as sa

from console import notice_words
from shudi.outbox.actions import attempted, lease, put
from shudi.outbox.queries import ROWS
from shudi.outbox.rules import RETRIES, WORDED, Channel, Topic
from shudi.outbox.store import Message, MessageState
from shudi.sites.store import SiteReceiver, SiteWording
from tests.console.desk import check_html, counted, hidden, words_of
from tests.people import ALICE, AUDREY, BOB, CHARLIE, SAM


def told(desk, count: int = 1, topic: Topic = Topic.CASE_DECIDED, **payload) -> list[int]:
    """Notices that wait; their ids."""
    with desk.database.transaction() as session:
        for _ in range(count):
            put(session, topic=topic, site_id=desk.site, payload=payload, now=desk.now)
    with desk.database.read_session() as session:
        return list(session.scalars(sa.select(Message.id).order_by(Message.id)))[-count:]


def try_it(desk, message_id: int, *errors: str) -> None:
    """Attempts that came to this."""
    for error in errors:
        with desk.database.transaction() as session:
            message = session.get_one(Message, message_id)
            leased = lease(session, message_id=message_id, now=message.next_at)
            assert leased is not None
            attempted(session, leased=leased, error=error, share=0, now=message.next_at)


def test_every_member_has_words():
    assert set(notice_words.TOPIC) == set(Topic)
    assert set(notice_words.CHANNEL) == set(notice_words.READER) == set(Channel)
    assert set(notice_words.STATE) == set(MessageState)


def test_the_list_filters_and_goes_on_without_more_queries(desk, signed_in):
    browser = signed_in(SAM)
    browser.get("/notices")
    check_html(browser.page)
    ids = told(desk, 2 * ROWS + 5, case=1)
    told(desk, topic=Topic.BRAKE_TRIPPED, case=2)
    try_it(desk, ids[0], "gone")
    browser.get("/notices?state=failed&topic=case.decided&channel=webhook&site=forum&before=zz")
    check_html(browser.page)
    assert "The receiver says that it is gone for good" in browser.page
    assert browser.page.count("data-row") == 1
    path, seen = "/notices?topic=case.decided", 0
    while path:
        with counted(desk.database) as count:
            browser.get(path)
        assert count() <= 8
        seen += browser.page.count("data-row")
        following = re.search(r'rel="next" href="([^"]+)"', browser.page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert seen == len(ids)
    browser.get("/notices?state=nonsense&site=nowhere&channel=pigeon")
    assert browser.page.count("data-row") == ROWS


def test_a_notice_shows_its_attempts_and_is_replayed_under_its_id(desk, signed_in):
    [at] = told(desk, account="ann", case=7)
    try_it(desk, at, *["timeout"] * (len(RETRIES) + 1))
    senior = signed_in(SAM)
    assert senior.get(f"/notices/{at}").status_code == 200
    check_html(senior.page)
    assert senior.page.count("No answer in time") == len(RETRIES) + 2
    assert "ann" in words_of(senior.page)
    assert "Send again" not in senior.page
    assert senior.post(f"/notices/{at}/retry").status_code == 403
    admin = signed_in(BOB)
    admin.get(f"/notices/{at}")
    check_html(admin.page)
    assert "ann" not in words_of(admin.page).split()  # an admin does not see accounts
    assert admin.post(f"/notices/{at}/retry").status_code == 303
    admin.get(f"/notices/{at}")
    assert "Try now" in admin.page
    with desk.database.transaction() as session:
        lease(session, message_id=at, now=desk.now)
    admin.get(f"/notices/{at}")
    assert "Being sent" in admin.page
    assert "Try now" not in admin.page
    assert admin.post(f"/notices/{at}/retry").status_code in (403, 422)
    admin.get("/audit?action=notice.replayed")
    assert f"Notice {at}" in admin.page


def test_notices_given_up_are_counted_on_the_systems_page(desk, signed_in):
    first, *_ = told(desk, 2)
    try_it(desk, first, "gone")
    browser = signed_in(BOB)
    browser.get("/system")
    check_html(browser.page)
    assert '<a href="/notices?state=failed">1</a>' in browser.page
    browser.get("/notices")
    assert "1 notice was given up" in browser.page


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/notices", (SAM, AUDREY, BOB)),
        ("/receivers", (BOB,)),
        ("/receivers/{site}", (BOB,)),
        ("/notice-wordings", (BOB,)),
    ],
)
def test_rights(desk, signed_in, path, allowed):
    for who in (ALICE, SAM, AUDREY, BOB, CHARLIE):
        answer = signed_in(who).get(path.format(site=desk.site))
        assert answer.status_code == (200 if who in allowed else 403)


def test_a_secret_is_shown_once_and_kept_sealed(desk, signed_in):
    browser = signed_in(BOB)
    path = f"/receivers/{desk.site}"
    browser.get(path)
    check_html(browser.page)
    form = hidden(browser, "version") | {"url": "https://platform.example/hook"}
    assert browser.post(path, form).status_code == 303
    browser.get(path)
    check_html(browser.page)
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", browser.page.replace("&#43;", "+"))
    assert secret is not None
    browser.get(path)
    assert "whsec_" not in browser.page
    assert browser.field("url") == "https://platform.example/hook"
    assert browser.post(path, form).status_code == 409
    browser.get(path)
    assert browser.post(f"{path}/rotate", hidden(browser, "version")).status_code == 303
    browser.get(path)
    assert "whsec_" in browser.page
    assert "Two secrets sign just now" in browser.page
    with desk.database.read_session() as session:
        row = session.get_one(SiteReceiver, desk.site)
    assert "whsec_" not in row.sealed + row.sealed_before
    browser.get("/receivers")
    check_html(browser.page)
    assert "platform.example" in browser.page


@pytest.mark.parametrize(
    "url", ["http://platform.example/", "https://127.0.0.1/", "x", "https://a@b/"]
)
def test_what_is_no_receiver_is_said_and_kept_in_the_field(desk, signed_in, url):
    browser = signed_in(BOB)
    browser.get(f"/receivers/{desk.site}")
    answer = browser.post(f"/receivers/{desk.site}", hidden(browser, "version") | {"url": url})
    assert answer.status_code == 422
    check_html(browser.page)
    assert browser.field("url") == url
    assert "https address of another machine" in browser.page


WHICH = "topic=correction.in_force&channel=webhook&language=zh-Hans"


def words_form(browser, **changes):
    return hidden(browser, "version", "topic", "channel", "language") | changes


def test_words_are_previewed_by_the_server_and_used_by_one_site(desk, signed_in):
    browser = signed_in(BOB)
    browser.get("/notice-wordings?site=forum")
    check_html(browser.page)
    assert browser.page.count("As shipped") == 3 * len(WORDED)
    path = f"/notice-wordings/{desk.site}"
    assert browser.get(f"{path}?{WHICH}").status_code == 200
    check_html(browser.page)
    assert "现在显示为：广东" in browser.page
    form = words_form(browser, title="更正", text="{site}\r\n{place}") | {
        "csrf_token": browser.token()
    }
    answer = browser.post(f"{path}/preview", form, Accept="application/json")
    assert answer.json == {"title": "更正", "text": "Forum\n广东", "problem": ""}
    for wrong, word in (("{name}", "placeholder"), ("{place", "placeholder"), (" ", "1 to 120")):
        answer = browser.post(f"{path}/preview", form | {"text": wrong}, Accept="application/json")
        assert word in answer.json["problem"]
    assert browser.post(f"{path}/preview", form | {"text": "<b>{site}"}).status_code == 200
    check_html(browser.page)
    assert "&lt;b&gt;Forum" in browser.page
    assert browser.post(path, form | {"text": "{account}"}).status_code == 422
    check_html(browser.page)
    assert browser.post(path, form).status_code == 303
    assert browser.post(path, form).status_code == 409  # somebody saved since
    with desk.database.read_session() as session:
        assert session.scalars(sa.select(SiteWording.text)).all() == ["{site}\n{place}"]
    browser.get("/notice-wordings")
    assert "Its own" in browser.page
    browser.get(f"{path}?{WHICH}")
    check_html(browser.page)
    assert "Words of its own" in browser.page
    assert browser.post(f"{path}/reset", words_form(browser)).status_code == 303
    browser.get(f"{path}?{WHICH}")
    assert "Words of its own" not in browser.page


@pytest.mark.parametrize(
    "query",
    ["", "topic=nonsense&channel=webhook&language=en", "topic=brake.tripped&channel=webhook&language=en",
     "topic=case.decided&channel=webhook&language=fr"],
)  # fmt: skip
def test_words_that_there_are_not(desk, signed_in, query):
    browser = signed_in(BOB)
    assert browser.get(f"/notice-wordings/{desk.site}?{query}").status_code == 404
    assert browser.get(f"/notice-wordings/{desk.site + 999}?{WHICH}").status_code == 404
