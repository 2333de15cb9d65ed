"""The forum's pages."""

from flask import Flask, Response, abort, current_app, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from demo.forum import avatars, talk
from demo.forum.labels import LabelDesk
from demo.people import Person, members

PAGE = 20
_RECENT = 8
_ACCOUNTS = frozenset(person.account for person in members())


def register(app: Flask) -> None:
    """Add the pages."""
    app.register_error_handler(HTTPException, problem)
    app.add_url_rule("/", "front", front)
    app.add_url_rule("/t/<int:thread_id>", "thread", thread)
    app.add_url_rule("/t/<int:thread_id>/posts", "posts", posts)
    app.add_url_rule("/u/<handle>", "profile", profile)
    app.add_url_rule("/u/<handle>/own-page", "own_page", own_page, methods=["POST"])
    app.add_url_rule("/avatars/<account>.svg", "avatar", avatar)
    app.add_url_rule("/healthz", "health", health)


def desk() -> LabelDesk:
    """Where labels come from."""
    found: LabelDesk = current_app.extensions["desk"]
    return found


def front() -> str:
    """All threads, or those of a section."""
    section = request.args.get("section", "")
    shown = [one for one in talk.threads() if section in ("", one.section)]
    if not shown:
        abort(404)
    return render_template("front.html", threads=shown, section=section)


def thread(thread_id: int) -> str:
    """A thread and its first posts; the rest comes while scrolling, or by the link."""
    found = _thread(thread_id)
    after = request.args.get("after", 0, type=int)
    shown = found.posts[max(0, after) :][:PAGE]
    if not shown:
        abort(404)
    return render_template("thread.html", thread=found, posts=shown)


def posts(thread_id: int) -> str:
    """The next posts of a thread, as a fragment."""
    found = _thread(thread_id)
    after = max(0, request.args.get("after", 0, type=int))
    return render_template("_posts.html", thread=found, posts=found.posts[after:][:PAGE])


def _thread(thread_id: int) -> talk.Thread:
    found = next((one for one in talk.threads() if one.id == thread_id), None)
    return found or abort(404)


def profile(handle: str) -> str:
    """A member, with the IP location that the platform shows itself (R 12)."""
    return _profile(_member(handle), failed=False)


def _profile(person: Person, *, failed: bool) -> str:
    shown = desk().label(person.account)
    language = "zh-Hans" if g.language == "zh" else "en"
    return render_template(
        "profile.html",
        person=person,
        shown=shown,
        place=shown.names.get(language, ""),
        recent=talk.posts_of().get(person.account, ())[:_RECENT],
        failed=failed,
    )


def _member(handle: str) -> Person:
    return talk.by_handle().get(handle.casefold()) or abort(404)


def own_page(handle: str) -> ResponseReturnValue:
    """Send the holder to their page. Here anybody is taken for the holder: it is a demo."""
    person = _member(handle)
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403)
    link = desk().own_page(person.account)
    if link is None:
        return _profile(person, failed=True), 503
    return redirect(link, 303)


def avatar(account: str) -> Response:
    """A member's picture."""
    if account not in _ACCOUNTS:
        abort(404)
    response = Response(avatars.cup(account), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def health() -> dict[str, str]:
    """For whoever waits until we serve."""
    return {"status": "ok"}


def problem(error: HTTPException) -> ResponseReturnValue:
    """A page for what is not there."""
    return render_template("problem.html"), error.code or 500
