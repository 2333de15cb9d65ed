"""Good requests for what everybody does for themselves: the agreement, the profile, the keys."""

import sqlalchemy as sa

from shudi.staff.rules import AGREEMENT
from shudi.staff.store import Staff
from tests import people
from tests.architecture.deed import Asked, Deed
from tests.architecture.doors import Doors


def _agreement(doors: Doors) -> Asked:
    with doors.database.transaction() as session:
        nothing = sa.update(Staff).where(Staff.id == people.SONJA.staff_id)
        session.execute(nothing.values(agreement=""))
    return "/agreement", {"version": AGREEMENT}


DEEDS = {
    "agreement.accept": Deed(people.SONJA, _agreement, permitted=False),
    "keys.reset": Deed(people.SONJA, lambda _: ("/profile/keyboard/reset", {}), permitted=False),
    "keys.save": Deed(
        people.SONJA,
        lambda _: ("/profile/keyboard", {"key-case.keep": "y", "keep": "", "withhold": ""}),
        permitted=False,
    ),
    "profile.elsewhere": Deed(
        people.SONJA,
        lambda doors: (
            "/profile/sign-out-elsewhere",
            dict.fromkeys([], doors.session_of(people.SONJA)),
        ),
        permitted=False,
    ),
    "profile.own_accounts": Deed(
        people.SONJA,
        lambda doors: (
            "/profile/own-accounts",
            {"site": "forum", "account": doors.found.names[-3]},
        ),
        permitted=False,
    ),
    "profile.preferences": Deed(
        people.SONJA,
        lambda _: ("/profile/preferences", {"language": "en", "timezone": "", "scheme": "dark"}),
        permitted=False,
    ),
}
