"""Who proposed is never the second person: a moderator lacks the right, a senior is the proposer.

The story in tests/e2e shows the senior's refusal in a browser; here both stand side by side.
"""

import pytest

from tests.console.browser import Browser
from tests.console.desk import hidden, words_of
from tests.people import ALICE, SAM, SONJA

WHY = {
    ALICE.name: "Your role does not allow this.",
    SAM.name: "This is your own proposal; somebody else must decide.",
}


def asked(browser: Browser, proposal: int, act: str) -> int:
    """The status that this act past a missing button gets, sent as the page's form would."""
    browser.get(f"/approvals/{proposal}")
    form = hidden(browser, "version") | {"label_version": "1", "text": "no"}
    return browser.post(f"/approvals/{proposal}/{act}", form).status_code


@pytest.mark.parametrize("proposer", [ALICE, SAM], ids=["moderator", "senior"])
def test_a_proposer_finds_no_button_and_is_refused_at_the_door(desk, signed_in, proposer):
    proposal = desk.correct(proposer, "ann", "replace", "CN-SH")
    browser = signed_in(proposer)
    browser.get(f"/approvals/{proposal}")
    assert "this is your own proposal" in browser.page
    for act in ("approve", "refuse"):
        assert f"/approvals/{proposal}/{act}" not in browser.page
        assert asked(browser, proposal, act) == 403
        assert WHY[proposer.name] in words_of(browser.page)
    assert desk.label("ann")[1] == "CN-GD"
    # Somebody else with the right has the button, and it works: the door was not simply shut.
    other = signed_in(SONJA)
    other.get(f"/approvals/{proposal}")
    assert f"/approvals/{proposal}/approve" in other.page
    assert asked(other, proposal, "approve") == 303
    assert desk.label("ann")[1] == "CN-SH"
