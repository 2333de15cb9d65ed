"""The copy of all that is held about an account: nothing forgotten, nobody who works here in it."""

import json

import pytest

from shudi.cases.actions.erasure import delete_account
from shudi.cases.gateway import files
from shudi.cases.queries.held import PARTS, held_about, kept_files
from shudi.db import Base
from tests.actions.test_attachments import CONTENT, add
from tests.people import AMIR, PLATFORM

_POINTERS = {"account_id", "case_id", "correction_id"}
# Tables about people who work here, or that say nothing of the account.
_NOT_ABOUT = {
    "batch_items.position": "an order of lines",
    "case_excluded": "who may not take a case",
    "case_mentions": "who was asked to look at a note",
    "case_presence": "who has a case open",
    "case_skips": "who skipped a case",
    "claims": "who worked on a case",
    "holder_links": "secrets, hashed",
    "holder_sessions": "secrets, hashed",
    "inspection_accounts": "who may be looked at; of looks the holder is told",
    "inspection_seen": "goes along where the holder may be told: shudi.oversight.queries.told",
    "latest_activity": "goes along, with what the sources said",
    "set_aside_cases": "how many reports of one sender were set aside",
    "staff_exposures": "how much somebody read",
    "staff_own_accounts": "whose own account it is",
}
_KEPT_BACK = {
    "id", "account_id", "site_id", "account", "case_id", "name_folded", "version", "seq",
    "brake_id", "update_id", "position", "uid", "file", "event_id", "set_aside_id", "decision_id",
    "first_id", "lifts_id", "before_evidence_id",  # numbers of ours
    "raised_by", "proposed_by", "approved_by", "lift_proposed_by", "ended_by", "staff_id",
    "looked_by", "settled_by", "actor",  # people who work here
    "sender",  # a reporter's pseudonym
    "data",  # numbers and codes, each of which stands in a part of its own
    "lift_risks", "risks",  # what a senior is warned of, as codes
}  # fmt: skip


def _named() -> dict[str, set[str]]:
    named: dict[str, set[str]] = {}
    for part in PARTS.values():
        named.setdefault(part.table.__tablename__, set()).update(part.columns)
    return named


@pytest.mark.parametrize(
    "name",
    [
        table.name
        for table in Base.metadata.sorted_tables
        if table.name not in _NOT_ABOUT
        and (table.name == "accounts" or _POINTERS & set(table.columns.keys()))
    ],
)
def test_each_column_is_decided_on(name):
    table = Base.metadata.tables[name]
    undecided = set(table.columns.keys()) - _named().get(name, set()) - _KEPT_BACK
    assert name in _named(), "the table is in no part and in no list of what is left out"
    assert not undecided


@pytest.fixture
def ann(desk):
    """An account that much has happened to."""
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "coarsen")
    desk.report("ann", "Says she is an official.")
    case = desk.contest("ann", "I never was there.", evidence="Tickets of Monday")
    desk.claim(case, AMIR)
    desk.decide("keep", case, AMIR)
    return desk.id("ann")


def _held(desk, account_id):
    with desk.database.read_session() as session:
        return json.loads(json.dumps(held_about(session, account_id=account_id)))


def test_what_happened_is_there_and_nobody_who_works_here(desk, ann):
    desk.see(("ben", "US"))
    held = _held(desk, ann)
    assert set(held) == {*PARTS, "latest_activity", "acts"}
    assert [one["account"] for one in held["account"]] == ["ann"]
    assert [one["region"] for one in held["label"]] == ["CN"]
    assert [one["region"] for one in held["days_seen"]] == ["CN-GD"]
    assert held["latest_activity"]["sources"]
    assert [one["kind"] for one in held["corrections"]] == ["coarsen"]
    assert {one["kind"] for one in held["cases"]} >= {"contest", "report"}
    said = json.dumps(held, ensure_ascii=False)
    for words in ("Says she is an official.", "I never was there.", "Tickets of Monday"):
        assert words in said
    for other in ("ben", "alice", "staff_id", "proposed_by", "token", "sender"):
        assert other not in said.lower()


def test_after_deletion_the_tombstone_is_left(desk, ann):
    desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account="ann")
    held = _held(desk, ann)
    [account] = held["account"]
    assert account["deleted_at"]
    assert not any(account[name] for name in ("name", "bio", "handle", "avatar_url"))
    assert held["days_seen"] == []
    assert held["latest_activity"] is None
    said = json.dumps(held)
    for words in ("official", "never was there", "Tickets"):
        assert words not in said


def test_files_of_its_cases_go_along_while_they_are_kept(desk, ann):
    case = desk.open_case("ann")
    desk.claim(case)
    add(desk, case)
    with desk.database.read_session() as session:
        [(digest, name)] = kept_files(session, account_id=ann)
    assert digest == CONTENT.digest
    assert files.read(desk.settings, name) == CONTENT.data
    desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account="ann")
    with desk.database.read_session() as session:
        assert kept_files(session, account_id=ann) == []
