import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from demo import places
from demo.forum import create_app, talk
from demo.forum.labels import NOT_AVAILABLE, LabelDesk, Shown
from demo.people import members

HOME = f"http://{places.FORUM_HOST}:{places.FORUM_PORT}"
GUANGDONG = {"en": "Guangdong", "zh-Hans": "广东", "zh-Hant": "廣東"}


class _Desk(LabelDesk):
    """A label desk that answers what the test says."""

    def __init__(self) -> None:
        super().__init__("http://localhost:8000", Path("there-is-none"))
        self.shown, self.link, self.asked = NOT_AVAILABLE, None, []

    def label(self, account: str) -> Shown:
        self.asked.append(account)
        return self.shown

    def own_page(self, account: str) -> str | None:
        return self.link


@pytest.fixture
def desk() -> _Desk:
    return _Desk()


@pytest.fixture
def browser(desk: _Desk) -> FlaskClient:
    return create_app(desk).test_client()


def _get(browser: FlaskClient, path: str, status: int = 200) -> str:
    answer = browser.get(path, base_url=HOME)
    assert answer.status_code == status
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return answer.text


@pytest.mark.parametrize(
    "path", ["/", "/?section=teaware", "/t/1", "/t/1?after=40", "/t/1/posts?after=20", "/healthz"]
)
def test_pages_answer(browser: FlaskClient, path: str):
    _get(browser, path)


@pytest.mark.parametrize("path", ["/t/999", "/u/nobody-here", "/?section=x", "/avatars/x.svg"])
def test_what_is_not_there_is_a_page_of_its_own(browser: FlaskClient, path: str):
    assert "There is nothing here" in _get(browser, path, 404)


def test_every_name_is_where_the_adapter_looks(browser: FlaskClient):
    (rule,) = places.ADAPTER["account"]
    assert (rule["element"], rule["key"]) == (
        "a[data-account]",
        {"from": "attribute", "name": "data-account"},
    )
    handles = {one.handle for one in members()}
    for path in ("/", "/t/1", "/t/2/posts?after=20"):
        named = re.findall(r'<a class="name"[^>]* data-account="([^"]+)"', _get(browser, path))
        assert len(named) >= 20
        assert set(named) <= handles


def test_scrolling_brings_every_post_once(browser: FlaskClient):
    thread = talk.threads()[0]
    html, seen, after = _get(browser, f"/t/{thread.id}"), [], 0
    while True:
        seen += [int(number) for number in re.findall(r'id="post-(\d+)"', html)]
        more = re.search(r'data-more="([^"]+)"', html)
        if more is None:
            break
        assert seen[-1] > after
        after = seen[-1]
        html = _get(browser, more[1].replace("&amp;", "&"))
    assert seen == list(range(1, len(thread.posts) + 1))


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (Shown("labelled", GUANGDONG), "Guangdong"),
        (Shown("labelled", GUANGDONG, corrected=True), "corrected after review"),
        (Shown("uncertain", GUANGDONG), "Guangdong (uncertain)"),
        (Shown("uncertain", {}), "uncertain"),
        (Shown("withheld", {}), "withheld"),
        (Shown("none", {}), "unknown"),
        (NOT_AVAILABLE, "not available right now"),
    ],
)
def test_a_profile_says_what_the_desk_says(
    browser: FlaskClient, desk: _Desk, shown: Shown, said: str
):
    person = members()[17]
    desk.shown = shown
    html = _get(browser, f"/u/{person.handle}")
    place = html.partition(f'data-location="{shown.state}"')[2].partition("</dd>")[0]
    assert said in " ".join(place.split())
    assert desk.asked == [person.account]


def test_the_forum_speaks_chinese(browser: FlaskClient, desk: _Desk):
    desk.shown = Shown("labelled", GUANGDONG)
    html = _get(browser, f"/u/{members()[17].handle}?lang=zh")
    assert '<html lang="zh-Hans">' in html
    assert "IP属地" in html
    assert "广东" in html
    assert "茶馆" in _get(browser, "/")  # the choice is kept


def test_the_holder_is_sent_on_and_a_silent_desk_is_said(browser: FlaskClient, desk: _Desk):
    path = f"/u/{members()[17].handle}/own-page"
    answer = browser.post(path, base_url=HOME)
    assert answer.status_code == 503
    assert "does not answer right now" in answer.text
    desk.link = "http://localhost:8000/holder/abc"
    answer = browser.post(path, base_url=HOME)
    assert (answer.status_code, answer.location) == (303, desk.link)
    stranger = browser.post(path, base_url=HOME, headers={"Sec-Fetch-Site": "cross-site"})
    assert stranger.status_code == 403


def test_a_desk_that_is_not_there_costs_only_the_label(tmp_path: Path):
    (tmp_path / "key").write_text("shudi_" + "x" * 43)
    nobody = LabelDesk("http://127.0.0.1:9", tmp_path / "key")
    assert nobody.label("m1") == NOT_AVAILABLE
    assert nobody.own_page("m1") is None
    assert LabelDesk("http://127.0.0.1:9", tmp_path / "none").label("m1") == NOT_AVAILABLE
