"""How audit rows are hashed."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shudi.audit import rules

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.lists(TEXTS | st.integers(), min_size=1, max_size=12)
KEYS = st.binary(min_size=32, max_size=32).map(bytes.hex)
SCALARS = st.none() | st.booleans() | st.integers() | TEXTS
JSON = SCALARS | st.lists(SCALARS) | st.dictionaries(TEXTS, SCALARS)


@given(VALUES, VALUES)
def test_different_rows_have_different_hashes(one, other):
    assume([str(value) for value in one] != [str(value) for value in other])
    assert rules.row_hash(one) != rules.row_hash(other)


@given(TEXTS, TEXTS, st.data())
def test_moving_a_border_between_two_fields_changes_the_hash(left, right, data):
    whole = left + right
    at = data.draw(st.integers(0, len(whole)))
    assume(at != len(left))
    assert rules.row_hash([whole[:at], whole[at:]]) != rules.row_hash([left, right])


def test_an_empty_field_counts():
    assert len({rules.row_hash(["a"] + [""] * count) for count in range(5)}) == 5


def test_a_hash_is_the_same_for_a_number_and_for_its_text_as_read_back():
    assert rules.row_hash([1, "x"]) == rules.row_hash(["1", "x"])


def test_the_hash_of_a_row_never_changes():
    """A verdict on yesterday's log needs yesterday's hash: this value is part of the format."""
    assert rules.row_hash(["1", "名", ""]) == (
        "050629f21127e76dc6fc97585111ef1fd6b78316e9e0c9211244e994eff994f1"
    )


@given(st.dictionaries(TEXTS, JSON))
def test_a_value_has_one_spelling(value):
    spelled = rules.canonical(value)
    assert json.loads(spelled) == value
    assert rules.canonical(dict(reversed(value.items()))) == spelled
    assert "\n" not in spelled


def test_nothing_is_spelled_as_nothing():
    assert rules.canonical(None) == ""
    assert rules.canonical({}) == "{}"


@given(KEYS, KEYS, TEXTS, TEXTS)
def test_words_are_bound_by_key_and_content(key, other_key, text, other_text):
    mac = rules.text_mac(key, text)
    assert rules.text_mac(key, text) == mac
    assume(text != other_text)
    assert rules.text_mac(key, other_text) != mac
    assume(key != other_key)
    assert rules.text_mac(other_key, text) != mac


@pytest.mark.parametrize("seq", [1, 10**15])
def test_a_checkpoint_says_which_log_which_row_which_head(seq):
    assert rules.checkpoint_body(seq, "ab" * 32) == f"shudi/audit\n{seq}\n{'ab' * 32}\n".encode()
