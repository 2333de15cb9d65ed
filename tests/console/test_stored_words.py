"""Acceptance test 25: whatever was stored, a page shows it as words. Parsed as browsers parse, and
then opened in a real one.
"""

from urllib.parse import urlsplit

import html5lib
import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Route, sync_playwright

from shudi.db.migrate import owner_engine
from tests.console import stored
from tests.console.browser import BASE
from tests.console.pages import addresses
from tests.people import ALICE, BOB, CHARLIE, SAM

LINKING = ("href", "src", "action", "formaction", "data", "srcdoc")


@pytest.fixture
def poisoned(desk, furnish, sqlite_store):
    """The desk with something of every kind, all of it written over."""
    furnish(0)
    owner = owner_engine(sa.make_url(sqlite_store.owner_url))
    with owner.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_texts_no_update")
        used = stored.poison(connection)
    owner.dispose()
    return used


def test_every_column_of_words_is_written_over_or_said_to_be_none():
    typed = {
        (table, name)
        for some in (stored.TYPED, stored.LINKS)
        for table, names in some.items()
        for name in names
    }
    coded = {(table, name) for table, names in stored.CODED.items() for name in names}
    assert stored.columns() - typed - coded == set()
    assert typed & coded == set()
    assert len(stored.PAYLOADS) >= 120


@pytest.mark.parametrize("who", [SAM, BOB, ALICE, CHARLIE], ids=lambda who: str(who.role))
def test_no_page_makes_anything_of_it_but_words(desk, poisoned, signed_in, sqlite_database, who):
    assert poisoned == set(stored.PAYLOADS)
    browser, seen, read = signed_in(who), 0, ""
    for path in _paths(sqlite_database):
        if browser.get(path).status_code != 200 or "<html" not in browser.page:
            continue
        seen += 1
        tree = html5lib.parse(browser.page, namespaceHTMLElements=False)
        assert strange(tree) == [], path
        read += "".join(tree.itertext())
    assert seen >= (6 if who is CHARLIE else 11)
    assert "data-xss" in read


def test_control_an_unescaped_page_is_seen():
    for payload in stored.PAYLOADS[:13]:
        page = f"<!doctype html><title>x</title><p>{payload}</p>"
        assert strange(html5lib.parse(page, namespaceHTMLElements=False)), payload
    page = f'<!doctype html><title>x</title><a href="{stored.ADDRESSES[0]}">x</a>'
    assert strange(html5lib.parse(page, namespaceHTMLElements=False))


def strange(tree) -> list[str]:
    """Elements that no template of ours writes."""
    found = []
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        names = set(element.keys())
        if "data-xss" in names or any(name.startswith("on") for name in names):
            found.append(f"{element.tag} {sorted(names)}")
        for name in names & set(LINKING):
            at = urlsplit((element.get(name) or "").strip())
            if at.scheme not in ("", "http", "https", "mailto") or at.netloc == "evil.example":
                picture = element.tag == "img" and (element.get(name) or "").startswith(
                    "data:image/"
                )
                if not picture:
                    found.append(f"{element.tag} {name}={element.get(name)}")
    return found


def _paths(database) -> list[str]:
    with database.read_session() as session:
        return sorted({path for some in addresses(session).values() for path in some})


def test_a_real_browser_runs_none_of_it(
    app: Flask, desk, poisoned, signed_in, sqlite_database, chromium_path
):
    browser = signed_in(SAM)
    paths = _paths(sqlite_database)
    said: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = chromium.new_page()
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))

        def answer(route: Route) -> None:
            at = urlsplit(route.request.url)
            if f"{at.scheme}://{at.netloc}" != BASE:
                said.append(route.request.url)
                route.abort()
                return
            path = f"{at.path}?{at.query}" if at.query else at.path
            asked = route.request
            got = browser.client.open(
                path,
                method=asked.method,
                base_url=BASE,
                data=asked.post_data_buffer,
                buffered=True,
                headers={name: text for name, text in asked.headers.items() if name != "cookie"},
            )
            headers = {name: value for name, value in got.headers if name != "Set-Cookie"}
            route.fulfill(status=got.status_code, headers=headers, body=got.data)

        page.route("**/*", answer)
        for path in paths:
            got = browser.client.get(path, base_url=BASE)
            if got.status_code != 200 or got.mimetype != "text/html":
                continue
            page.goto(BASE + path)
            assert page.locator("[data-xss]").count() == 0, path
        chromium.close()
    assert said == []
