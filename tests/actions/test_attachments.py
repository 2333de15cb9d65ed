"""Files of a case's evidence, on both stores: what stands in the way, and how they go."""

import os

import pytest
import sqlalchemy as sa

from shudi.audit.store import AuditRow
from shudi.cases.actions import attachments, notes, upkeep
from shudi.cases.actions.erasure import delete_account
from shudi.cases.codec.attachments import clean
from shudi.cases.gateway import files
from shudi.cases.rules import EventKind
from shudi.cases.store import CaseEvent
from shudi.cases.store.case_page import Attachment, Mention
from shudi.errors import NotAllowed, NotFound, Refused
from shudi.worker import tidying
from tests.actions.desk import DAY, HOUR, SECOND
from tests.people import ALICE, AMIR, AUDREY, BOB, PLATFORM, SAM, owning

CONTENT = clean(b"Seen before")


def add(desk, case, by=ALICE, content=CONTENT):
    with files.written(desk.settings, content.data) as file:
        return desk.act(
            attachments.attach,
            actor=by,
            case_id=case,
            name="log.txt",
            content=content,
            file=file,
            settings=desk.settings,
        )


def on_disk(desk):
    return sorted(path.name for path in files.folder(desk.settings).iterdir())


def in_store(desk):
    return sorted(desk.rows(sa.select(Attachment.file)))


def swept(desk):
    """What the worker does within seconds and each hour, at the desk's time."""
    given_up = tidying.given_up(desk.settings, desk.database)
    return given_up, tidying.strays(desk.settings, desk.database, desk.now)


@pytest.fixture
def case(desk):
    desk.put("ann")
    desk.see(("ann", "CN-GD"))
    return desk.open_case("ann")


def test_adding_is_told_on_the_case_and_in_the_log(desk, case):
    kept = add(desk, case)
    assert desk.events(case)[-1] == "attached"
    row = desk.rows(sa.select(AuditRow).order_by(AuditRow.seq.desc()))[0]
    assert (row.action, row.actor_name) == ("case.attached", "alice")
    assert CONTENT.digest in row.after
    assert "log.txt" not in row.after
    assert in_store(desk) == on_disk(desk)
    opened = desk.act(attachments.open_attachment, actor=AUDREY, case_id=case, attachment_id=kept)
    assert files.read(desk.settings, opened.file) == b"Seen before"
    assert desk.rows(sa.select(AuditRow.action).order_by(AuditRow.seq.desc()))[0] == (
        "case.attachment_read"
    )


@pytest.mark.parametrize("who", [AUDREY, BOB])
def test_only_who_decides_adds(desk, case, who):
    with pytest.raises(NotAllowed):
        add(desk, case, by=who)
    assert on_disk(desk) == in_store(desk) == []


def test_nobody_reads_what_was_brought_about_an_account_of_their_own(desk, case):
    kept = add(desk, case)
    mine = owning(AMIR, desk.id("ann"))
    for act in (attachments.open_attachment, attachments.detach):
        with pytest.raises(NotAllowed):
            desk.act(act, actor=mine, case_id=case, attachment_id=kept)
    with pytest.raises(NotAllowed):
        add(desk, case, by=mine)
    with pytest.raises(NotAllowed):
        desk.act(attachments.open_attachment, actor=BOB, case_id=case, attachment_id=kept)


def test_a_closed_case_takes_no_file_and_gives_none_back_but_to_a_senior(desk, case):
    kept = add(desk, case)
    desk.decide("keep", case)
    with pytest.raises(Refused):
        add(desk, case)
    remove = {"case_id": case, "attachment_id": kept}
    with pytest.raises(NotAllowed):
        desk.act(attachments.detach, actor=ALICE, **remove)
    desk.act(attachments.detach, actor=SAM, **remove)
    with pytest.raises(NotFound):
        desk.act(attachments.open_attachment, actor=SAM, **remove)
    assert len(on_disk(desk)) == 1
    assert swept(desk) == (1, 0)
    assert on_disk(desk) == in_store(desk) == []


def test_room_is_limited_for_all_cases_together(make_desk, monkeypatch):
    desk = make_desk(attachment_mib=1)
    desk.put("ann")
    desk.see(("ann", "CN-GD"))
    case = desk.open_case("ann")
    half = clean(b"x" * (600 * 1024))
    add(desk, case, content=half)
    with pytest.raises(Refused) as caught:
        add(desk, case, content=half)
    assert caught.value.code == "files-full"
    assert len(on_disk(desk)) == 1


def test_files_go_with_retention_after_the_case_closed(desk, case):
    add(desk, case)
    desk.now += 200 * DAY
    assert desk.act(upkeep.purge, settings=desk.settings) >= 0
    assert swept(desk) == (0, 0)  # the case is open
    desk.claim(case)
    desk.decide("keep", case)
    desk.now += 89 * DAY
    desk.act(upkeep.purge, settings=desk.settings)
    assert swept(desk)[0] == 0
    desk.now += 2 * DAY
    desk.act(upkeep.purge, settings=desk.settings)
    assert swept(desk)[0] == 1
    assert on_disk(desk) == in_store(desk) == []
    assert "attached" in desk.events(case)


def test_files_and_notes_go_with_the_account(desk, case):
    add(desk, case)
    desk.act(notes.note, actor=ALICE, case_id=case, text="@sam the secret word")
    desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account="ann")
    assert desk.count(Mention) == 0
    assert desk.rows(sa.select(Attachment.name)) == [""]
    assert set(desk.rows(sa.select(CaseEvent.text).where(CaseEvent.kind == EventKind.NOTED))) == {
        ""
    }
    assert swept(desk)[0] == 1
    assert on_disk(desk) == in_store(desk) == []


def test_a_crash_between_file_and_row_leaves_no_file_without_a_row(desk, case, monkeypatch):
    kept = add(desk, case)
    desk.act(attachments.detach, actor=ALICE, case_id=case, attachment_id=kept)
    with monkeypatch.context() as crash:
        crash.setattr(attachments, "forget", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            swept(desk)
    assert on_disk(desk) == []
    assert len(in_store(desk)) == 1
    assert swept(desk)[0] == 1  # again: what is gone is no error
    assert in_store(desk) == []


def test_an_upload_that_was_never_committed_is_swept_away(desk, case):
    with pytest.raises(ZeroDivisionError), files.written(desk.settings, b"x"):
        raise ZeroDivisionError
    assert on_disk(desk) == []
    kept = add(desk, case)
    stray = files.folder(desk.settings) / ("a" * 48)
    stray.write_bytes(b"left by a crash")
    foreign = files.folder(desk.settings) / "README"
    foreign.write_bytes(b"not ours")
    written = desk.now.timestamp()
    for path in files.folder(desk.settings).iterdir():
        os.utime(path, (written, written))
    assert swept(desk)[1] == 0
    desk.now += HOUR + SECOND
    assert swept(desk)[1] == 1
    assert not stray.exists()
    assert foreign.exists()
    assert desk.act(attachments.open_attachment, actor=SAM, case_id=case, attachment_id=kept)


def test_mentions_go_with_retention(desk, case):
    desk.act(notes.note, actor=ALICE, case_id=case, text="@sam @audrey @bob @alice @charlie")
    assert desk.rows(sa.select(Mention.staff_id).order_by(Mention.staff_id)) == [2, 4]
    desk.now += 91 * DAY
    desk.act(upkeep.purge, settings=desk.settings)
    assert desk.count(Mention) == 0
