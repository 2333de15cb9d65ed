"""What the app was given at start, for views. Nothing here is made per request but the session."""

from typing import TYPE_CHECKING

from flask import current_app, g, request

from shudi.clients.rules import client_address
from shudi.db import Database
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.codec.keyring import IPAddress, Keyring

if TYPE_CHECKING:
    from shudi.geo.actions import Locator
    from shudi.staff.queries import SignedIn


def database() -> Database:
    """The store, as far as the work of whoever is signed in reaches."""
    found: Database = current_app.extensions["db"]
    signed_in: SignedIn | None = g.get("shudi_session")
    return found.limited_to(signed_in.scope.sites) if signed_in else found


def settings() -> Settings:
    """What this deployment chose."""
    found: Settings = current_app.extensions["settings"]
    return found


def vocabulary() -> Vocabulary:
    """The regions and their names."""
    found: Vocabulary = current_app.extensions["vocabulary"]
    return found


def locator() -> "Locator":
    """Where addresses are."""
    found: Locator = current_app.extensions["locator"]
    return found


def keyring() -> Keyring:
    """The keys drawn from the secret key."""
    found: Keyring = current_app.extensions["keyring"]
    return found


def client() -> IPAddress | None:
    """Who asks, past the proxies that we trust. Never to be stored or logged."""
    forwarded = request.headers.getlist(settings().forwarded_header)
    return client_address(request.remote_addr or "", forwarded, settings().trusted_proxies)


def request_id() -> str:
    """The name of this request in the audit log, the server's log and the answer's header."""
    found: str = g.request_id
    return found
