"""Whatever is sent in place of a passkey's answer: it is refused, and nothing else happens."""

import copy
import json
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from shudi.errors import Refused
from shudi.staff.codec import passkeys
from tests.actions.authenticator import Device

ORIGIN = "http://localhost:8000"
CHALLENGE = b"c" * 32
PATHS = {
    "make": [
        ("id",), ("rawId",), ("type",), ("response",), ("response", "clientDataJSON"),
        ("response", "attestationObject"), ("response", "transports"),
    ],
    "sign": [
        ("id",), ("rawId",), ("type",), ("response",), ("response", "clientDataJSON"),
        ("response", "authenticatorData"), ("response", "signature"), ("response", "userHandle"),
    ],
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
BINARY = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")


class Answers:
    """A good answer of each kind, made once."""

    def __init__(self) -> None:
        self.device = Device(ORIGIN, "localhost")
        offer = passkeys.registration(
            origin=ORIGIN, staff_id=7, name="dora", known=[], challenge=CHALLENGE
        )
        self.make = self.device.make(offer)
        key = passkeys.registered(self.make, origin=ORIGIN, challenge=CHALLENGE)
        self.public_key = key.public_key
        self.device.count += 1
        asked = passkeys.request(origin=ORIGIN, known=[], challenge=CHALLENGE, alone=True)
        self.sign = self.device.sign(asked)

    def read(self, kind: str, response: str) -> None:
        """All that the acts ask of an answer of that kind."""
        passkeys.challenge_of(response)
        if kind == "make":
            passkeys.registered(response, origin=ORIGIN, challenge=CHALLENGE)
            return
        passkeys.credential_of(response)
        passkeys.is_of(response, 7)
        passkeys.asserted(
            response, origin=ORIGIN, challenge=CHALLENGE, public_key=self.public_key, count=1,
            alone=True,
        )  # fmt: skip


GOOD = Answers()


def tried(kind: str, response: str) -> bool:
    """Whether it was believed; anything raised but our own refusal is a fault."""
    try:
        GOOD.read(kind, response)
    except Refused as refusal:
        if refusal.code != "passkey-refused":
            raise
        return False
    return True


@pytest.mark.parametrize("kind", ["make", "sign"])
def test_the_good_answer_is_good(kind: str):
    assert tried(kind, getattr(GOOD, kind))


@given(kind=st.sampled_from(["make", "sign"]), response=st.text() | JSON.map(json.dumps))
def test_nonsense_is_refused(kind: str, response: str):
    assert not tried(kind, response)


@given(data=st.data(), kind=st.sampled_from(["make", "sign"]))
@hypothesis.settings(max_examples=300)
def test_an_answer_with_a_part_replaced_is_refused_or_still_ours(data: st.DataObject, kind: str):
    sent = json.loads(getattr(GOOD, kind))
    path = data.draw(st.sampled_from(PATHS[kind]))
    _put(sent, path, data.draw(JSON))
    tried(kind, json.dumps(sent))


@given(data=st.data(), kind=st.sampled_from(["make", "sign"]))
@hypothesis.settings(max_examples=300)
def test_an_answer_with_bytes_changed_or_cut_is_refused_or_still_ours(
    data: st.DataObject, kind: str
):
    sent = json.loads(getattr(GOOD, kind))
    name = data.draw(st.sampled_from([one for one in BINARY if one in sent["response"]]))
    whole = base64url_to_bytes(sent["response"][name] or "")
    at = data.draw(st.integers(0, len(whole)))
    put = data.draw(st.binary(max_size=8))
    cut = data.draw(st.integers(0, 8))
    changed = whole[:at] + put + whole[at + cut :]
    sent["response"][name] = bytes_to_base64url(changed)
    believed = tried(kind, json.dumps(sent))
    if name in ("clientDataJSON", "authenticatorData", "signature") and kind == "sign":
        assert believed == (changed == whole)


def test_control_a_library_whose_errors_are_not_caught_is_heard(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(passkeys, "_NONSENSE", (KeyError,))
    with pytest.raises(ValueError, match="Expecting value"):
        tried("sign", "nonsense")


def _put(sent: Any, path: tuple[str, ...], value: Any) -> None:
    *way, last = path
    inner = sent
    for name in way:
        inner = inner[name]
    if value is None:
        inner.pop(last, None)
    else:
        inner[last] = copy.deepcopy(value)
