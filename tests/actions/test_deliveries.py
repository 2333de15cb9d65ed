"""Notices on their way: a receiver that fails half the time, leases, retries."""

import json
import socketserver
import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi import deliveries
from shudi.cases.actions import notices
from shudi.cases.rules import CaseKind
from shudi.errors import NotAllowed, NotFound, Refused
from shudi.outbox import actions, queries, rules
from shudi.outbox.gateway import webhook
from shudi.outbox.rules import Channel, Topic
from shudi.outbox.store import Attempt, Message, MessageState
from shudi.sites.store import SiteReceiver
from shudi.worker import Worker
from tests import factories
from tests.actions.outbound import ask, outcomes, put, rows, send
from tests.conftest import NOW
from tests.people import ALICE, BOB, STAFF
from tests.receivers import KEY, SECRET, Platform, half, verify


def test_a_webhook_is_signed_as_standard_webhooks_lays_out(hooked, platform):
    put(hooked, case=7)
    send(hooked)
    [(headers, body)] = platform.calls
    [message] = rows(hooked)
    assert verify(headers, body, KEY)
    assert not verify(headers, body + b" ", KEY)
    assert not verify(headers, body, b"x" * 32)
    assert not verify(headers | {"webhook-timestamp": "1"}, body, KEY)
    assert headers["webhook-id"] == message.uid
    assert headers["host"] == f"127.0.0.1:{platform.port}"
    assert (message.state, outcomes(hooked)) == (MessageState.SENT, [""])
    content = json.loads(body)
    assert (content["type"], content["data"]["case"]) == ("case.decided", 7)
    assert content["timestamp"] == NOW.isoformat()


def test_every_notice_of_a_case_says_what_is_shown_and_not_by_whom(hooked, platform):
    hooked.see(("ann", "CN-GD"))
    hooked.contest("ann", "My secret reasons")
    [case] = [one.id for one in hooked.cases(CaseKind.CONTEST)]
    hooked.claim(case)
    hooked.approve(hooked.correct("ann", "coarsen", case=case).id)  # upholding takes two
    send(hooked)
    told = {json.loads(body)["type"]: json.loads(body)["data"] for _, body in platform.calls}
    assert set(told) == {
        "contest.received", "contest.answered", "case.decided", "correction.in_force",
    }  # fmt: skip
    for data in told.values():
        assert (data["site"], data["account"]) == ("forum", "ann")
        assert "China" in data["words"]["en"]["text"]
        assert "中国" in data["words"]["zh-Hans"]["text"]
        assert "中國" in data["words"]["zh-Hant"]["text"]
        said = json.dumps(data, ensure_ascii=False).lower()
        assert not any(person.name in said for person in STAFF)
        for hidden in ("secret", "staff", "guangdong", "广东", "verified_elsewhere", "evidence"):
            assert hidden not in said


def test_words_follow_the_label_until_they_leave(hooked, platform, make_settings):
    """What waits holds no place: one that is withheld meanwhile is not told."""
    hooked.see(("ann", "CN-GD"))
    put(hooked, account="ann", case=1)
    assert "CN" not in str(rows(hooked)[0].payload)
    hooked.put("ann", protection="minor")
    send(hooked)
    assert "no place" in platform.data()["data"]["words"]["en"]["text"]
    hooked.put("ann")
    put(hooked, account="ann", case=2)
    hooked.settings = make_settings(
        webhook_url=platform.url, webhook_secret=SECRET, granularity="country"
    )
    send(hooked)
    assert "Guangdong" not in platform.data(1)["data"]["words"]["en"]["text"]
    assert "China" in platform.data(1)["data"]["words"]["en"]["text"]


def test_a_receiver_that_fails_half_the_time_gets_each_notice_once_in_effect(hooked, platform):
    platform.behaviour = half(4711)
    for case in range(40):
        put(hooked, case=case)
    working = Worker(hooked.settings, hooked.database, hooked.vocabulary)
    at = hooked.now
    for wait in (timedelta(), *rules.RETRIES):
        at += wait * (1 + rules.JITTER) + timedelta(seconds=2)
        send(hooked, at, working)
    found = rows(hooked)
    late = [one for one in found if one.state is not MessageState.SENT]
    assert all(one.attempts == len(rules.RETRIES) + 1 for one in late)  # bad luck, not a loss
    assert {one.uid for one in found} - {one.uid for one in late} <= set(platform.taken)
    assert len(late) <= 3
    assert all(verify(headers, body, KEY) for headers, body in platform.calls)
    assert len(platform.calls) > 60
    assert set(platform.taken) <= {one.uid for one in found}
    assert {json.loads(body)["data"]["case"] for _, body in platform.calls} == set(range(40))


@pytest.mark.parametrize(
    ("answer", "word"),
    [(500, "status-5xx"), (404, "status-4xx"), (302, "redirect"), ("close", "unreachable")],
)
def test_a_failure_is_one_word_and_tried_again(hooked, platform, answer, word):
    platform.behaviour = lambda _: answer
    put(hooked)
    send(hooked)
    [message] = rows(hooked)
    assert (message.state, message.last_error, message.attempts) == ("waiting", word, 1)
    assert message.leased_until is None
    wait = message.next_at - hooked.now
    assert rules.RETRIES[0] <= wait <= rules.RETRIES[0] * (1 + rules.JITTER) + timedelta(seconds=5)
    send(hooked)  # its time has not come
    assert len(platform.calls) == 1


def test_a_receiver_that_is_gone_is_asked_once(hooked, platform):
    platform.behaviour = lambda _: 410
    put(hooked)
    send(hooked)
    assert (rows(hooked)[0].state, outcomes(hooked)) == (MessageState.FAILED, ["gone"])


def test_after_the_last_retry_a_person_is_waited_for(hooked, platform):
    platform.close()
    put(hooked)
    working = Worker(hooked.settings, hooked.database, hooked.vocabulary)
    at = hooked.now
    for wait in (timedelta(), *rules.RETRIES, timedelta(days=3)):
        at += wait * (1 + rules.JITTER) + timedelta(seconds=2)
        send(hooked, at, working)
    [message] = rows(hooked)
    assert (message.state, message.attempts) == (MessageState.FAILED, len(rules.RETRIES) + 1)
    assert ask(hooked, queries.given_up) == 1
    with hooked.logged(notice__replayed=1):
        hooked.act(notices.retry, actor=BOB, message_id=message.id)
    assert (rows(hooked)[0].state, rows(hooked)[0].attempts) == (MessageState.WAITING, 0)


def test_a_hanging_receiver_is_cut_off_and_delays_no_other(hooked, platform, monkeypatch):
    monkeypatch.setattr(webhook, "DEADLINE", 2.0)
    other = Platform()
    with hooked.database.transaction() as session:
        north = factories.make_site(session, now=NOW, key="north")
    row = {"site_id": north, "url": other.url, "sealed": "", "sealed_before": ""}
    with hooked.database.transaction() as session:
        session.add(SiteReceiver(**row))
    object.__setattr__(hooked.settings, "webhook_private", True)
    platform.behaviour = lambda _: "hang"
    for case in range(6):
        put(hooked, case=case)
        put(hooked, case=case, site=north)
    working = Worker(hooked.settings, hooked.database, hooked.vocabulary)
    begun = time.monotonic()
    working.senders[0].run(hooked.now)
    while len(other.taken) < 6 and time.monotonic() < begun + 20:
        time.sleep(0.01)
    assert len(other.taken) == 6
    assert set(outcomes(hooked)) == {""}  # all six went while the first still hung
    assert len(platform.calls) <= rules.PER_RECEIVER
    working.senders[0].wait()
    assert set(outcomes(hooked)) == {"", "timeout"}
    assert working.senders[0].run(hooked.now) == 12
    other.close()


def test_one_that_drips_is_cut_off(make_desk, monkeypatch):
    """Negative control: each byte comes within the time-out of a read."""

    class Dripping(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            for letter in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50:
                try:
                    self.request.sendall(bytes([letter]))
                except OSError:
                    return
                time.sleep(0.1)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dripping)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setattr(webhook, "DEADLINE", 1.0)
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    receiver = webhook.Receiver(url, (SECRET,), loopback=True)
    begun = time.monotonic()
    assert webhook.post(receiver, uid="msg_1", body=b"{}", now=NOW) == "timeout"
    assert time.monotonic() - begun < 10
    server.shutdown()
    server.server_close()


def test_what_a_redirect_names_is_never_called(hooked, platform):
    other = Platform()
    platform.behaviour = lambda _: 307
    platform.url = other.url  # where it sends us
    put(hooked)
    send(hooked)
    assert (len(platform.calls), other.calls) == (1, [])
    other.close()


def test_without_a_receiver_nothing_waits_and_nothing_is_lost_that_was_tried(desk):
    put(desk)
    put(desk, Topic.BRAKE_TRIPPED, case=1)
    send(desk)
    assert rows(desk) == []
    put(desk)
    with desk.database.transaction() as session:
        message = session.scalars(sa.select(Message)).one()
        session.add(Attempt(message_id=message.id, at=NOW, outcome="timeout"))
    send(desk)
    assert rows(desk)[0].last_error == "no-receiver"
    assert rows(desk)[0].state is MessageState.FAILED


def test_a_notice_of_a_change_that_rolled_back_is_never_sent(hooked, platform):
    with pytest.raises(ZeroDivisionError):  # noqa: PT012, SIM117 -- the transaction is the subject
        with hooked.database.transaction() as session:
            actions.put(session, topic=Topic.CASE_DECIDED, site_id=1, payload={}, now=NOW)
            raise ZeroDivisionError
    send(hooked)
    assert platform.calls == []


def test_one_that_cannot_be_put_together_holds_up_no_other(hooked, platform, monkeypatch, caplog):
    put(hooked, case=1)
    put(hooked, case=2)
    real = deliveries.body

    def broken(outgoing):
        if outgoing.data["case"] == 1:
            raise RuntimeError("a bug")
        return real(outgoing)

    monkeypatch.setattr(deliveries, "body", broken)
    send(hooked)
    assert sorted(outcomes(hooked)) == ["", "internal"]
    assert "could not be sent" in caplog.text


def test_sent_notices_and_their_attempts_are_forgotten_after_a_month(hooked):
    put(hooked)
    send(hooked)
    hooked.act(actions.forget_old, now=NOW + timedelta(days=29))
    assert len(outcomes(hooked)) == 1
    hooked.act(actions.forget_old, now=NOW + timedelta(days=31))
    assert (rows(hooked), outcomes(hooked)) == ([], [])


# -- leases ---------------------------------------------------------------------------------------


def test_a_leased_notice_is_nobody_elses_until_the_lease_ends(hooked):
    put(hooked)
    [message] = rows(hooked)
    mine = hooked.act(actions.lease, message_id=message.id)
    assert mine is not None
    assert hooked.act(actions.lease, message_id=message.id) is None
    assert ask(hooked, queries.next_due, channel=Channel.WEBHOOK, now=hooked.now) is None
    hooked.now += rules.LEASE
    theirs = hooked.act(actions.lease, message_id=message.id)
    assert theirs is not None
    hooked.act(actions.attempted, leased=mine, error="timeout", share=0)  # too late to fail
    assert (rows(hooked)[0].lease, rows(hooked)[0].attempts) == (theirs.lease, 0)
    hooked.act(actions.attempted, leased=mine, error="", share=0)  # but not too late to succeed
    assert rows(hooked)[0].state is MessageState.SENT
    hooked.act(actions.attempted, leased=theirs, error="", share=0)
    assert rows(hooked)[0].attempts == 1
    assert outcomes(hooked) == ["timeout", "", ""]


def test_a_notice_in_flight_is_not_sent_again_and_a_sent_one_keeps_its_id(hooked, platform):
    put(hooked)
    [message] = rows(hooked)
    again = {"actor": BOB, "message_id": message.id}
    leased = hooked.act(actions.lease, message_id=message.id)
    with hooked.refused(Refused, "notice-sending"):
        hooked.act(notices.retry, **again)
    hooked.act(actions.attempted, leased=leased, error="timeout", share=0)
    with hooked.logged(notice__retried=1):
        hooked.act(notices.retry, **again)
    send(hooked)
    with hooked.logged(notice__replayed=1):
        hooked.act(notices.retry, **again)
    send(hooked)
    assert [headers["webhook-id"] for headers, _ in platform.calls] == [message.uid] * 2
    with hooked.refused(NotAllowed, "role"):
        hooked.act(notices.retry, **again | {"actor": ALICE})
    with hooked.refused(NotFound, "notice-unknown"):
        hooked.act(notices.retry, **again | {"message_id": 999})
