"""What account information may look like."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shudi.accounts import rules
from shudi.accounts.rules import AccountInfo
from shudi.errors import Invalid

ANY_TEXT = st.text(st.characters(), max_size=140) | st.text(max_size=140)


@pytest.mark.parametrize(
    "text",
    ["a", "0", "A.b-c_d", "属地" * 64, "x" * 128, "\U0001f375" * 128, "a b", "é", "עברית", "ไทย"],
)
def test_ids_are_opaque(text):
    assert rules.check_identifier(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 129,
        "x" * 10_240,
        "\0",
        "a\nb",
        "\x7f",
        "\x9f",
        "\ud800",
        "a\u202eb",
        "\u2066a",
        None,
        7,
    ],
)
def test_what_is_no_id(text):
    with pytest.raises(Invalid) as caught:
        rules.check_identifier(text)
    assert caught.value.code == "account-invalid"
    assert str(text or "?") not in caught.value.message or text == "a"


def test_an_id_is_counted_in_its_composed_form():
    assert rules.check_identifier("e\u0301" * 128) == "\u00e9" * 128
    with pytest.raises(Invalid):
        rules.check_identifier("e\u0301" * 129)


@given(ANY_TEXT)
def test_whatever_passes_is_composed_short_and_safe(text):
    try:
        found = rules.check_identifier(text)
    except Invalid:
        return
    assert unicodedata.is_normalized("NFC", found)
    assert 1 <= len(found) <= 128
    assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in found)
    assert not set(found) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert rules.check_identifier(found) == found
    assert found.encode().decode() == found


@given(ANY_TEXT, ANY_TEXT)
def test_information_that_passes_passes_again(name, bio):
    try:
        info = rules.check_info(AccountInfo(name=name, bio=bio))
    except Invalid:
        return
    assert rules.check_info(info) == info


@given(st.text(max_size=60))
def test_folding_a_page_key_twice_is_folding_it_once(text):
    for fold in ("exact", "casefold"):
        once = rules.fold_page_key(text, fold)
        assert rules.fold_page_key(once, fold) == once


@pytest.mark.parametrize(
    ("one", "other", "fold", "same"),
    [
        ("Ann", "ann", "exact", False),
        ("Ann", "aNN", "casefold", True),
        ("Straße", "STRASSE", "casefold", True),
        ("e\u0301", "\u00e9", "exact", True),
        ("E\u0301", "\u00e9", "casefold", True),
        ("Ａｎｎ", "ann", "casefold", False),  # full width is another spelling on a page
    ],
)
def test_how_page_keys_compare(one, other, fold, same):
    assert (rules.fold_page_key(one, fold) == rules.fold_page_key(other, fold)) is same


@given(st.text(max_size=200))
def test_a_search_key_fits_its_column(text):
    assert len(rules.search_key(text)) <= 256
