"""Before the agreement on personal data is accepted, no route that holds any answers with it."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from console import access
from shudi.staff.store import Staff
from tests.architecture.doors import Doors
from tests.architecture.test_authorization import PERSONS, _path, _routes, _table

# Behind a role, and yet without a name or an account: figures, machinery, words for use.
NO_PERSONAL_DATA = {
    "clients.create", "clients.index", "clients.new", "clients.revoke", "clients.rotate",
    "clients.show",
    "inspections.new",
    "oversight.index",
    "reasons.add", "reasons.change", "reasons.index", "reasons.retire", "reasons.show",
    "receivers.index", "receivers.rotate", "receivers.save", "receivers.show",
    "statistics.export", "statistics.index",
    "system.index",
    "wordings.edit", "wordings.index", "wordings.preview", "wordings.reset", "wordings.save",
}  # fmt: skip
ASKED_BY_SCRIPTS = {"queue.pulse"}
_ASKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "page": lambda _: None,
    "navigation": lambda sent: sent["headers"].update({"Sec-Fetch-Dest": "document"}),
    "part": lambda sent: sent["headers"].update({"Sec-Fetch-Dest": "empty"}),
    "data": lambda sent: sent["headers"].update({"Accept": "application/json"}),
}


@pytest.fixture
def strangers(still_doors: Doors) -> Doors:
    """The doors, with a cast that has accepted nothing."""
    with still_doors.database.transaction() as session:
        session.execute(sa.update(Staff).values(agreement="", agreed_at=None))
    return still_doors


def _personal(doors: Doors) -> list[tuple[str, str]]:
    with doors.console.app_context():
        return [
            (endpoint, method)
            for endpoint, method in _routes(doors, "console")
            if (found := access.declared(endpoint)) is not None and found.personal
        ]


def _got_in(doors: Doors) -> list[str]:
    """Where somebody of a fitting role got further than they may."""
    table, wrong = _table("matrix.csv"), []
    for endpoint, method in _personal(doors):
        path = _path(doors, endpoint, method, 1)
        for role, verdict in table[endpoint, method].items():
            if verdict != "in":
                continue
            for asked, change in _ASKS.items() if method == "GET" else [("page", _ASKS["page"])]:
                answer = doors.person(PERSONS[role], method, path, change=change)
                page = asked in ("page", "navigation") and endpoint not in ASKED_BY_SCRIPTS
                if method == "GET" and page:
                    fine = answer.status_code == 303 and answer.location.startswith("/agreement")
                else:
                    fine = answer.status_code == 403
                if not fine:
                    wrong.append(f"{method} {path} ({asked}) for {role}: {answer.status_code}")
    return wrong


def test_what_holds_no_personal_data_is_written_down(still_doors: Doors):
    with still_doors.console.app_context():
        found = {
            endpoint
            for endpoint, _ in _routes(still_doors, "console")
            if (one := access.declared(endpoint)) is not None
            and one.permission is not None
            and not one.personal
        }
    assert found == NO_PERSONAL_DATA


def test_nobody_gets_in_before_they_accepted(strangers: Doors):
    assert len(_personal(strangers)) > 50
    assert _got_in(strangers) == []


def test_control_without_the_question_everybody_gets_in(
    strangers: Doors, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(access, "_ask_first", lambda: None)
    assert len(_got_in(strangers)) > 50


def test_to_ask_first_is_no_denial_on_record(strangers: Doors):
    count = sa.text("SELECT count(*) FROM audit WHERE action = 'access.denied'")
    with strangers.database.read_session() as session:
        before = session.scalar(count)
    change = _ASKS["data"]
    assert strangers.person(PERSONS["moderator"], "GET", "/queue/pulse").status_code == 403
    assert strangers.person(PERSONS["moderator"], "GET", "/find", change=change).status_code == 403
    with strangers.database.read_session() as session:
        assert session.scalar(count) == before
