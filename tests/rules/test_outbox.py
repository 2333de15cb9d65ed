"""Notices: their words in every language, their placeholders, signatures and waits."""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shudi.errors import Invalid
from shudi.outbox import rules
from shudi.outbox.codec import LANGUAGES, no_place, shipped
from shudi.outbox.rules import CHANNELS, WORDED, Channel, Topic, Wording
from shudi.regions.rules import LANGUAGES as REGION_LANGUAGES

PLACE = (Topic.CASE_DECIDED, Channel.WEBHOOK)


def test_each_language_of_the_regions_has_every_notice_and_its_placeholders():
    assert LANGUAGES == REGION_LANGUAGES
    english = shipped("en")
    for language in LANGUAGES:
        assert no_place(language)
        for key, wording in shipped(language).items():
            used = rules.placeholders(wording.title + wording.text)
            assert used == rules.placeholders(english[key].title + english[key].text), key
            assert used <= WORDED[key]


def test_words_belong_to_a_channel_that_the_notice_has():
    assert set(CHANNELS) == set(Topic)
    assert all(channel in CHANNELS[topic] for topic, channel in WORDED)
    # mail is always worded, and never names an account or a place
    for topic, channels in CHANNELS.items():
        if Channel.MAIL in channels:
            assert not WORDED[topic, Channel.MAIL] & {"account", "place"}


def test_nobody_who_decided_and_nothing_that_was_detected_has_a_placeholder():
    for known in WORDED.values():
        assert known <= {"site", "place", "case", "link", "count"}


@pytest.mark.parametrize(
    ("title", "text", "code"),
    [
        ("", "x", "wording-length"),
        ("x", " \n ", "wording-length"),
        ("x" * 121, "x", "wording-length"),
        ("x", "x" * 1001, "wording-length"),
        ("a\nb", "x", "wording-letters"),
        ("x", "\x1b[2J", "wording-letters"),
        ("x", "a\u202eb", "wording-letters"),
        ("x", "a\ud800b", "wording-letters"),
        ("x", "{account}", "wording-placeholder"),
        ("x", "{place.__class__}", "wording-placeholder"),
        ("{place!r}", "x", "wording-placeholder"),
        ("x", "{place", "wording-placeholder"),
        ("x", "place}", "wording-placeholder"),
        ("x", "{{place}}", "wording-placeholder"),
        ("x", "{}", "wording-placeholder"),
    ],
)
def test_words_that_cannot_be(title, text, code):
    with pytest.raises(Invalid) as caught:
        rules.check_wording(*PLACE, Wording(title, text))
    assert caught.value.code == code


def test_a_notice_without_words_takes_none():
    with pytest.raises(Invalid, match="no words"):
        rules.check_wording(Topic.BRAKE_TRIPPED, Channel.WEBHOOK, Wording("x", "x"))


@given(st.text(), st.text())
def test_facts_are_put_in_once_and_a_title_stays_one_line(site, place):
    found = rules.fill(Wording("{site}", "{site}|{place}"), {"site": site, "place": place})
    assert found.text == f"{site}|{place}"
    assert len(found.title.splitlines()) <= 1


def test_two_secrets_make_two_signatures():
    secrets = [rules.make_secret(bytes([at]) * 32) for at in (1, 2)]
    both = rules.signature(secrets, uid="msg_1", timestamp=5, body=b"{}")
    each = [rules.signature([one], uid="msg_1", timestamp=5, body=b"{}") for one in secrets]
    assert both == " ".join(each)
    # the layout's own example (standardwebhooks.com)
    example = rules.signature(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        uid="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert example == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_????", "whsec_" + "A" * 8, "A" * 400])
def test_a_weak_secret_is_none(secret):
    with pytest.raises(Invalid):
        rules.check_secret(secret)
    assert rules.check_secret("whsec_" + base64.b64encode(b"k" * 24).decode())


def test_waits_grow_and_spread_and_end():
    waits = [rules.retry_after(at, 0) for at in range(1, len(rules.RETRIES) + 1)]
    assert waits == sorted(waits, key=lambda one: one or timedelta())
    assert rules.retry_after(1, 1) == rules.RETRIES[0] * 1.25
    assert rules.retry_after(len(rules.RETRIES) + 1, 0) is None
