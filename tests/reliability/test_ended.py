"""What ended since a backup was made does not come back with it."""

import dataclasses
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from shudi import clock
from shudi.audit.actions import record
from shudi.backups.actions import ends
from shudi.backups.codec import journal
from shudi.backups.rules import End
from shudi.cases.actions.erasure import delete_account
from shudi.cases.actions.site_closing import end_site
from shudi.cases.gateway import files
from shudi.cases.store.case_page import Attachment
from shudi.clients.actions.keys import create_key, revoke_key
from shudi.clients.rules import Scope
from shudi.clients.store import ApiKey
from shudi.errors import Refused
from shudi.settings import Settings
from shudi.sites.store import Site
from shudi.staff.actions.admission import reset
from shudi.staff.actions.standing import disable, set_role
from shudi.staff.rules import Role
from shudi.staff.store import Staff, StaffSession, StaffState
from shudi.worker import Worker
from tests import factories
from tests.actions.test_attachments import add
from tests.people import PLATFORM
from tests.reliability.backups import (
    CANARY,
    OPERATOR,
    backup,
    desk,
    elsewhere,
    empty,
    here,
    moved,
    opened,
    restored,
    whole,
)

__all__ = ["desk", "empty", "here"]


@dataclasses.dataclass
class People:
    """Who is in a test, by what will happen to them."""

    leaves: int
    demoted: int
    renewed: int
    stays: int


@pytest.fixture
def people(desk) -> People:
    rows = [
        Staff(
            name=f"{name}-invented",
            role=Role.SENIOR,
            state=StaffState.ACTIVE,
            password_hash="hash",
            totp_secret="sealed",
            created_at=desk.now,
        )
        for name in ("leaves", "demoted", "renewed", "stays")
    ]
    with desk.database.transaction() as session:
        session.add_all(rows)
        session.flush()
        return People(*[row.id for row in rows])


def key(desk, name: str) -> int:
    made = {"actor": OPERATOR, "name": name, "scopes": [Scope.LABELS_READ], "site_id": None}
    desk.act(create_key, **made)
    return desk.rows(sa.select(ApiKey.id).where(ApiKey.name == name))[0]


@pytest.fixture
def story(desk, people) -> tuple[Path, People]:
    """A backup, and what ended after it was made."""
    desk.put("ann", name=CANARY)
    desk.put("ben", name="Ben")
    desk.see(("ann", "CN-GD"), ("ben", "US"))
    leaked, kept = key(desk, "leaked"), key(desk, "kept")
    assert leaked != kept
    with desk.database.transaction() as session:
        tea = factories.make_site(session, key="tea", now=desk.now)
    path = backup(desk)
    desk.now += timedelta(hours=1)
    with desk.database.transaction() as session:
        site = session.get_one(Site, tea)
        site.closed_at = desk.now
        end_site(session, actor=OPERATOR, site=site, now=desk.now, because={})
    desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account="ann")
    desk.act(revoke_key, actor=OPERATOR, key_id=leaked)
    desk.act(disable, actor=OPERATOR, staff_id=people.leaves)
    desk.act(set_role, actor=OPERATOR, staff_id=people.demoted, role=Role.MODERATOR)
    desk.act(reset, actor=OPERATOR, staff_id=people.renewed)
    return path, people


def noted(desk) -> None:
    """As the worker does every ten seconds."""
    worker = Worker(desk.settings, desk.database, desk.vocabulary)
    [job] = [one for one in worker.jobs if one.name == "ends"]
    job.run(desk.now)
    worker.close()


def standing(settings: Settings) -> dict[str, str]:
    with opened(settings) as database, database.read_session() as session:
        return {
            name.removesuffix("-invented"): state.value
            for name, state in session.execute(sa.select(Staff.name, Staff.state))
            if name.endswith("-invented")
        }


def names_of(settings: Settings, query: sa.Select) -> set[str]:
    with opened(settings) as database, database.read_session() as session:
        return set(session.scalars(query))


OPEN_SITES = sa.select(Site.key).where(Site.closed_at.is_(None))
LIVE_KEYS = sa.select(ApiKey.name).where(ApiKey.revoked_at.is_(None))


def test_what_ended_since_does_not_come_back(desk, story, empty):
    path, _ = story
    noted(desk)
    into = empty()
    moved(desk, into)
    done = restored(into, path)
    assert done.ended == {
        End.SITE: 1,
        End.ACCOUNT: 1,
        End.STANDING: 2,
        End.WAYS_IN: 1,
        End.KEY: 1,
    }
    assert standing(into) == {
        "leaves": "disabled",
        "demoted": "disabled",
        "renewed": "invited",
        "stays": "active",
    }
    assert names_of(into, LIVE_KEYS) == {"kept"}
    assert names_of(into, OPEN_SITES) == {"forum"}
    assert CANARY not in everything(into)
    whole(into)
    assert restored_twice_says_so(into, path)


def test_without_the_notes_it_would(desk, story, empty):
    """The control: what the journal is for."""
    path, _ = story
    into = empty()
    with pytest.raises(Refused) as refusal:
        restored(into, path)
    assert refusal.value.code == "journal-missing"
    done = restored(into, path, accept_lost=True)
    assert not any(done.ended.values())
    assert set(standing(into).values()) == {"active"}
    assert names_of(into, LIVE_KEYS) == {"kept", "leaked"}
    assert names_of(into, OPEN_SITES) == {"forum", "tea"}
    assert CANARY in everything(into)


def everything(settings: Settings) -> str:
    """Each value of each table."""
    with opened(settings) as database, database.read_session() as session:
        tables = sa.inspect(session.connection()).get_table_names()
        rows = [str(session.execute(sa.text(f'SELECT * FROM "{table}"')).all()) for table in tables]
    return "\n".join(rows)


def restored_twice_says_so(into: Settings, path: Path) -> bool:
    with pytest.raises(Refused) as refusal:
        restored(into, path)
    return refusal.value.code == "store-there"


def test_a_restored_store_goes_on_noting(desk, story, empty):
    """Its log is shorter than the journal's last line; what ends in it is noted all the same."""
    path, people = story
    noted(desk)
    first, second = empty(), empty()
    moved(desk, first)
    restored(first, path)
    with opened(first) as database:
        with database.transaction() as session:
            disable(session, actor=OPERATOR, staff_id=people.stays, now=clock.now())
        assert ends.note(first, database, now=clock.now()) == 1
        assert ends.note(first, database, now=clock.now()) == 0
    shutil.copyfile(journal.path_of(first), journal.path_of(second))
    restored(second, path)
    assert standing(second)["stays"] == standing(second)["leaves"] == "disabled"


def test_what_left_no_trace_keeps_nothing_after_it_from_being_noted(desk, monkeypatch, people):
    """As many such rows as are read at once: without a mark they would be read for ever."""
    monkeypatch.setattr(ends, "_BATCH", 3)
    with desk.database.transaction() as session:
        for number in (7001, 7002, 7003):
            record(session, OPERATOR, "account.deleted", ("account", number), desk.now)
    desk.act(disable, actor=OPERATOR, staff_id=people.leaves)
    assert ends.note(desk.settings, desk.database, now=desk.now) == 1  # the mark
    assert ends.note(desk.settings, desk.database, now=desk.now) == 1
    found = [line.end for line in journal.read(journal.path_of(desk.settings))]
    assert found == [End.SEEN, End.STANDING]


def test_the_journal_names_nobody(desk, story):
    noted(desk)
    text = journal.path_of(desk.settings).read_text(encoding="utf-8")
    assert len(text.splitlines()) == 6
    for name in ("ann", "leaves", "renewed", "forum", CANARY):
        assert f'"{name}' not in text
    assert journal.path_of(desk.settings).stat().st_mode & 0o077 == 0


def test_nobody_is_signed_in_after_a_restore(desk, people, empty):
    with desk.database.transaction() as session:
        session.add(
            StaffSession(
                staff_id=people.stays,
                token_hash="0" * 64,
                csrf="c",
                full=True,
                created_at=desk.now,
                seen_at=desk.now,
                expires_at=clock.now() + timedelta(days=1),
            )
        )
    path = backup(desk)
    into = empty()
    moved(desk, into)
    restored(into, path)
    with opened(into) as database, database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 0


def test_another_secret_key_is_refused_for_nothing_could_be_told(here, tmp_path):
    here.put("ann")
    path = backup(here)
    here.act(delete_account, actor=PLATFORM, site_id=here.site, account="ann")
    noted(here)
    into = elsewhere(tmp_path, secret_key="another-secret-" * 4)
    moved(here, into)
    with pytest.raises(Refused) as refusal:
        restored(into, path)
    assert refusal.value.code == "journal-key"
    held = dataclasses.replace(into, secret_key_fallbacks=(here.settings.secret_key,))
    assert restored(held, path).ended[End.ACCOUNT] == 1


def test_evidence_files_come_along_and_rows_without_one_go(here, tmp_path):
    here.put("ann")
    here.see(("ann", "CN-GD"))
    case = here.open_case("ann")
    add(here, case)
    lost = add(here, case)
    name = here.rows(sa.select(Attachment.file).where(Attachment.id == lost))[0]
    files.remove(here.settings, [name])
    path = backup(here)
    into = elsewhere(tmp_path)
    moved(here, into)
    assert restored(into, path).files_missing == 1
    [kept] = names_of(into, sa.select(Attachment.file))
    assert files.read(into, kept) == files.read(here.settings, kept)
