"""Where a webhook may go, each site's own receiver, secrets and words."""

import base64
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.errors import Invalid, NotAllowed, NotFound, Stale
from shudi.outbox import rules
from shudi.outbox.gateway import addresses, webhook
from shudi.outbox.rules import Channel, Topic, Wording
from shudi.sites.actions.receivers import rotate_secret, set_receiver
from shudi.sites.actions.wordings import Which, set_wording
from shudi.sites.store import SiteReceiver
from shudi.staff.codec.keyring import Keyring
from tests.actions.outbound import put, send
from tests.conftest import NOW
from tests.people import ALICE, BOB
from tests.receivers import KEY, SECRET, certificate, verify

# -- where it may go ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "127.0.0.1", "169.254.169.254", "172.16.5.4", "192.168.0.1", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "::1", "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:a00:1::1", "2001:db8::1", "255.255.255.255",
    ],
)  # fmt: skip
def test_addresses_of_our_own_network_are_refused(monkeypatch, address):
    monkeypatch.setattr(addresses, "resolve", lambda _h, _p: [(2, 1, 6, "", (address, 443))])
    monkeypatch.setattr(webhook, "_open", lambda *_: pytest.fail("it was connected to"))
    receiver = webhook.Receiver("https://platform.example/hook", (SECRET,))
    assert webhook.post(receiver, uid="msg_1", body=b"", now=NOW) == "address-refused"


def test_a_name_that_leads_to_both_is_refused_and_a_public_one_is_connected_to(monkeypatch):
    found = ["8.8.4.4", "10.0.0.1"]
    tried = []

    def connect(address: str, port: int):
        tried.append((address, port))
        raise OSError

    monkeypatch.setattr(
        addresses, "resolve", lambda _h, _p: [(2, 1, 6, "", (one, 443)) for one in found]
    )
    monkeypatch.setattr(webhook, "_open", connect)
    receiver = webhook.Receiver("https://platform.example/hook", (SECRET,))
    assert webhook.post(receiver, uid="msg_1", body=b"", now=NOW) == "address-refused"
    assert tried == []
    found.pop()
    assert webhook.post(receiver, uid="msg_1", body=b"", now=NOW) == "unreachable"
    assert tried == [("8.8.4.4", 443)]
    private = webhook.Receiver("https://platform.example/hook", (SECRET,), private=True)
    found[:] = ["169.254.169.254"]
    assert webhook.post(private, uid="msg_1", body=b"", now=NOW) == "address-refused"
    found[:] = ["10.0.0.1"]
    assert webhook.post(private, uid="msg_1", body=b"", now=NOW) == "unreachable"
    assert tried[-1] == ("10.0.0.1", 443)


def test_https_is_verified(tmp_path, platform, monkeypatch):
    url = platform.secure(certificate(tmp_path / "server.pem"))
    receiver = webhook.Receiver(url, (SECRET,), loopback=True)
    assert webhook.post(receiver, uid="msg_1", body=b"{}", now=NOW) == "tls"
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    assert webhook.post(receiver, uid="msg_1", body=b"{}", now=NOW) == ""
    assert [body for _, body in platform.calls] == [b"{}"]


# -- each site's own ------------------------------------------------------------------------------


def test_a_rotated_secret_and_the_one_before_it_sign_for_a_day(hooked, platform):
    keyring = Keyring(hooked.settings.secret_key)
    manage = {"actor": BOB, "site_id": hooked.site, "keyring": keyring}
    first = hooked.act(rotate_secret, version=0, **manage)
    second = hooked.act(rotate_secret, version=1, **manage)
    keys = [base64.b64decode(one.removeprefix("whsec_")) for one in (first, second)]
    put(hooked)
    send(hooked)
    hooked.now += timedelta(hours=25)
    put(hooked)
    send(hooked)
    assert [verify(*platform.calls[0], key) for key in (*keys, KEY)] == [True, True, False]
    assert [verify(*platform.calls[1], key) for key in (*keys, KEY)] == [False, True, False]
    with hooked.database.read_session() as session:
        stored = str(session.execute(sa.select(SiteReceiver.__table__)).one())
    assert first not in stored
    assert second not in stored


def test_a_receiver_of_ones_own_gets_a_secret_and_may_not_be_this_machine(hooked):
    keyring = Keyring(hooked.settings.secret_key)
    manage = {"actor": BOB, "site_id": hooked.site, "keyring": keyring, "version": 0}
    for url in (
        "http://platform.example/", "ftp://platform.example/", "https://", "https://me:pw@x.example/",
        "http://127.0.0.1/", "https://localhost/", "https://x.example/#part", "https://x.example:0/",
        "https://x.example/ y", "https://x.example/\r\nHost: y", "https://" + "x" * 500,
    ):  # fmt: skip
        with hooked.refused(Invalid, "receiver-url"):
            hooked.act(set_receiver, url=url, **manage)
    with hooked.refused(NotAllowed, "role"):
        hooked.act(set_receiver, url="", **manage | {"actor": ALICE})
    with hooked.refused(NotFound, "site-unknown"):
        hooked.act(set_receiver, url="", **manage | {"site_id": 999})
    secret = hooked.act(set_receiver, url="https://platform.example/hook", **manage)
    assert rules.check_secret(secret)
    with hooked.refused(Stale, "receiver-moved"):
        hooked.act(set_receiver, url="", **manage)
    assert hooked.act(set_receiver, url="", **manage | {"version": 1}) == ""


def test_a_site_says_it_in_its_own_words(hooked, platform):
    which = Which(hooked.site, Topic.CASE_DECIDED, Channel.WEBHOOK, "zh-Hans")
    wording = Wording("已处理", "{site}：{place}")
    hooked.see(("ann", "CN-GD"))
    hooked.act(set_wording, actor=BOB, which=which, version=0, wording=wording)
    put(hooked, account="ann", case=1)
    send(hooked)
    words = platform.data()["data"]["words"]
    assert words["zh-Hans"] == {"title": "已处理", "text": "Forum：广东"}
    assert words["en"]["title"] == "Your IP location label was reviewed"
    assert "廣東" in words["zh-Hant"]["text"]
