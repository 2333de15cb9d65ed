"""What a person chose for their keyboard: kept, read back, refused where it is no key."""

import pytest

from console.keys import COMMANDS, changed, conflicts, keys_of
from shudi.errors import Invalid, NotAllowed
from shudi.staff.actions import set_keyboard
from shudi.staff.rules import Actor, Keyboard
from shudi.staff.store import Staff
from tests import people
from tests.people import ALICE


@pytest.fixture
def hired(database):
    with database.transaction() as session:
        people.hire_everybody(session)
    return database


def test_it_is_kept_and_read_back(hired, now):
    wanted = Keyboard(single=False, keys={"case.keep": "y"}, keep="", onward=False)
    with hired.transaction() as session:
        set_keyboard(session, actor=ALICE, keyboard=wanted, now=now)
    with hired.read_session() as session:
        assert Keyboard.read(session.get_one(Staff, ALICE.staff_id).keyboard) == wanted


@pytest.mark.parametrize(
    "wrong",
    [
        Keyboard(keys={"case.keep": "abc"}),
        Keyboard(keys={"case.keep": ""}),
        Keyboard(keys={"Case Keep": "y"}),
        Keyboard(keep="<script>"),
        Keyboard(keys={f"{first}{'x' * n}": "y" for first in "abc" for n in range(38)}),
    ],
)
def test_what_is_no_key_is_refused(hired, now, wrong):
    with hired.transaction() as session, pytest.raises(Invalid):
        set_keyboard(session, actor=ALICE, keyboard=wrong, now=now)


def test_a_program_has_no_keyboard(database, now):
    with database.transaction() as session, pytest.raises(NotAllowed):
        set_keyboard(session, actor=Actor.system("x"), keyboard=Keyboard(), now=now)


def test_what_another_release_wrote_is_read():
    assert Keyboard.read({}) == Keyboard()
    assert Keyboard.read({"single": False, "later": 1}) == Keyboard(single=False)


def test_the_shipped_keys_do_not_collide():
    assert conflicts(keys_of({}), COMMANDS) == {}
    assert changed(keys_of({})) == {}


@pytest.mark.parametrize(
    ("own", "wrong"),
    [
        ({"case.keep": "w"}, {"case.keep", "case.withhold"}),  # on the same page
        ({"case.keep": "j"}, set()),  # the queue's key, on another page
        ({"case.keep": "?"}, {"case.keep", "help"}),  # everybody's key
        ({"case.keep": "5"}, {"case.keep"}),  # digits choose by place
        ({"case.keep": "k k"}, set()),
        ({"case.keep": "w k"}, {"case.keep", "case.withhold"}),  # w would never wait for k
    ],
)
def test_keys_that_collide_are_named(own, wrong):
    assert set(conflicts(keys_of(own), COMMANDS)) == wrong
