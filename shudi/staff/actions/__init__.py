"""Acts on people, their credentials and their sessions."""

from shudi.staff.actions.agreement import accept_agreement
from shudi.staff.actions.care import note_opened, set_care
from shudi.staff.actions.enrolment import Credentials, demo_sign_in, enrol
from shudi.staff.actions.keyboard import set_keyboard
from shudi.staff.actions.people import (
    LANGUAGES,
    SCHEMES,
    create_staff,
    declare_own_account,
    disable,
    make_link,
    set_preferences,
    set_role,
)
from shudi.staff.actions.reading import note_found, note_read
from shudi.staff.actions.record import record_denial
from shudi.staff.actions.sessions import purge, sign_out, sign_out_elsewhere, touch
from shudi.staff.actions.sign_in import Door, sign_in_code, sign_in_password

__all__ = [
    "LANGUAGES",
    "SCHEMES",
    "Credentials",
    "Door",
    "accept_agreement",
    "create_staff",
    "declare_own_account",
    "demo_sign_in",
    "disable",
    "enrol",
    "make_link",
    "note_found",
    "note_opened",
    "note_read",
    "purge",
    "record_denial",
    "set_care",
    "set_keyboard",
    "set_preferences",
    "set_role",
    "sign_in_code",
    "sign_in_password",
    "sign_out",
    "sign_out_elsewhere",
    "touch",
]
