"""Good requests for what everybody does for themselves: the agreement, the profile, the keys."""

import sqlalchemy as sa

from shudi import clock
from shudi.staff.codec import passwords, totp
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


def _password(doors: Doors) -> Asked:
    present, chosen = "three small boats at dusk", "seven quiet herons wait"
    with doors.database.transaction() as session:
        known = sa.update(Staff).where(Staff.id == people.SONJA.staff_id)
        session.execute(known.values(password_hash=passwords.hash_new(present)))
    form = {"present": present, "password": chosen, "password_again": chosen}
    return "/profile/security/password", form


def _app(doors: Doors) -> Asked:
    secret = totp.new_secret()
    sealed = doors.console.extensions["keyring"].seal(f"app staff:{people.SONJA.staff_id} {secret}")
    form = {"sealed": sealed, "code": totp.code_at(secret, clock.now())}
    return "/profile/security/app", form


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
    "security.app_submit": Deed(people.SONJA, _app, permitted=False),
    "security.password": Deed(people.SONJA, _password, permitted=False),
    "security.recovery_codes": Deed(
        people.SONJA, lambda _: ("/profile/security/recovery-codes", {}), permitted=False
    ),
}
