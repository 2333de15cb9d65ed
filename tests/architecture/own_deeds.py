"""Good requests for what everybody does for themselves: the agreement, the profile, the keys."""

import itertools

import sqlalchemy as sa

from shudi import clock
from shudi.staff.actions import Door, Own, offer_passkey
from shudi.staff.codec import passwords, totp
from shudi.staff.rules import AGREEMENT
from shudi.staff.store import Staff
from shudi.staff.store.factors import KnownDevice, Passkey
from shudi.staff.store.identities import Identity
from tests import people
from tests.actions.authenticator import Device
from tests.architecture.deed import Asked, Deed
from tests.architecture.doors import BASE, Doors

_numbers = itertools.count()


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


def _passkey(doors: Doors) -> Passkey:
    """One of hers, with as much in it as removing needs."""
    with doors.database.transaction() as session:
        row = Passkey(
            staff_id=people.SONJA.staff_id, credential_id="AAAA", public_key=b"", sign_count=0,
            name="Laptop", synced=False, created_at=clock.now(),
        )  # fmt: skip
        session.add(row)
    return row


def _new_passkey(doors: Doors) -> Asked:
    at = Door(keyring=doors.console.extensions["keyring"], client=None, now=clock.now(),
              origin=BASE, holder=f"staff:{people.SONJA.staff_id}")  # fmt: skip
    with doors.database.transaction() as session:
        options = offer_passkey(session, door=at, own=Own(people.SONJA, ""))
    response = Device(BASE, "labels.example.org").make(options)
    return "/profile/security/passkeys", {"name": "Laptop", "passkey": response}


def _browser(doors: Doors) -> Asked:
    with doors.database.transaction() as session:
        row = KnownDevice(
            staff_id=people.SAM.staff_id, token_hash="x", created_at=clock.now(),
            used_at=clock.now(),
        )  # fmt: skip
        session.add(row)
    return f"/profile/security/browsers/{row.id}/forget", {}


def _identity(doors: Doors) -> Asked:
    _password(doors)
    with doors.database.transaction() as session:
        row = Identity(
            staff_id=people.SONJA.staff_id, issuer=doors.provider.issuer,
            subject=f"sonja-{next(_numbers)}", linked_at=clock.now(),
        )  # fmt: skip
        session.add(row)
    return "/profile/security/sso/remove", {}


DEEDS = {
    "agreement.accept": Deed(people.SONJA, _agreement, permitted=False),
    "keys.reset": Deed(people.SONJA, lambda _: ("/profile/keyboard/reset", {}), permitted=False),
    "keys.save": Deed(
        people.SONJA,
        lambda _: ("/profile/keyboard", {"key-case.keep": "y", "keep": "", "withhold": ""}),
        permitted=False,
    ),
    "passkeys.add": Deed(people.SONJA, _new_passkey, permitted=False),
    "passkeys.forget": Deed(people.SAM, _browser, permitted=False),
    "passkeys.remove": Deed(
        people.SONJA,
        lambda doors: (f"/profile/security/passkeys/{_passkey(doors).id}/remove", {}),
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
    "sso.unlink": Deed(people.SONJA, _identity, permitted=False),
}

NO_ACT = dict.fromkeys(
    ("sso.accept", "sso.again", "sso.begin", "sso.link"),
    "a trip to the provider, good for ten minutes; what comes of it is on record",
) | {
    "profile.care": "one's own pace, which nobody else is told: docs/decisions/0014-care.md",
    "security.seen": "one's own mark that one has seen a notice; what it tells of is on record",
}
ELSEWHERE = dict.fromkeys(
    ("sso.factor_submit", "sso.finish", "sso.logged_out"), "tests/actions/test_single_sign_on.py"
)
