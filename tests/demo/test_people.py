import re
import unicodedata

from demo.people import CAST, members
from shudi.accounts.rules import AccountInfo, check_identifier, check_info


def test_the_members_are_the_same_each_time_and_more_change_none_of_them():
    members.cache_clear()
    first = members(700)
    members.cache_clear()
    assert members(5000)[:700] == first


def test_no_two_members_share_an_id_or_a_handle_as_pages_compare_them():
    people = members()
    assert len(people) == 5000
    assert len({one.account for one in people}) == 5000
    folded = {unicodedata.normalize("NFC", one.handle).casefold() for one in people}
    assert len(folded) == 5000


def test_every_member_is_acceptable_to_the_intake():
    for one in members():
        assert check_identifier(one.account) == one.account
        assert check_identifier(one.handle) == one.handle
        check_info(AccountInfo(handle=one.handle, name=one.name, bio=one.bio))


def test_names_come_in_many_writings_some_long_some_with_emoji():
    people = members()
    assert {one.language for one in people} == {"en", "zh-Hans", "zh-Hant", "ja", "es", "ar", "ru"}
    assert any(re.search(r"[\u0600-\u06ff]", one.name) for one in people)
    assert any(len(one.name) > 70 for one in people)
    assert any(unicodedata.category(one.name[-1]) == "So" for one in people)


def test_some_are_minors_some_protected_some_never_write_but_none_of_the_cast():
    people = members()
    assert {one.protection for one in people} == {"none", "minor", "protected"}
    assert {one.activity for one in people} == {"posts", "reads", "silent"}
    assert {(one.protection, one.activity) for one in people[:CAST]} == {("none", "posts")}
