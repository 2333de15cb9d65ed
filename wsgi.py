"""Both apps on one port. `shudi serve` starts it by this import string: `wsgi:app`."""

import gc
from collections.abc import Iterable
from typing import cast

from flask import Flask

import console
import extension_api
from extension_api.hot import BY_ADDRESS, BY_BODY
from shudi import settings as settings_module
from shudi.db import Database, connect
from shudi.patience import WSGI, Environ, Patient, StartResponse
from shudi.settings import Settings

_PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics")


def build(settings: Settings, *, database: Database | None = None, idle: float = 20) -> WSGI:
    """Both doors, kept from waiting for bodies that are slow for `idle` seconds; what has no body
    and is answered in a moment goes beside that.
    """
    programs, people = _apps(settings, database)
    return extension_api.with_short_way(
        programs, before=Patient(_doors(programs, people), idle=idle), paths=[BY_ADDRESS]
    )


def impatient(settings: Settings) -> WSGI:
    """Both doors without that: whoever sends a slow body holds a thread."""
    return _doors(*_apps(settings, None))


def _apps(settings: Settings, database: Database | None) -> tuple[Flask, Flask]:
    """API and console over one store, one vocabulary and one set of place sources."""
    database = database or connect(settings.database_url)
    programs = extension_api.create_app(settings, database=database)
    parts = programs.extensions["shudi"]
    people = console.create_app(
        settings, database=database, vocabulary=parts.vocabulary, locator=parts.locator
    )
    return programs, people


def _doors(programs: Flask, people: Flask) -> WSGI:
    console_app = cast("WSGI", people.wsgi_app)
    api_app = extension_api.with_short_way(programs, paths=[BY_BODY])

    def both(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        answer = api_app if path.startswith(_PROGRAMS) else console_app
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
