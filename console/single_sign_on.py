"""Single sign-on as this deployment set it: its provider, or none, and then nothing of it is here.

The provider's module, and with it Authlib, is imported only where one is set.
"""

import dataclasses
import importlib
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

from console.parts import database, settings
from shudi.settings import Settings
from shudi.staff.queries import SignedIn
from shudi.staff.queries.identities import has_identity
from shudi.staff.rules import Role
from shudi.staff.rules.single_sign_on import Policy

if TYPE_CHECKING:
    from shudi.staff.gateway.provider import Provider

RETURN = "/sign-in/sso/return"
_EXTENSION = "single-sign-on"


@dataclasses.dataclass(frozen=True, slots=True)
class SingleSignOn:
    """The provider, as the button calls it, and what its word is worth."""

    provider: "Provider"
    name: str
    policy: Policy


def init_app(app: Flask) -> None:
    """Know the provider that the settings name; templates know it as `sso`, None without one."""
    chosen: Settings = app.extensions["settings"]
    found = _open(chosen) if chosen.oidc_issuer else None
    app.extensions[_EXTENSION] = found
    app.jinja_env.globals["sso"] = found


def _open(chosen: Settings) -> SingleSignOn:
    module = importlib.import_module("shudi.staff.gateway.provider")
    policy = Policy(
        roles=tuple((group, Role(role)) for group, role in chosen.oidc_roles),
        factors=frozenset(chosen.oidc_factors),
        create=chosen.oidc_create,
    )
    address = chosen.base_url.rstrip("/") + RETURN
    return SingleSignOn(module.Provider(chosen, redirect_uri=address), chosen.oidc_name, policy)


def is_set(app: Flask) -> bool:
    """Whether there is a provider."""
    return app.extensions[_EXTENSION] is not None


def present() -> SingleSignOn:
    """The one there is. Only routes that exist where there is one ask for it."""
    return cast("SingleSignOn", current_app.extensions[_EXTENSION])


def proves(found: SignedIn | None) -> bool:
    """Whether the provider can prove this person anew: it may speak for a second factor here, and
    knows them.
    """
    if found is None or not is_set(current_app) or not present().policy.factors:
        return False
    with database().read_session() as session:
        return has_identity(session, staff_id=found.staff_id, issuer=settings().oidc_issuer)
