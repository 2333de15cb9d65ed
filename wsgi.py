"""Both apps on one port. `shudi serve` starts it by this import string: `wsgi:app`."""

import gc
from collections.abc import Iterable
from typing import cast

import console
import extension_api
from shudi import settings as settings_module
from shudi.db import Database, connect
from shudi.patience import WSGI, Environ, Patient, StartResponse
from shudi.settings import Settings

_PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics")


def build(settings: Settings, *, database: Database | None = None) -> WSGI:
    """Both doors, kept from waiting for slow bodies."""
    return Patient(doors(settings, database=database))


def doors(settings: Settings, *, database: Database | None = None) -> WSGI:
    """Console and API over one store, one vocabulary and one set of place sources."""
    database = database or connect(settings.database_url)
    programs_app = extension_api.create_app(settings, database=database)
    parts = programs_app.extensions["shudi"]
    people = console.create_app(
        settings, database=database, vocabulary=parts.vocabulary, locator=parts.locator
    )
    console_app = cast("WSGI", people.wsgi_app)
    programs = extension_api.with_short_way(programs_app)

    def both(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        answer = programs if path.startswith(_PROGRAMS) else console_app
        return answer(environ, start_response)

    return both


def __getattr__(name: str) -> WSGI:
    """`app`, built when a server asks for it: importing this module needs no settings."""
    if name != "app":
        raise AttributeError(name)
    built = globals()["app"] = build(settings_module.load())
    gc.collect()
    # What is loaded now stays. A batch of thousands is no sign of a leak: with the interpreter's
    # own threshold of 700 objects it was searched dozens of times.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    return built
