"""The app for programs: no cookie, no login, no form."""

from collections.abc import Collection
from typing import cast

from flask import Flask
from werkzeug.routing import BaseConverter

from extension_api import access, problems
from extension_api.hot import BY_ADDRESS, BY_BODY, WSGI, HotLookup
from extension_api.parts import Parts
from extension_api.rows import Rows
from extension_api.views import all_operations
from extension_api.wire import BODY_MOST
from shudi.clients.actions.limits import Limiter
from shudi.clients.actions.usage import Usage
from shudi.daykeys import DayKeys
from shudi.db import Database, connect
from shudi.geo import kept
from shudi.geo.actions import Locator, open_locator
from shudi.labels.queries.shelf import Shelf
from shudi.regions.codec import load_vocabulary
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings

__all__ = ["create_app", "with_short_way"]


class _AccountConverter(BaseConverter):
    """An account's id: anything, slashes too."""

    regex = ".+"
    part_isolating = False


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    vocabulary: Vocabulary | None = None,
    locator: Locator | None = None,
) -> Flask:
    """The API for `settings`; what is not given is opened from them."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_MOST,
        TRUSTED_HOSTS=settings.hosts(),
    )
    app.url_map.converters["account"] = _AccountConverter
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    vocabulary = vocabulary or load_vocabulary(settings.names_override)
    database = database or connect(settings.database_url)
    operations = list(all_operations())
    rows = Rows(vocabulary)
    app.extensions["shudi"] = Parts(
        settings=settings,
        database=database,
        vocabulary=vocabulary,
        locator=locator or _locator(settings, vocabulary),
        limiter=Limiter(database),
        usage=Usage(database),
        day_keys=DayKeys.of(settings),
        rows=rows,
        shelf=Shelf(database, rows.tail),
        operations={one.name: one for one, _ in operations},
    )
    access.init_app(app)
    problems.register(app)
    for one, view in operations:
        app.add_url_rule(
            one.address,
            endpoint=one.name,
            view_func=access.guarded(one, view),
            methods=[one.method],
        )
    return app


def with_short_way(
    app: Flask, *, before: WSGI | None = None, paths: Collection[str] = (BY_ADDRESS, BY_BODY)
) -> WSGI:
    """`before`, else `app` itself, as WSGI; keyed lookups of `app` at `paths` are answered without
    it where they are in order.
    """
    behind = cast("WSGI", app.wsgi_app) if before is None else before
    return HotLookup(behind, app.extensions["shudi"], paths=paths)


def _locator(settings: Settings, vocabulary: Vocabulary) -> Locator:
    return open_locator(
        settings.geo_sources,
        vocabulary,
        settings.granularity,
        settings.geo_quorum,
        settings.geo_max_age_days,
        kept.folder_of(settings.var),
    )
