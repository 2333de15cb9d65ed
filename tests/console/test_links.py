"""No page leads its reader to a closed door: every link on it opens for whoever sees it."""

from urllib.parse import urlsplit

import html5lib
import pytest

from tests.console.pages import addresses
from tests.people import ALICE, AUDREY, BOB, CHARLIE, SAM

HTML = "{http://www.w3.org/1999/xhtml}"


@pytest.mark.parametrize("who", [ALICE, SAM, AUDREY, BOB, CHARLIE], ids=lambda who: str(who.role))
def test_every_link_opens_for_whoever_sees_it(desk, furnish, signed_in, sqlite_database, who):
    furnish(0)
    browser = signed_in(who)
    with sqlite_database.read_session() as session:
        pages = {path for paths in addresses(session).values() for path in paths} | {"/"}
    seen: dict[str, tuple[str, str]] = {}
    for page in sorted(pages):
        if browser.get(page).status_code == 200:
            for path, link in links(browser.page).items():
                seen.setdefault(path, (link, page))
    assert seen
    closed = [(link, page) for link, page in seen.values() if browser.get(link).status_code >= 400]
    assert closed == []


def links(page: str) -> dict[str, str]:
    """Where the page's links lead within the console: by path, one address of each."""
    found = {}
    for link in html5lib.parse(page).iter(f"{HTML}a"):
        address = link.get("href") or ""
        at = urlsplit(address)
        if not at.netloc and at.path.startswith("/") and not at.path.startswith("/static"):
            found[at.path] = address
    return found
