"""Choosing what somebody works on, as an admin and the person see it."""

import pytest

from shudi.staff.actions import set_scope
from shudi.staff.queries.scopes import scope_of
from shudi.staff.rules.scopes import EVERYWHERE, Scope
from tests import factories
from tests.console.test_people import invited, row_of
from tests.people import ALICE, BOB, CHARLIE, SYSTEM

PAGE = f"/people/{ALICE.staff_id}"


@pytest.fixture
def tea(desk, sqlite_database, now) -> int:
    """Another site, on which nothing is."""
    with sqlite_database.transaction() as session:
        return factories.make_site(session, key="tea", name="Tea house", now=now)


def scope(database, who) -> Scope:
    with database.read_session() as session:
        return scope_of(session, getattr(who, "staff_id", who))


def choose(bob, page=PAGE, **form):
    bob.get(f"{page}/scope")
    return bob.post(f"{page}/scope", {"version": bob.field("version"), **form})


def test_what_an_admin_chooses_holds_on_the_next_click_of_an_open_session(
    desk, tea, signed_in, sqlite_database
):
    alice, bob = signed_in(ALICE), signed_in(BOB)
    assert "Forum" in alice.get("/queue").text
    assert choose(bob, reach="some", sites=tea).status_code == 303
    assert "Tea house" in bob.get(PAGE).text
    assert "Tea house" in bob.get("/people").text
    assert "Forum" not in alice.get("/queue").text
    assert alice.get("/system").status_code == 403
    assert choose(bob, reach="all").status_code == 303
    assert scope(sqlite_database, ALICE) == EVERYWHERE
    assert "Forum" in alice.get("/queue").text


def test_what_was_chosen_is_kept_where_it_is_refused(tea, signed_in, sqlite_database):
    bob = signed_in(BOB)
    assert choose(bob, reach="some").status_code == 422
    assert "Choose at least one site." in bob.page
    assert choose(bob, reach="some", sites=999).status_code == 422
    assert choose(bob, reach="some", sites=tea).status_code == 303
    bob.get(f"{PAGE}/scope")
    stale = {"version": 1, "reach": "some", "sites": [1, tea]}
    assert bob.post(f"{PAGE}/scope", stale).status_code == 409
    assert f'value="{tea}" checked' in bob.page
    assert choose(bob, reach="some", sites=tea).status_code == 422  # as it is already


def test_regions_are_a_supervisors_and_named_in_the_readers_language(
    tea, signed_in, sqlite_database
):
    bob, page = signed_in(BOB), f"/people/{CHARLIE.staff_id}"
    assert "Guangdong" not in bob.get(f"{PAGE}/scope").text
    assert "Guangdong" in bob.get(f"{page}/scope").text
    answer = choose(bob, page, reach="all", everywhere="some", regions=["CN-GD", "HK"])
    assert answer.status_code == 303
    assert scope(sqlite_database, CHARLIE) == Scope(None, frozenset({"CN-GD", "HK"}))
    assert "Guangdong" in bob.get(page).text
    assert choose(bob, page, reach="all", everywhere="some", regions="XX").status_code == 422
    assert choose(bob, PAGE, reach="all", everywhere="some", regions="HK").status_code == 422


def test_somebody_is_invited_for_some_sites(tea, signed_in, sqlite_database):
    bob = signed_in(BOB)
    invited(bob)
    assert scope(sqlite_database, row_of(sqlite_database).id) == EVERYWHERE
    form = {"name": "Eve", "role": "senior", "reach": "some"}
    bob.get("/people/invite")
    assert bob.post("/people/invite", form).status_code == 422
    assert bob.field("name") == "Eve"
    refused = form | {"sites": tea, "everywhere": "some", "regions": "HK"}
    assert bob.post("/people/invite", refused).status_code == 422
    assert "Only a supervisor" in bob.page
    assert bob.post("/people/invite", form | {"sites": tea}).status_code == 303
    assert scope(sqlite_database, row_of(sqlite_database, "Eve").id) == Scope(frozenset({tea}))


def test_an_admin_of_a_site_sees_and_gives_what_is_theirs(tea, signed_in, sqlite_database, now):
    with sqlite_database.transaction() as session:
        of_tea = Scope(frozenset({tea}))
        for who in (BOB, ALICE):
            set_scope(session, actor=SYSTEM, staff_id=who.staff_id, scope=of_tea, now=now)
    bob = signed_in(BOB)
    people = bob.get("/people").text
    assert "alice" in people
    assert "sam" not in people
    assert bob.get("/people/2").status_code == 404
    assert 'value="all"' not in bob.get(f"{PAGE}/scope").text
    assert "Forum" not in bob.page
    assert choose(bob, reach="all").status_code == 422
    bob.get("/people/invite")
    form = {"name": "Eve", "role": "senior", "reach": "some", "sites": 1}
    assert bob.post("/people/invite", form).status_code == 422
    assert bob.post("/people/invite", form | {"sites": tea}).status_code == 303
    own = bob.get(f"/people/{BOB.staff_id}/scope")
    assert "This is you" in own.text
    bob.get("/people/invite")
    sent = {"version": 1, "reach": "some", "sites": tea}
    assert bob.post(f"/people/{BOB.staff_id}/scope", sent).status_code == 403
    assert bob.get("/api-keys/new").text.count('value="0"') == 1  # «no end», not «all sites»
