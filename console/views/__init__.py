"""Pages, one module a noun."""

from flask import Flask

from console.views import (
    accounts,
    approvals,
    audit,
    brakes,
    cases,
    corrections,
    decisions,
    enrol,
    holder,
    overview,
    profile,
    queue,
    sign_in,
    submissions,
    system,
)

BLUEPRINTS = (
    sign_in.blueprint,
    enrol.blueprint,
    profile.blueprint,
    overview.blueprint,
    queue.blueprint,
    cases.blueprint,
    decisions.blueprint,
    submissions.blueprint,
    approvals.blueprint,
    accounts.blueprint,
    corrections.blueprint,
    brakes.blueprint,
    audit.blueprint,
    system.blueprint,
    holder.blueprint,
)


def register(app: Flask) -> None:
    """Add every page to `app`."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
