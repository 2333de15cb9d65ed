"""New geo databases: compared, weighed, held for a person, tried, taken into use or dropped."""

import dataclasses

import pytest
import sqlalchemy as sa

from shudi import renewal
from shudi.audit.store import AuditRow
from shudi.cases.actions import erasure, sources, upkeep
from shudi.cases.rules import CaseKind
from shudi.errors import NotAllowed, NotFound, Refused, Stale
from shudi.geo import kept
from shudi.geo.actions import open_locator
from shudi.geo.rules import UpdateState
from shudi.geo.store import SourceUpdate
from shudi.labels.queries.drift import trial
from shudi.labels.rules import drift
from shudi.labels.store.trials import SourceTrial
from tests.actions.desk import DAY, HOUR, Desk
from tests.factories import NETWORKS
from tests.fixtures.geo_mmdb import dbip, mmdb_bytes, write_mmdb
from tests.fixtures.geo_xdb import write_xdb
from tests.people import ALICE, AUDREY, BOB, PLATFORM, SAM, SONJA, SYSTEM, owning

NAMES = [f"user-{at:02}" for at in range(40)]
SMALL = {**NETWORKS, "43.1.0.0/16": dbip("MO")}  # where nobody is
LARGE = {**NETWORKS, "36.1.0.0/16": dbip("CN", "Hunan")}  # all of Guangdong


@pytest.fixture
def city(tmp_path):
    return write_mmdb(tmp_path / "city.mmdb", NETWORKS)


@pytest.fixture
def desk(make_desk, city, vocabulary) -> Desk:
    """Forty accounts, thirty of them in CN-GD, and a first look that kept the database."""
    made = make_desk(geo_sources=f"city=mmdb:{city}", brake_region=100)
    folder = kept.folder_of(made.settings.var)
    made.see(*[(name, "CN-GD" if at < 30 else "GB") for at, name in enumerate(NAMES)])
    assert _renew(made) is None
    made.locator = open_locator(made.settings.geo_sources, vocabulary, folder=folder)
    return made


def _renew(desk, brought=None) -> SourceUpdate | None:
    found = renewal.renew(desk.settings, desk.database, actor=SYSTEM, now=desk.now, brought=brought)
    assert renewal.is_due(desk.settings) is False
    return None if found is None else desk.read(SourceUpdate, found)


def _in_use(desk) -> kept.InUse:
    return kept.read(kept.folder_of(desk.settings.var))


def _fresh(desk, vocabulary):
    """What a server that starts now says; one that runs follows within two seconds."""
    folder = kept.folder_of(desk.settings.var)
    return open_locator(desk.settings.geo_sources, vocabulary, folder=folder)


def _place(desk, vocabulary, ip="36.1.2.3"):
    return _fresh(desk, vocabulary).locate(ip).region


def _do(desk, act, by=SAM, **more):
    [update] = desk.rows(sa.select(SourceUpdate).where(SourceUpdate.state == "held"))
    values = {"update_id": update.id, "version": update.version} | more
    done = desk.act(getattr(sources, act), actor=by, **values)
    renewal.carry_out(desk.settings, desk.database, now=desk.now)
    return desk.read(SourceUpdate, done.id)


def test_the_first_look_keeps_what_is_there(desk, vocabulary):
    [one] = _in_use(desk).sources
    assert one.name == "city"
    assert desk.count(SourceUpdate) == 0
    assert _renew(desk) is None
    assert _place(desk, vocabulary) == "CN-GD"


def test_what_moves_little_is_taken_into_use_at_once(desk, city, vocabulary):
    write_mmdb(city, SMALL, build=1_795_000_000)
    assert renewal.is_due(desk.settings)
    with desk.logged(source__applied=1):
        update = _renew(desk)
    assert (update.state, update.taken_at, update.origin) == ("applied", desk.now, "file")
    assert update.diff["moves"] == [["HK", "MO", 256, 1.0, 0, 0.0]]
    assert (update.diff["gone"], update.diff["new"]) == (["HK"], ["MO"])
    [site] = update.diff["sites"]
    assert (site["low"], site["high"], site["rule"]) == (0, 0, None)
    [old], [new] = update.old["sources"], update.new["sources"]
    assert old["build"] < new["build"]
    assert new["size"] == city.stat().st_size
    assert _place(desk, vocabulary, "43.1.2.3") == "MO"
    assert desk.cases(CaseKind.BRAKE) == []


def test_what_moves_too_much_waits_and_the_old_stays_in_use(desk, city, vocabulary):
    write_mmdb(city, LARGE)
    with desk.logged(source__held=1, case__opened=1):
        update = _renew(desk)
    assert (update.state, update.rule, update.taken_at) == ("held", "share", None)
    [site] = update.diff["sites"]
    assert (site["low"], site["high"]) == (30, 30)
    assert site["moves"] == [["CN-GD", "CN-HN", 30, 30]]
    assert (update.diff["gone"], update.diff["new"]) == (["CN-GD"], ["CN-HN"])
    assert update.diff["space"]["v4"][1] == 256
    [case] = desk.cases(CaseKind.BRAKE)
    assert (case.update_id, case.brake_id, case.site_id) == (update.id, None, desk.site)
    assert _place(desk, vocabulary) == "CN-GD"
    assert _fresh(desk, vocabulary).status()[0].health == "waiting"
    city.unlink()
    assert _place(desk, vocabulary) == "CN-GD"


def test_accepting_takes_it_into_use(desk, city, vocabulary):
    write_mmdb(city, LARGE)
    _renew(desk)
    with desk.logged(source__accepted=1):
        update = _do(desk, "accept")
    assert (update.state, update.decided_by, update.taken_at) == (
        "accepted", SAM.staff_id, desk.now,
    )  # fmt: skip
    assert _place(desk, vocabulary) == "CN-HN"
    assert _renew(desk) is None
    assert [case.state.value for case in desk.cases(CaseKind.BRAKE)] == ["closed"]
    assert len(list(kept.folder_of(desk.settings.var).glob("*.mmdb"))) == 1
    assert desk.verified()


def test_stopping_drops_it_and_asks_no_more(desk, city, vocabulary):
    write_mmdb(city, LARGE)
    _renew(desk)
    with desk.logged(source__stopped=1):
        update = _do(desk, "stop")
    assert (update.state, update.taken_at) == ("stopped", None)
    assert _place(desk, vocabulary) == "CN-GD"
    assert len(list(kept.folder_of(desk.settings.var).glob("*.mmdb"))) == 1
    assert _fresh(desk, vocabulary).status()[0].health == "ok"
    assert _renew(desk) is None  # the same file again: it was looked at


def test_newer_files_take_the_place_of_those_that_wait(desk, city, vocabulary):
    write_mmdb(city, LARGE)
    first = _renew(desk)
    write_mmdb(city, {**LARGE, "36.2.0.0/16": dbip("CN", "Hunan")})
    second = _renew(desk)
    assert desk.read(SourceUpdate, first.id).state is UpdateState.REPLACED
    assert (second.state, desk.count(SourceUpdate)) == ("held", 2)
    states = [case.state.value for case in desk.cases(CaseKind.BRAKE)]
    assert states == ["closed", "open"]
    with desk.refused(Stale, "update-decided"):
        _do(desk, "accept", update_id=first.id, version=first.version)
    write_mmdb(city, NETWORKS)  # the old file again: nothing waits any more
    assert _renew(desk) is None
    assert desk.read(SourceUpdate, second.id).state is UpdateState.REPLACED
    assert [case.state.value for case in desk.cases(CaseKind.BRAKE)] == ["closed", "closed"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "truncated"),
        (b"not a database at all", "truncated"),
        (mmdb_bytes(NETWORKS)[:-30], "truncated"),
        (mmdb_bytes({}), "silent"),
        (mmdb_bytes({"36.0.0.0/8": {"autonomous_system_number": 4134}}), "silent"),
        (None, "missing"),
    ],
)
def test_a_bad_file_is_refused_and_the_old_stays(desk, city, vocabulary, content, fault):
    good = city.read_bytes()
    city.unlink() if content is None else city.write_bytes(content)
    with desk.logged():
        assert _renew(desk) is None
    assert _place(desk, vocabulary) == "CN-GD"
    [status] = _fresh(desk, vocabulary).status()
    assert (status.health, status.build is None) == (fault, False)
    city.write_bytes(good)
    assert _renew(desk) is None
    assert _fresh(desk, vocabulary).status()[0].health == "ok"


def test_a_file_that_is_brought_is_weighed_alike(desk, city, tmp_path, vocabulary):
    before = city.read_bytes()
    new = write_mmdb(tmp_path / "new.mmdb", SMALL)
    update = _renew(desk, {"city": new})
    assert (update.state, update.origin) == ("applied", "update")
    new.unlink()
    assert _place(desk, vocabulary, "43.1.2.3") == "MO"
    assert city.read_bytes() == before
    assert _renew(desk, {"city": write_mmdb(tmp_path / "new.mmdb", LARGE)}).state == "held"
    for content in (b"rubbish", mmdb_bytes({})):
        new.write_bytes(content)
        with desk.refused(Refused, "source-unusable"):
            _renew(desk, {"city": new})
    assert desk.count(SourceUpdate, SourceUpdate.state == "held") == 1


def test_another_list_of_sources_is_weighed_alike(desk, tmp_path, city, vocabulary):
    """A second source that disagrees makes labels uncertain; that waits, too."""
    rows = [("36.1.0.0", "36.1.255.255", "中国|湖南省|长沙市|电信|CN")]
    other = write_xdb(tmp_path / "other.xdb", rows)
    both = f"city=mmdb:{city},other=ip2region:{other}"
    desk.settings = dataclasses.replace(desk.settings, geo_sources=both)
    update = _renew(desk)
    assert (update.state, update.origin) == ("held", "setting")
    assert update.diff["sites"][0]["moves"] == [["CN-GD", "CN?", 30, 30]]
    assert [one.name for one in _fresh(desk, vocabulary).status()] == ["city"]
    _do(desk, "accept")
    assert _fresh(desk, vocabulary).locate("36.1.2.3").state == "uncertain"
    alone = f"city=mmdb:{city}"
    desk.settings = dataclasses.replace(desk.settings, geo_sources=alone)
    update = _renew(desk)  # no label rests on both yet: one source fewer moves nothing
    assert (update.state, update.origin) == ("applied", "setting")
    assert _place(desk, vocabulary) == "CN-GD"


def test_nothing_is_kept_until_every_file_is_there(make_desk, city, tmp_path):
    absent = tmp_path / "absent.mmdb"
    desk = make_desk(geo_sources=f"city=mmdb:{city},more=mmdb:{absent}")
    assert renewal.renew(desk.settings, desk.database, actor=SYSTEM, now=desk.now) is None
    assert _in_use(desk) is None
    assert renewal.carry_out(desk.settings, desk.database, now=desk.now) == 0
    write_mmdb(absent, NETWORKS)
    _renew(desk)
    assert [one.name for one in _in_use(desk).sources] == ["city", "more"]


def test_a_state_folder_that_lost_a_copy_keeps_the_configured_file(desk, vocabulary):
    [one] = _in_use(desk).sources
    (kept.folder_of(desk.settings.var) / one.file).unlink()
    _renew(desk)
    assert (kept.folder_of(desk.settings.var) / one.file).exists()


def test_a_trial_looks_accounts_up_in_both_and_moves_nothing(desk, city, vocabulary):
    write_mmdb(city, LARGE)
    update = _renew(desk)
    with desk.logged(source__sampled=1):
        _do(desk, "sample")
    assert _in_use(desk).trial_of == update.id
    [case] = desk.cases(CaseKind.BRAKE)
    assert desk.events(case.id) == ["opened", "sampled"]
    desk.locator = _fresh(desk, vocabulary)
    desk.see(*[(name, "CN-GD" if at < 3 else "GB") for at, name in enumerate(NAMES[:5])])
    desk.see(("newcomer", "CN-GD"), ("nowhere", "10.0.0.1"), (NAMES[0], "GB"))
    with desk.database.read_session() as session:
        found = trial(session, update_id=update.id)
    assert (found.accounts, found.moved, found.moves) == (6, 4, [("CN-GD", "CN-HN", 4)])
    assert [one.account for one in found.listed] == ["newcomer", *NAMES[:3]]
    assert desk.place("newcomer")[1] == "CN-GD"
    _do(desk, "stop")
    assert _in_use(desk).trial_of == 0
    desk.see((NAMES[20], "CN-GD"))  # a server that has not looked again yet: noted no more
    assert desk.count(SourceTrial) == 6
    desk.act(erasure.delete_account, actor=PLATFORM, site_id=desk.site, account="newcomer")
    assert desk.count(SourceTrial) == 5
    desk.now += desk.settings.retention_days * DAY + HOUR
    while desk.act(upkeep.purge, settings=desk.settings):
        pass
    assert desk.count(SourceTrial) == 0


def test_a_trial_ends_when_it_knows_enough(desk, city, vocabulary, monkeypatch):
    monkeypatch.setattr("shudi.labels.actions.trials.TRIAL_MOST", 3)
    monkeypatch.setattr(renewal, "TRIAL_MOST", 3)
    assert drift.TRIAL_MOST == 500
    write_mmdb(city, LARGE)
    _renew(desk)
    _do(desk, "sample")
    desk.locator = _fresh(desk, vocabulary)
    desk.see(*[(name, "CN-GD") for name in NAMES[:5]])
    assert desk.count(SourceTrial) == 3
    renewal.carry_out(desk.settings, desk.database, now=desk.now)
    assert (_in_use(desk).trial_of, _in_use(desk).trial) == (0, ())
    assert desk.count(SourceUpdate, SourceUpdate.state == "held") == 1


def test_who_decides_and_when(desk, city, vocabulary):
    write_mmdb(city, LARGE)
    update = _renew(desk)
    for act in ("accept", "stop", "sample"):
        for who in (ALICE, BOB, AUDREY, PLATFORM):
            with desk.refused(NotAllowed, "role"):
                _do(desk, act, who)
        with desk.refused(NotFound, "update-unknown"):
            _do(desk, act, update_id=999)
        with desk.refused(Stale, "update-sampled"):
            _do(desk, act, version=9)
    _do(desk, "sample")
    with desk.refused(Stale, "update-sampled"):
        _do(desk, "sample", SONJA)
    with desk.refused(Stale, "update-sampled"):
        _do(desk, "accept", version=update.version)
    desk.locator = _fresh(desk, vocabulary)
    desk.see((NAMES[0], "CN-GD"), (NAMES[1], "GB"))
    for act in ("accept", "stop"):
        with desk.refused(NotAllowed, "own-account-moved"):
            _do(desk, act, owning(SAM, desk.id(NAMES[0])))
    _do(desk, "stop", owning(SONJA, desk.id(NAMES[1])))  # looked up, and it does not move
    for act in ("accept", "stop", "sample"):
        with desk.refused(Stale, "update-decided"):
            desk.act(getattr(sources, act), actor=SAM, update_id=update.id, version=3)


def test_a_crash_between_the_word_and_its_deed_loses_neither(desk, city, vocabulary):
    write_mmdb(city, LARGE)
    update = _renew(desk)
    desk.act(sources.accept, actor=SAM, update_id=update.id, version=update.version)
    assert _place(desk, vocabulary) == "CN-GD"
    folder = kept.folder_of(desk.settings.var)
    for draft in (".in-use.json.1", ".abc"):
        (folder / draft).write_bytes(b"half")
    assert renewal.carry_out(desk.settings, desk.database, now=desk.now) == 1
    assert renewal.carry_out(desk.settings, desk.database, now=desk.now) == 0
    assert _place(desk, vocabulary) == "CN-HN"
    assert len(list(folder.iterdir())) == 3


def test_the_log_says_which_databases(desk, city):
    write_mmdb(city, SMALL)
    _renew(desk)
    row = desk.rows(sa.select(AuditRow).where(AuditRow.action == "source.applied"))[0]
    assert (row.target_type, row.target_id) == ("source_update", "1")
    assert '"city"' in row.after
