"""One good request for every unsafe route: who sends it, where, with what."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from shudi import clock
from shudi.cases.actions import senders, views
from shudi.cases.store import HolderSession
from shudi.labels.store import Correction
from shudi.outbox.actions import put
from shudi.outbox.rules import Channel, Topic, Wording
from shudi.outbox.store import Message
from shudi.sites.actions.wordings import Which, set_wording
from shudi.staff.rules import Actor
from shudi.worker import Worker
from tests import factories, people
from tests.architecture import admin_deeds, batch_deeds, case_page_deeds, own_deeds
from tests.architecture.deed import Asked, Deed
from tests.architecture.doors import Doors


def _case(act: str, **form: Any) -> Callable[[Doors], Asked]:
    def prepare(doors: Doors) -> Asked:
        case_id, _, _ = doors.fresh_case()
        return f"/cases/{case_id}/{act}", form

    return prepare


def _claimed(act: str, who: Actor, **form: Any) -> Callable[[Doors], Asked]:
    def prepare(doors: Doors) -> Asked:
        case_id, _, label_version = doors.claimed(who)
        return f"/cases/{case_id}/{act}", {"version": 1, "label_version": label_version} | form

    return prepare


def _proposal(act: str, **form: Any) -> Callable[[Doors], Asked]:
    def prepare(doors: Doors) -> Asked:
        return _on(doors.corrected(people.AMIR, "replace", "US"), f"/approvals/{{}}/{act}", form)

    return prepare


def _lift(act: str, **form: Any) -> Callable[[Doors], Asked]:
    return lambda doors: _on(doors.lift_proposed(), f"/approvals/{{}}/{act}", form)


def _on(row: Correction, path: str, form: dict[str, Any]) -> Asked:
    seen = {"version": row.version, "label_version": row.label_version}
    return path.format(row.id), seen | form


def _lift_now(doors: Doors) -> Asked:
    row = doors.corrected(people.AMIR, "withhold")
    return _on(row, "/corrections/{}/lift", {"text": "No longer needed"})


def _planned(doors: Doors) -> Asked:
    row = doors.corrected(people.AMIR, "coarsen", starts_at=clock.now() + timedelta(days=1))
    return _on(row, "/corrections/{}/cancel", {"text": "Not any more"})


def _back(act: str) -> Callable[[Doors], Asked]:
    def prepare(doors: Doors) -> Asked:
        decision, label_version = doors.decided(people.AMIR)
        form = {"version": 1, "label_version": label_version, "text": "It was wrong"}
        return f"/decisions/{decision.id}/{act}", form

    return prepare


def _look(act: str, who: Actor, *, differs: bool = False, **form: Any) -> Callable[[Doors], Asked]:
    def prepare(doors: Doors) -> Asked:
        case, version = doors.looked_at(by=who, differs=differs)
        return f"/second-looks/{case}/{act}", {"version": version} | form

    return prepare


def _brake(at: int, act: str) -> Callable[[Doors], Asked]:
    return lambda doors: (f"/brakes/{doors.found.brakes[at]}/{act}", {"version": 1})


def _update(act: str) -> Callable[[Doors], Asked]:
    return lambda doors: (f"/source-updates/{doors.renewed()}/{act}", {"version": 1})


def _contest(doors: Doors) -> Asked:
    with doors.database.read_session() as session:
        visit = session.execute(sa.select(HolderSession.csrf, HolderSession.account_id)).one()
    form = {
        "holder_token": visit.csrf,
        "label_version": doors.label_version(visit.account_id),
        "text": "I live elsewhere",
    }
    return "/holder/contest", form


def _export_own(doors: Doors) -> Asked:
    path, form = _contest(doors)
    return path.replace("contest", "export"), {"holder_token": form["holder_token"]}


def _submission(act: str, who: Actor, **form: Any) -> Callable[[Doors], Asked]:
    def prepare(doors: Doors) -> Asked:
        case_id = doors.renamed(who)
        return f"/cases/{case_id}/decide-submission", {"version": 1, "verdict": act} | form

    return prepare


def _open_case(doors: Doors) -> Asked:
    with doors.database.transaction() as session:
        site = session.execute(sa.text("SELECT id FROM sites WHERE key = 'forum'")).scalar_one()
        account = factories.make_account(session, site_id=site, account="quiet", now=clock.now())
    return f"/accounts/{account}/open-case", {"text": "A closer look"}


def _export(doors: Doors) -> Asked:
    worker = Worker(doors.settings, doors.database, doors.vocabulary)
    worker.tick(clock.now(), worker.counting)
    return "/statistics/export", {"days": 28}


def _notice(doors: Doors) -> Asked:
    with doors.database.transaction() as session:
        put(session, topic=Topic.CASE_DECIDED, site_id=1, payload={"case": 1}, now=clock.now())
    with doors.database.read_session() as session:
        newest = session.scalars(sa.select(sa.func.max(Message.id))).one()
    return f"/notices/{newest}/retry", {}


_WORDS = {
    "version": 0,
    "topic": "case.decided",
    "channel": "webhook",
    "language": "en",
    "title": "Reviewed",
    "text": "{place}",
}


def _own_words(doors: Doors) -> Asked:
    which = Which(1, Topic.CASE_DECIDED, Channel.WEBHOOK, "zh-Hans")
    with doors.database.transaction() as session:
        wording = Wording("Reviewed", "{place}")
        set_wording(
            session, actor=people.BOB, which=which, version=0, wording=wording, now=clock.now()
        )
    return "/notice-wordings/1/reset", _WORDS | {"language": "zh-Hans", "version": 1}


def _kept_view(doors: Doors) -> Asked:
    with doors.database.transaction() as session:
        view_id = views.save_view(
            session, actor=people.ALICE, name="Kept", query="overdue=1", now=clock.now()
        )
    return f"/queue/views/{view_id}/remove", {}


def _flood(doors: Doors) -> Asked:
    report_id, case_id = doors.flooded()
    return f"/senders/{report_id}/set-aside", {"case": case_id, "seen": report_id}


def _set_aside(doors: Doors) -> Asked:
    report_id, case_id = doors.flooded()
    with doors.database.transaction() as session:
        act = senders.set_aside(
            session,
            actor=people.SAM,
            report_id=report_id,
            cases=[case_id],
            seen=report_id,
            text="",
            now=clock.now(),
        )
    return f"/senders/set-asides/{act}/undo", {}


def _given_to_amir(doors: Doors) -> Asked:
    return _case("assign", to=people.AMIR.staff_id, claim=0)(doors)


CONSOLE: dict[str, Deed] = {
    **batch_deeds.DEEDS,
    **admin_deeds.DEEDS,
    **case_page_deeds.DEEDS,
    **own_deeds.DEEDS,
    "accounts.open_case": Deed(people.ALICE, _open_case),
    "approvals.approve": Deed(people.SAM, _proposal("approve")),
    "approvals.approve_lift": Deed(people.SAM, _lift("approve-lift")),
    "approvals.refuse": Deed(people.SAM, _proposal("refuse", text="Not shown")),
    "approvals.refuse_lift": Deed(people.SAM, _lift("refuse-lift", text="It stays")),
    "approvals.withdraw": Deed(people.AMIR, _proposal("withdraw")),
    "brakes.accept": Deed(people.SAM, _brake(0, "accept")),
    "brakes.reject": Deed(people.SAM, _brake(1, "reject")),
    "brakes.sample": Deed(people.SAM, _brake(2, "sample")),
    "source_updates.accept": Deed(people.SAM, _update("accept")),
    "cases.claim": Deed(people.ALICE, _case("claim")),
    "cases.note": Deed(people.ALICE, _case("note", text="Seen before")),
    "cases.release": Deed(people.ALICE, _claimed("release", people.ALICE)),
    "corrections.cancel": Deed(people.AMIR, _planned),
    "corrections.lift": Deed(people.SAM, _lift_now),
    "decisions.decide": Deed(
        people.ALICE,
        _claimed("decide", people.ALICE, verdict="keep", keep_reason="evidence_agrees"),
    ),
    "decisions.decide dismiss": Deed(
        people.ALICE, _claimed("decide", people.ALICE, verdict="dismiss", keep_reason="duplicate")
    ),
    "decisions.decide withhold": Deed(
        people.ALICE,
        _claimed(
            "decide",
            people.ALICE,
            verdict="correct",
            kind="withhold",
            reason="protection",
            evidence=factories.EVIDENCE,
        ),
    ),
    "decisions.decide replace": Deed(
        people.ALICE,
        _claimed(
            "decide",
            people.ALICE,
            verdict="correct",
            kind="replace",
            region="US",
            reason="travel",
            evidence=factories.EVIDENCE,
            confirmed="1",
        ),
    ),
    "handover.assign": Deed(people.SAM, _given_to_amir),
    "handover.skip": Deed(people.ALICE, _case("skip", reason="language")),
    "holder.contest": Deed(None, _contest, permitted=False),
    "holder.export": Deed(None, _export_own, permitted=False),
    "holder.leave": Deed(None, lambda _: ("/holder/leave", {}), permitted=False),
    "holder.open_link": Deed(
        None, lambda doors: (f"/holder/{doors.found.holder_link}", {}), permitted=False
    ),
    "notices.retry": Deed(people.BOB, _notice),
    "receivers.rotate": Deed(people.BOB, lambda _: ("/receivers/2/rotate", {"version": 0})),
    "receivers.save": Deed(
        people.BOB,
        lambda _: ("/receivers/3", {"version": 0, "url": "https://platform.example/hook"}),
    ),
    "wordings.reset": Deed(people.BOB, _own_words),
    "wordings.save": Deed(people.BOB, lambda _: ("/notice-wordings/1", _WORDS)),
    "looks.look": Deed(
        people.ALICE,
        _look("look", people.ALICE, verdict="keep", keep_reason="evidence_agrees"),
    ),
    "looks.settle": Deed(
        people.SAM,
        _look("settle", people.ALICE, differs=True, settled="first", text="It was right"),
    ),
    "queue.remove_view": Deed(people.ALICE, _kept_view, permitted=False),
    "queue.save_view": Deed(
        people.ALICE, lambda _: ("/queue/views", {"name": "Mine", "query": "holder=mine"})
    ),
    "queue.take": Deed(people.AMIR, lambda _: ("/queue/take", {})),
    "submissions.decide": Deed(
        people.ALICE, _submission("accept", people.ALICE, accept_reason="no_claim")
    ),
    "submissions.decide refuse": Deed(
        people.ALICE, _submission("refuse", people.ALICE, rule="misleading", text="It is not")
    ),
    "senders.restore": Deed(people.SAM, _set_aside),
    "senders.set_aside": Deed(people.ALICE, _flood),
    "sign_in.sign_out": Deed(people.SONJA, lambda _: ("/sign-out", {}), permitted=False),
    "taken.revert": Deed(people.ALICE, _back("revert")),
    "taken.undo": Deed(people.AMIR, _back("undo")),
    "statistics.export": Deed(people.AUDREY, _export),
}

# Unsafe by method, but there is no act behind them, or another file asks the same questions.
NO_ACT = {
    **batch_deeds.NO_ACT,
    "notes.read": "one's own mark that one has seen a note; it says nothing of the case",
    **own_deeds.NO_ACT,
    "passkeys.challenge": "something to sign, good for ten minutes; what is signed is on record",
    "passkeys.offer": "something to answer, good for ten minutes; what is added is on record",
    "audit.verify": "reads the log and says whether it is whole",
    "wordings.preview": "says how words will read",
    "handover.beat": "presence: traffic that expires within a minute",
    "handover.leave": "presence: traffic that expires within a minute",
    "cases.renew": "the page's heartbeat: moves the end of a claim that is on record",
}
ELSEWHERE = {
    "enrol.demo_submit": "tests/actions/test_staff_enrolment.py",
    "enrol.submit": "tests/actions/test_staff_enrolment.py",
    # one set of new databases waits at a time, so only one of these can be a deed
    "source_updates.sample": "tests/actions/test_renewal.py",
    "source_updates.stop": "tests/actions/test_renewal.py",
    "sign_in.code_submit": "tests/actions/test_staff_sign_in.py",
    "sign_in.passkey_submit": "tests/actions/test_passkeys.py",
    "sign_in.password_submit": "tests/actions/test_staff_sign_in.py",
    **own_deeds.ELSEWHERE,
}


def _sighting(doors: Doors) -> dict[str, Any]:
    return {
        "site": "forum",
        "account": doors.found.names[0],
        "ip": factories.ADDRESSES["GB"],
        "at": clock.now().isoformat(),
        "kind": "post",
    }


API: dict[str, Deed] = {
    "delete_account": Deed(
        people.PLATFORM,
        lambda doors: (f"/api/v1/sites/forum/accounts/{doors.found.names[-4]}", {}),
        "DELETE",
    ),
    "post_accounts": Deed(
        people.PLATFORM,
        lambda _: (
            "/api/v1/accounts",
            {
                "content_type": "application/x-ndjson",
                "data": json.dumps({"site": "forum", "account": "new-2", "name": "New"}),
            },
        ),
    ),
    "post_holder_link": Deed(
        people.PLATFORM,
        lambda doors: (
            "/api/v1/holder-links",
            {"json": {"site": "forum", "account": doors.found.names[1]}},
        ),
    ),
    "post_report": Deed(
        None,
        lambda doors: (
            "/api/v1/reports",
            {
                "json": {
                    "site": "forum",
                    "account": doors.found.names[2],
                    "kind": "wrong_label",
                    "text": "No",
                }
            },
        ),
        permitted=False,
    ),
    "post_sightings": Deed(
        people.PLATFORM,
        lambda doors: ("/api/v1/sightings", {"json": {"sightings": [_sighting(doors)]}}),
    ),
    "put_account pending": Deed(
        people.PLATFORM,
        lambda _: ("/api/v1/sites/forum/accounts/new-3", {"json": {"name": "Official tea"}}),
        "PUT",
    ),
    "put_account refused": Deed(
        people.PLATFORM,
        lambda _: ("/api/v1/sites/forum/accounts/new-4", {"json": {"name": "www.tea.example"}}),
        "PUT",
    ),
    "put_account": Deed(
        people.PLATFORM,
        lambda _: ("/api/v1/sites/forum/accounts/new-1", {"json": {"name": "New"}}),
        "PUT",
    ),
}
API_NO_ACT = {"query_labels": "a look-up whose names are too many for an address"}


def send(
    doors: Doors, door: str, deed: Deed, asked: Asked, who: Actor | None = None
) -> TestResponse:
    """Do it, or have somebody else try."""
    path, content = asked
    if door == "console":
        return doors.person(who or deed.who, deed.method, path, content)
    key = "" if deed.who is None else None
    return doors.program(deed.method, path, key=key, **content)
