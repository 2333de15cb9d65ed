"""The parts an app is made of, as views reach them."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime

from flask import current_app, g, request

from extension_api.operations import Operation
from extension_api.rows import Rows
from shudi.clients.actions.limits import Limiter
from shudi.clients.actions.usage import Usage
from shudi.clients.rules import Client, IPAddress, client_address
from shudi.daykeys import DayKeys
from shudi.db import Database
from shudi.geo.actions import Locator
from shudi.labels.queries.shelf import Shelf
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor, ActorKind


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    database: Database
    vocabulary: Vocabulary
    locator: Locator
    limiter: Limiter
    usage: Usage
    day_keys: DayKeys
    rows: Rows
    shelf: Shelf
    operations: Mapping[str, Operation]


def parts() -> Parts:
    """The parts of the running app."""
    found: Parts = current_app.extensions["shudi"]
    return found


def database() -> Database:
    """The store."""
    return parts().database


def now() -> datetime:
    """The instant at which this request came."""
    instant: datetime = g.now
    return instant


def client() -> Client:
    """The program that asks; only behind a scope."""
    found: Client = g.client
    return found


def actor() -> Actor:
    """The program, or a reader without a name, as acts know them."""
    found: Client | None = g.get("client")
    if found is None:
        return Actor(kind=ActorKind.READER, id="reader", name="reader", request_id=g.request_id)
    return Actor(
        kind=ActorKind.CLIENT,
        id=f"client:{found.id}",
        name=found.name,
        request_id=g.request_id,
    )


def address() -> IPAddress | None:
    """Where the request came from, past the proxies we trust. Never stored, never logged."""
    settings = parts().settings
    forwarded = request.headers.getlist(settings.forwarded_header)
    return client_address(request.remote_addr or "", forwarded, settings.trusted_proxies)
