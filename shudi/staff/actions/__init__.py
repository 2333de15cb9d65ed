"""Acts on people, their credentials and their sessions."""

from shudi.staff.actions.admission import create_staff, enable, invite, make_link, reset
from shudi.staff.actions.agreement import accept_agreement
from shudi.staff.actions.arrivals import note_arrival
from shudi.staff.actions.care import note_opened, set_care
from shudi.staff.actions.credentials import (
    Own,
    change_app,
    change_password,
    renew_recovery_codes,
)
from shudi.staff.actions.devices import forget_device
from shudi.staff.actions.door import Door
from shudi.staff.actions.ending import end_all_sessions, end_session
from shudi.staff.actions.enrolment import Credentials, demo_sign_in, enrol
from shudi.staff.actions.factors import Proof
from shudi.staff.actions.identities import (
    accept_identified,
    end_provider_sessions,
    link_identified,
    may_set_up,
    set_up_factor,
    step_up_identified,
    unlink,
)
from shudi.staff.actions.keyboard import set_keyboard
from shudi.staff.actions.notices import see_notices
from shudi.staff.actions.passkey_proof import offer_proof
from shudi.staff.actions.passkeys import add_passkey, offer_passkey, remove_passkey
from shudi.staff.actions.people import (
    LANGUAGES,
    SCHEMES,
    declare_own_account,
    set_preferences,
)
from shudi.staff.actions.proposals import confirm, propose, refuse
from shudi.staff.actions.reading import note_found, note_read
from shudi.staff.actions.record import record_denial
from shudi.staff.actions.scopes import set_scope
from shudi.staff.actions.sessions import purge, sign_out, sign_out_elsewhere, touch
from shudi.staff.actions.sign_in import sign_in_factor, sign_in_passkey, sign_in_password
from shudi.staff.actions.single_sign_on import Arrived, note_refusal, sign_in_identified
from shudi.staff.actions.standing import disable, set_role
from shudi.staff.actions.step_up import step_up
from shudi.staff.actions.trips import Errand, Returned, come_back, set_out

__all__ = [
    "LANGUAGES",
    "SCHEMES",
    "Arrived",
    "Credentials",
    "Door",
    "Errand",
    "Own",
    "Proof",
    "Returned",
    "accept_agreement",
    "accept_identified",
    "add_passkey",
    "change_app",
    "change_password",
    "come_back",
    "confirm",
    "create_staff",
    "declare_own_account",
    "demo_sign_in",
    "disable",
    "enable",
    "end_all_sessions",
    "end_provider_sessions",
    "end_session",
    "enrol",
    "forget_device",
    "invite",
    "link_identified",
    "make_link",
    "may_set_up",
    "note_arrival",
    "note_found",
    "note_opened",
    "note_read",
    "note_refusal",
    "offer_passkey",
    "offer_proof",
    "propose",
    "purge",
    "record_denial",
    "refuse",
    "remove_passkey",
    "renew_recovery_codes",
    "reset",
    "see_notices",
    "set_care",
    "set_keyboard",
    "set_out",
    "set_preferences",
    "set_role",
    "set_scope",
    "set_up_factor",
    "sign_in_factor",
    "sign_in_identified",
    "sign_in_passkey",
    "sign_in_password",
    "sign_out",
    "sign_out_elsewhere",
    "step_up",
    "step_up_identified",
    "touch",
    "unlink",
]
