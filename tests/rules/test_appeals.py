"""When a label may be contested, and what the answer may say."""

import typing
from datetime import date, timedelta

import pytest

from shudi.cases.rules.appeals import (
    FIRST,
    SECOND,
    Former,
    Marks,
    check_answer,
    check_statement,
    instance_of,
    is_late,
    shows_disputed,
)
from shudi.errors import Invalid, Refused, Stale
from shudi.settings import Settings

TODAY = date(2026, 3, 14)


def former(**changes):
    values = {"case_id": 1, "instance": FIRST, "is_open": False, "answered_version": 3}
    return Former(**(values | {"upheld": False} | changes))


def test_each_version_has_two_instances():
    assert instance_of(None, 1) == FIRST
    assert instance_of(former(), 3) == SECOND
    assert instance_of(former(), 4) == FIRST  # the label changed since
    assert instance_of(former(upheld=True), 3) == FIRST  # it was changed by the answer
    assert instance_of(former(instance=SECOND), 4) == FIRST
    with pytest.raises(Refused, match="twice"):
        instance_of(former(instance=SECOND), 3)
    with pytest.raises(Stale):
        instance_of(former(is_open=True, answered_version=None), 3)


def test_the_time_to_contest_ends_with_its_last_day_if_it_ends():
    day = timedelta(days=1)
    assert not is_late(since=TODAY - 900 * day, today=TODAY, days=0)
    assert not is_late(since=TODAY - 30 * day, today=TODAY, days=30)
    assert is_late(since=TODAY - 31 * day, today=TODAY, days=30)


@pytest.mark.parametrize(
    ("marks", "instance", "corrected", "days", "shown"),
    [
        (Marks.ALWAYS, FIRST, False, 0, True),
        (Marks.ALWAYS, SECOND, True, 9, False),
        (Marks.CORRECTED_OR_OLD, FIRST, False, 0, False),
        (Marks.CORRECTED_OR_OLD, FIRST, True, 0, True),
        (Marks.CORRECTED_OR_OLD, FIRST, False, 1, True),
        (Marks.NEVER, FIRST, True, 9, False),
    ],
)
def test_when_readers_are_told(marks, instance, corrected, days, shown):
    since = TODAY - timedelta(days=days)
    found = shows_disputed(marks, instance=instance, corrected=corrected, since=since, today=TODAY)
    assert found is shown


def test_the_setting_names_the_rules():
    named = typing.get_args(typing.get_type_hints(Settings)["contest_marks"])
    assert set(named) == {one.value for one in Marks}
    assert Settings().contest_marks == Marks.ALWAYS


def test_what_the_holder_may_say():
    assert check_statement(" Me \n", " a ticket ") == ("Me", "a ticket")
    for text, evidence, code in (
        (" ", "x", "text-needed"),
        ("x", "x" * 2001, "text-too-long"),
        ("x", "a\x00b", "text-invalid"),
    ):
        with pytest.raises(Invalid) as caught:
            check_statement(text, evidence)
        assert caught.value.code == code


@pytest.mark.parametrize(
    "words", ["Alice looked.", "asked ALICE", "ａｌｉｃｅ", "(alice)", "由王小明处理", "Bo Li: no"]
)
def test_an_answer_names_nobody(words):
    with pytest.raises(Invalid) as caught:
        check_answer(words, ["alice", "王小明", "Bo Li", ""])
    assert caught.value.code == "answer-names"


def test_an_answer_has_words():
    assert check_answer(" Malice, no. ", ["alice"]) == "Malice, no."
    with pytest.raises(Invalid) as caught:
        check_answer(" \n", [])
    assert caught.value.code == "answer-words"
