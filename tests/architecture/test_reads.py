"""No log, no data: what an auditor reads and what is exported is on record before it is shown."""

import contextlib
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from console import access, reading
from shudi.audit.queries import page
from shudi.db.migrate import owner_engine
from tests import people
from tests.architecture import deeds
from tests.architecture.doors import Doors
from tests.architecture.test_authorization import _path, _routes, _table
from tests.conftest import Store

UNATTENDED = {"queue.pulse"}  # presence and marks on a page that is on record already


def _read(doors: Doors) -> list[str]:
    """The addresses of all that an auditor may read and that holds personal data."""
    table = _table("matrix.csv")
    with doors.console.app_context():
        return [
            _path(doors, endpoint, method, 1)
            for endpoint, method in _routes(doors, "console")
            if method == "GET"
            and (found := access.declared(endpoint)) is not None
            and found.personal
            and table[endpoint, method]["auditor"] == "in"
            and endpoint not in UNATTENDED
        ]


def _exports(doors: Doors) -> dict[str, Callable[[], TestResponse]]:
    """Each way to take data out, ready to be sent."""
    path, form = deeds.CONSOLE["statistics.export"].prepare(doors)
    kept = deeds.CONSOLE["attachments.remove"].prepare(doors)[0].removesuffix("/remove")
    own = deeds.CONSOLE["holder.export"].prepare(doors)
    return {
        "statistics": lambda: doors.person(people.AUDREY, "POST", path, form),
        "file": lambda: doors.person(people.SAM, "GET", kept),
        "own data": lambda: doors.person(None, "POST", *own),
    }


@contextlib.contextmanager
def _closed(store: Store, how: str) -> Iterator[None]:
    """The log cannot be written: it is out of reach, or it takes no row."""
    owner = owner_engine(make_url(store.owner_url))
    sqlite = owner.dialect.name == "sqlite"
    shut, reopen = {
        "gone": (
            "ALTER TABLE audit RENAME TO audit_gone",
            "ALTER TABLE audit_gone RENAME TO audit",
        ),
        "refusing": (
            "CREATE TRIGGER no_rows BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END"
            if sqlite
            else "ALTER TABLE audit ADD CONSTRAINT no_rows CHECK (seq < 0) NOT VALID",
            "DROP TRIGGER no_rows" if sqlite else "ALTER TABLE audit DROP CONSTRAINT no_rows",
        ),
    }[how]
    with owner.begin() as connection:
        connection.exec_driver_sql(shut)
    yield
    with owner.begin() as connection:
        connection.exec_driver_sql(reopen)
    owner.dispose()


def _data(doors: Doors, paths: list[str]) -> list[str]:
    """Which of these answered with anything but 503, or with a name."""
    answers = {path: doors.person(people.AUDREY, "GET", path) for path in paths}
    return [
        f"{path}: {answer.status_code}"
        for path, answer in answers.items()
        if answer.status_code != 503 or any(name in answer.text for name in doors.found.names)
    ]


def test_without_the_log_nothing_is_shown_or_taken_out(doors: Doors, store: Store):
    paths, exports = _read(doors), _exports(doors)
    assert len(paths) > 20
    for how in ("gone", "refusing"):
        with _closed(store, how):
            assert _data(doors, paths) == []
            answers = [send() for send in exports.values()]
        assert [answer.status_code for answer in answers] == [503] * len(exports)
        assert not any("Content-Disposition" in answer.headers for answer in answers)
    del exports["file"]  # the deed keeps none in the folder; tests/console/test_case_page.py does
    for name, send in exports.items():
        with doors.database.read_session() as session:
            before = page(session, limit=1)[0].seq
        answer = send()
        assert "attachment" in answer.headers["Content-Disposition"], name
        with doors.database.read_session() as session:
            assert page(session, limit=1)[0].seq == before + 1, name


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_control_who_does_not_ask_the_log_shows_everything(
    doors: Doors, store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "put_on_record", lambda _: None)
    monkeypatch.setattr("console.views.find.reading.put_hits_on_record", lambda *_: None)
    with _closed(store, "refusing"):
        shown = _data(doors, ["/cases/1", "/accounts/1", "/find?q=user", "/queue"])
    assert [line[-3:] for line in shown] == ["200"] * 4


def test_each_look_of_an_auditor_is_on_record_and_nobody_elses(still_doors: Doors):
    doors = still_doors
    count = sa.text("SELECT count(*) FROM audit WHERE action = 'data.read' AND actor_id = :who")
    for who, looks in ((people.SAM, False), (people.AUDREY, True)):
        for path in _read(doors):
            with doors.database.read_session() as session:
                before = session.scalar(count, {"who": who.id})
            with doors.database.transaction() as session:
                session.execute(sa.text("DELETE FROM staff_looks"))
            doors.person(who, "GET", path)
            with doors.database.read_session() as session:
                rows = session.scalar(count, {"who": who.id}) - before
            assert rows == looks, path
