"""Teahouse: a small community on a host of its own, with invented members."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, request

from demo.forum import language, talk, views
from demo.forum.labels import LabelDesk
from demo.forum.threads import SECTIONS
from demo.places import FORUM_HOST, KEY_FILE
from shudi import settings as settings_module

_YEAR = 365 * 24 * 3600
_COOKIE = "teahouse-language"


def create_app(desk: LabelDesk | None = None) -> Flask:
    """The forum; `desk` is where it asks for labels."""
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=4096, TRUSTED_HOSTS=[FORUM_HOST])
    app.extensions["desk"] = desk or _desk()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(_choose_language)
    app.after_request(_finish)
    app.context_processor(_context)
    views.register(app)
    return app


def _desk() -> LabelDesk:
    settings = settings_module.load()
    return LabelDesk(settings.base_url, settings.var / KEY_FILE)


def _choose_language() -> None:
    wanted = request.args.get("lang", request.cookies.get(_COOKIE, ""))
    best = request.accept_languages.best_match(language.LANGUAGES, default="en")
    g.language = wanted if wanted in language.LANGUAGES else best
    g.now = datetime.now(UTC)


def _context() -> dict[str, Any]:
    return {
        "_": language.words(g.language),
        "lang": language.tag(g.language),
        "other": "en" if g.language == "zh" else "zh",
        "sections": SECTIONS,
        "since": lambda ago: language.since(ago, g.language),
        "length": lambda days: language.length(days, g.language),
        "instant": lambda post: talk.written_at(post, g.now).isoformat(timespec="seconds"),
    }


def _finish(response: Response) -> Response:
    response.headers.update(
        {
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                # the form of the own-page button ends, by redirect, at the label desk
                f"connect-src 'self'; form-action 'self' {views.desk().address}; "
                "base-uri 'none'; frame-ancestors 'none'"
            ),
            "X-Content-Type-Options": "nosniff",
            # not no-referrer: with that, browsers send «Origin: null» with our own form
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
    )
    if request.endpoint not in ("static", "avatar"):
        response.headers["Cache-Control"] = "no-store"
    if request.args.get("lang") in language.LANGUAGES:
        response.set_cookie(_COOKIE, g.language, max_age=_YEAR, httponly=True, samesite="Lax")
    return response
