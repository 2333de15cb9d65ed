"""To a provider of single sign-on and back, as a browser goes."""

import html
import json
import re

from shudi.audit.queries import page as log_page

ONWARD = re.compile(r'http-equiv="refresh" content="0;url=([^"]+)"')


def set_out(browser, forger):
    browser.get("/sign-in")
    answered = browser.post("/sign-in/sso")
    assert answered.status_code == 200, answered.text
    return forger.visit(html.unescape(ONWARD.search(answered.text)[1]))


def come_back(browser, back):
    """Both pages on the way in, as a browser follows them."""
    led = browser.get("/sign-in/sso/return?" + "&".join(f"{k}={v}" for k, v in back.items()),
                      Sec_Fetch_Site="cross-site")  # fmt: skip
    assert "Set-Cookie" not in led.headers  # nothing of ours is touched by another site's coming
    browser.get(html.unescape(ONWARD.search(led.text)[1]))
    return browser.post("/sign-in/sso/finish", dict(back))


def is_in(answered, browser):
    """Whether it opened a session."""
    return answered.status_code == 303 and bool(browser.cookie("__Host-shudi"))


def last_why(database):
    with database.read_session() as session:
        after = log_page(session, action="staff.sign_in_refused", limit=1)[0].after
        return json.loads(after).get("why")


def changed(**changes):
    def spoil(claims):
        for name, value in changes.items():
            claims.pop(name) if value is None else claims.update({name: value})

    return spoil
