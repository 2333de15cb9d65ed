"""One box for everything: an account, a case, a person, a correction."""

from typing import Any

from flask import Blueprint, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, reading, sessions, words
from console.parts import database
from console.present import word
from shudi.cases.queries.find import (
    TEXT_MOST,
    AccountHit,
    CaseHit,
    CorrectionHit,
    Found,
    PersonHit,
    find,
)
from shudi.sites import queries as sites
from shudi.staff.rules import Permission

blueprint = Blueprint("find", __name__)
Hit = dict[str, Any]


@blueprint.get("/find")
@access.requires(Permission.CASE_READ)
def index() -> ResponseReturnValue:
    """What begins with `q`, or has that number: a page, or JSON for whoever prefers it."""
    text = request.args.get("q", "").replace("\x00", "").strip()[:TEXT_MOST]
    with database().read_session() as session:
        known = sites.all_sites(session) if text else []
        found = find(session, actor=sessions.actor(), text=text, sites=known)
    shown = {
        "account": [one.id for one in found.accounts],
        "case": [one.id for one in found.cases],
        "correction": [one.id for one in found.corrections],
    }
    reading.put_hits_on_record(sessions.actor(), shown)
    if request.accept_mimetypes.best == "application/json":
        answer = jsonify(q=text, hits=[hit for _, hits in _groups(found) for hit in hits])
    else:
        page = render_template("console/find/index.html", text=text, groups=_groups(found))
        answer = make_response(page)
    answer.vary.add("Accept")
    return answer


def _groups(found: Found) -> list[tuple[str, list[Hit]]]:
    """The hits by kind, each with words and where it leads."""
    groups = [
        (gettext("Accounts"), [_account(one) for one in found.accounts]),
        (gettext("Cases"), [_case(one) for one in found.cases]),
        (gettext("Corrections"), [_correction(one) for one in found.corrections]),
        (gettext("People"), [_person(one) for one in found.people]),
    ]
    return [(title, hits) for title, hits in groups if hits]


def _hit(kind: str, text: str, sub: str, url: str) -> Hit:
    return {"kind": kind, "text": text, "sub": sub, "url": url}


def _account(one: AccountHit) -> Hit:
    shown = f"@{one.handle}" if one.handle else one.account
    url = url_for("accounts.show", account_id=one.id)
    return _hit("account", one.name or one.account, f"{shown} · {one.site}", url)


def _case(one: CaseHit) -> Hit:
    said = f"{word(words.CASE_KIND, one.kind)} · {word(words.CASE_STATE, one.state)}"
    title = gettext("Case %(id)s", id=one.id)
    return _hit("case", f"{title}: {one.name}", said, url_for("cases.show", case_id=one.id))


def _correction(one: CorrectionHit) -> Hit:
    said = f"{word(words.CORRECTION_KIND, one.kind)} · {word(words.CORRECTION_STATE, one.state)}"
    title = gettext("Correction %(id)s", id=one.id)
    url = url_for("corrections.show", correction_id=one.id)
    return _hit("correction", f"{title}: {one.name}", said, url)


def _person(one: PersonHit) -> Hit:
    url = url_for("queue.index", holder=one.id)
    said = f"{word(words.ROLE, one.role)} · {gettext('Cases they hold')}"
    return _hit("person", one.name, said, url)
