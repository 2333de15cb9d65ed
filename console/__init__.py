"""The app for people: wiring only."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.routing import IntegerConverter

from console import (
    access,
    csrf,
    devices,
    errors,
    headers,
    language,
    picture,
    present,
    previews,
    readonly,
    security_words,
    sessions,
    single_sign_on,
    views,
)
from console.views import attachments, batches
from shudi.daykeys import DayKeys
from shudi.db import Database, connect
from shudi.geo import kept
from shudi.geo.actions import Locator, open_locator
from shudi.regions.codec import load_vocabulary
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.codec.keyring import Keyring

ROOT = Path(__file__).resolve().parent.parent
_BODY = 64 * 1024
_FIELDS = 200


class _IdConverter(IntegerConverter):
    """An id: no store takes more than 64 bits, so a longer number names nothing."""

    regex = r"\d{1,18}"


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    vocabulary: Vocabulary | None = None,
    locator: Locator | None = None,
) -> Flask:
    """The console for `settings`; what is not given is opened from them."""
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        static_url_path="/static",
    )
    keyring = Keyring(settings.secret_key, settings.secret_key_fallbacks, DayKeys.of(settings))
    vocabulary = vocabulary or load_vocabulary(settings.names_override)
    app.url_map.converters["int"] = _IdConverter
    app.extensions["settings"] = settings
    app.extensions["keyring"] = keyring
    app.extensions["db"] = database or connect(settings.database_url)
    app.extensions["vocabulary"] = vocabulary
    app.extensions["locator"] = locator or _locator(settings, vocabulary)
    _configure(app, settings, keyring)
    headers.init_app(app)
    sessions.init_app(app)
    devices.init_app(app)
    csrf.init_app(app)
    language.init_app(app, str(ROOT / "console" / "translations"))
    present.register(app)
    picture.register(app)
    previews.register(app)
    security_words.register(app)
    single_sign_on.init_app(app)
    errors.init_app(app)
    attachments.init_app(app)
    batches.init_app(app)
    app.before_request(csrf.protect)
    app.before_request(readonly.refuse)
    app.before_request(access.guard)
    views.register(app)
    return app


def _locator(settings: Settings, vocabulary: Vocabulary) -> Locator:
    return open_locator(
        settings.geo_sources,
        vocabulary,
        settings.granularity,
        settings.geo_quorum,
        settings.geo_max_age_days,
        kept.folder_of(settings.var),
    )


def _configure(app: Flask, settings: Settings, keyring: Keyring) -> None:
    base = urlsplit(settings.base_url)
    present, *before = [key.hex() for key in keyring.derive("flash-cookie")]
    app.config.update(
        SECRET_KEY=present,
        SECRET_KEY_FALLBACKS=before,
        SESSION_COOKIE_NAME="__Host-shudi-flash",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        TRUSTED_HOSTS=settings.hosts(),
        PREFERRED_URL_SCHEME=base.scheme,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        MAX_CONTENT_LENGTH=_BODY,
        MAX_FORM_MEMORY_SIZE=_BODY,
        MAX_FORM_PARTS=_FIELDS,
    )
    app.jinja_env.globals["read_only"] = settings.read_only
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
