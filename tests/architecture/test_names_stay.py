"""No byte that leaves the console holds a moderator's name or number, whatever they did.

The cast gets names and numbers that occur nowhere else and does everything a person can do; then
every answer of the label API, the holder's pages and export, notices, mail and the dataset are
searched. The control finds the same names in the console's own page and in the log.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from shudi import clock
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import Case
from shudi.db import Database, connect
from shudi.geo.actions import Locator
from shudi.labels.actions.publication import publish_due
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor, Role
from shudi.staff.store import Staff, StaffState
from shudi.worker import Worker
from tests import factories, people
from tests.actions.test_mail import MAIL, read
from tests.architecture import deeds
from tests.architecture.doors import BASE, Doors
from tests.architecture.test_authorization import _call, _routes
from tests.conftest import Store
from tests.receivers import SECRET, MailServer, Platform

FIRST = 77_700_000  # of the cast's numbers


@pytest.fixture
def canaries(store: Store, database: Database) -> Iterator[list[bytes]]:
    """The cast under names and numbers that nothing else has; what to look for."""
    was = [(who, who.name, who.id, who.staff_id) for who in people.STAFF]
    with database.transaction() as session:
        session.add(
            Staff(
                id=FIRST,
                name="nobody-canary",
                role=Role.SUPERVISOR,
                state=StaffState.DISABLED,
                created_at=people.HIRED,
            )
        )
    if (
        store.dialect == "postgresql"
    ):  # numbers that are given go on from the highest by SQLite alone
        owner = connect(store.owner_url)
        with owner.transaction() as session:
            session.execute(sa.select(sa.func.setval("staff_id_seq", FIRST)))
        owner.dispose()
    for at, (who, name, _, _) in enumerate(was, 1):
        _become(who, f"{name}-canary", f"staff:{FIRST + at}", FIRST + at)
    yield [b"-canary", str(FIRST)[:6].encode()]
    for row in was:
        _become(*row)


def _become(who: Actor, name: str, actor_id: str, staff_id: int | None) -> None:
    for field, value in (("name", name), ("id", actor_id), ("staff_id", staff_id)):
        object.__setattr__(who, field, value)


@pytest.fixture
def outside() -> Iterator[tuple[Platform, MailServer]]:
    """The platform and the mailbox that notices go to."""
    platform, mail = Platform(), MailServer()
    yield platform, mail
    platform.close()
    mail.close()


@pytest.fixture
def doors(
    canaries: list[bytes],
    outside: tuple[Platform, MailServer],
    database: Database,
    make_settings: Callable[..., Settings],
    locator: Locator,
    vocabulary: Vocabulary,
) -> Doors:
    """Everything a person can do was done, and on one account all of it."""
    platform, mail = outside
    settings = make_settings(
        **MAIL,
        smtp_port=mail.port,
        smtp_tls="none",
        webhook_url=platform.url,
        webhook_secret=SECRET,
        webhook_private=True,
    )
    made = Doors(database, settings, locator, vocabulary)
    _correct_the_holders_label(made)
    for name, deed in deeds.CONSOLE.items():
        if not name.startswith(("holder.", "receivers.", "wordings.", "profile.")):
            answer = deeds.send(made, "console", deed, deed.prepare(made))
            assert answer.status_code < 400, (name, answer.text[-300:])
    for who in (people.AMIR, people.SONJA):  # first and second instance
        deed = deeds.CONSOLE["holder.contest"]
        assert deeds.send(made, "console", deed, deed.prepare(made)).status_code == 303
        _answer(made, who)
    return made


def _correct_the_holders_label(doors: Doors) -> None:
    """Alice proposes another place with a note, Sam approves."""
    case_id, account_id, label_version = doors.found.cases[-1]
    form = {
        "version": 1, "label_version": label_version, "verdict": "correct", "kind": "replace",
        "region": "US", "reason": "travel", "evidence": factories.EVIDENCE, "confirmed": "1",
    }  # fmt: skip
    for path, sent in (("claim", {}), ("note", {"text": "Ask @sam-canary"}), ("decide", form)):
        assert (
            doors.person(people.ALICE, "POST", f"/cases/{case_id}/{path}", sent).status_code < 400
        )
    query = "SELECT id, version, label_version FROM corrections WHERE account_id = :account"
    with doors.database.read_session() as session:
        row = session.execute(sa.text(query), {"account": account_id}).one()
    sent = {"version": row.version, "label_version": row.label_version}
    answer = doors.person(people.SAM, "POST", f"/approvals/{row.id}/approve", sent)
    assert answer.status_code == 303


def _answer(doors: Doors, who: Actor) -> None:
    """`who` takes the contest that is open and keeps the label."""
    with doors.database.read_session() as session:
        open_ones = (Case.kind == CaseKind.CONTEST, Case.state == CaseState.OPEN)
        case = session.scalars(sa.select(Case).where(*open_ones).order_by(Case.id.desc())).first()
        assert case is not None
        case_id, version, account_id = case.id, case.version, case.account_id
    label_version = doors.label_version(account_id or 0)
    form = {
        "version": version, "label_version": label_version, "verdict": "keep",
        "keep_reason": "evidence_agrees", "answer": "The label shows your latest post.",
    }  # fmt: skip
    for path, sent in (("claim", {}), ("decide", form)):
        answer = doors.person(who, "POST", f"/cases/{case_id}/{path}", sent)
        assert answer.status_code < 400, answer.text[-600:]


def _holder(doors: Doors) -> dict[str, bytes]:
    export = deeds.CONSOLE["holder.export"]
    answers = {
        "holder's page": doors.person(None, "GET", "/holder"),
        "holder's export": deeds.send(doors, "console", export, export.prepare(doors)),
        "holder's link": doors.person(None, "GET", f"/holder/{doors.found.holder_link}"),
        "holder left": doors.person(None, "GET", "/holder/left"),
    }
    assert all(answer.status_code == 200 for answer in answers.values())
    assert "The label shows your latest post." in answers["holder's page"].text
    return {name: str(one.headers).encode() + one.data for name, one in answers.items()}


def _api(doors: Doors) -> dict[str, bytes]:
    found = {}
    for endpoint, method in _routes(doors, "api"):
        if method == "GET":
            answer = doors.program("GET", _call(doors, endpoint))
            found[f"GET {endpoint}"] = str(answer.headers).encode() + answer.data
    for name, deed in deeds.API.items():
        answer = deeds.send(doors, "api", deed, deed.prepare(doors))
        found[f"{deed.method} {name}"] = str(answer.headers).encode() + answer.data
    names = doors.found.names
    for start in range(0, len(names), 20):
        body = {"site": "forum", "accounts": names[start : start + 20]}
        answer = doors.program("POST", "/api/v1/labels/query", json=body)
        assert answer.status_code == 200
        found[f"labels {start}"] = answer.data
    found["changes"] = doors.program("GET", "/api/v1/changes?site=forum&limit=1000").data
    assert b'"corrected":true' in b"".join(found.values()).replace(b": ", b":")
    return found


def _files(folder: Path) -> dict[str, bytes]:
    found = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found
    packed = {name: data for name, data in found.items() if data[:2] == b"\x1f\x8b"}
    return found | {f"{name}, unpacked": gzip.decompress(data) for name, data in packed.items()}


def _sent(doors: Doors, platform: Platform, mail: MailServer) -> dict[str, bytes]:
    worker = Worker(doors.settings, doors.database, doors.vocabulary)
    for sender in worker.senders:
        sender.run(clock.now())
        sender.wait()
        sender.close()
    assert platform.calls
    assert mail.messages
    hooks = {
        f"webhook {at}": json.dumps(headers).encode() + body
        for at, (headers, body) in enumerate(platform.calls)
    }
    texts = {
        f"mail {at}, part {number}": part.get_content().encode()
        for at, message in enumerate(mail.messages)
        for number, part in enumerate(read(message).iter_parts())
    }
    return hooks | texts | {f"mail {at}": message for at, message in enumerate(mail.messages)}


def _leaks(sent: dict[str, bytes], canaries: list[bytes]) -> list[str]:
    return [name for name, data in sent.items() if any(one in data for one in canaries)]


def test_nothing_that_leaves_the_console_names_anybody_of_the_desk(
    doors: Doors, outside: tuple[Platform, MailServer], canaries: list[bytes]
):
    publish_due(
        doors.database, settings=doors.settings, vocabulary=doors.vocabulary, now=clock.now()
    )
    sent = _holder(doors) | _sent(doors, *outside) | _api(doors)
    sent |= _files(doors.settings.var / "dataset")
    assert len(sent) > 40
    assert _leaks(sent, canaries) == []

    case_id = doors.found.cases[-1][0]
    page = doors.person(people.SAM, "GET", f"/cases/{case_id}").data
    log = doors.person(people.BOB, "GET", "/audit").data
    assert _leaks({"page": page, "log": log}, canaries) == ["page", "log"], "the search sees them"
    for one in canaries:
        assert one in page + log
    assert BASE not in page.decode()
