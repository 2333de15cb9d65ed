"""Which language and which clock a page speaks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, request
from flask_babel import Babel, get_locale
from werkzeug.wrappers import Response

from console import sessions
from shudi.errors import Unavailable
from shudi.staff.actions import LANGUAGES
from shudi.staff.queries import SignedIn

COOKIE = "__Host-shudi-lang"
DEFAULT = "en"
_DAY = timedelta(days=1)
NAMES = {"en": "English", "zh_Hans": "简体中文"}


def init_app(app: Flask, translations: str) -> None:
    """Let Flask-Babel ask us."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = translations
    app.config["BABEL_DEFAULT_LOCALE"] = DEFAULT
    Babel(app, locale_selector=choose, timezone_selector=timezone)
    app.after_request(_remember)
    app.jinja_env.globals.update(LANGUAGES=NAMES, html_language=html_language, scheme=scheme)


def choose() -> str:
    """The profile's language, else the link's (`?lang=`), the cookie's, the browser's."""
    signed_in = _signed_in()
    asked = (
        signed_in.language if signed_in else "",
        request.args.get("lang", ""),
        request.cookies.get(COOKIE, ""),
    )
    return next((one for one in asked if one in LANGUAGES), "") or _of_browser()


def _remember(response: Response) -> Response:
    """Keep the language that a link chose. It is this browser's alone; no store is written."""
    asked = request.args.get("lang", "")
    if asked in LANGUAGES and asked != request.cookies.get(COOKIE):
        response.set_cookie(COOKIE, asked, secure=True, httponly=True, samesite="Strict", path="/")
    return response


def timezone() -> str:
    """The profile's time zone, else UTC; pages show which."""
    signed_in = _signed_in()
    return (signed_in.timezone if signed_in else "") or "UTC"


def own_day(now: datetime) -> tuple[datetime, datetime]:
    """Begin and end of the day that `now` is in, in the reader's time zone."""
    zone = ZoneInfo(timezone())
    date = now.astimezone(zone).date()
    begin, end = (
        datetime.combine(one, time(), zone).astimezone(UTC) for one in (date, date + _DAY)
    )
    return begin, end


def scheme() -> str:
    """`light`, `dark`, or `auto`: as the browser prefers."""
    signed_in = _signed_in()
    return (signed_in.scheme if signed_in else "") or "auto"


def html_language() -> str:
    """The page's language as HTML names it."""
    return str(get_locale() or DEFAULT).replace("_", "-")


def _of_browser() -> str:
    for name, _quality in request.accept_languages:
        if name.lower().startswith("zh"):
            return "zh_Hans"
        if name.lower().startswith("en"):
            return "en"
    return DEFAULT


def _signed_in() -> SignedIn | None:
    """A page that says the store is down still has a language."""
    try:
        return sessions.current()
    except Unavailable:
        return None
