"""Pages, one module a noun."""

from flask import Flask

from console.views import enrol, profile, sign_in

BLUEPRINTS = (
    sign_in.blueprint,
    enrol.blueprint,
    profile.blueprint,
)


def register(app: Flask) -> None:
    """Add every page to `app`."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
