"""Pages, one module a noun."""

from flask import Flask

from console.views import (
    accounts,
    agreement,
    approvals,
    attachments,
    audit,
    batch,
    batches,
    brakes,
    cases,
    corrections,
    decisions,
    enrol,
    find,
    handover,
    holder,
    keys,
    looks,
    notes,
    notices,
    onward,
    overview,
    profile,
    queue,
    reasons,
    receivers,
    senders,
    sign_in,
    statistics,
    submissions,
    system,
    taken,
    wordings,
)

BLUEPRINTS = (
    sign_in.blueprint,
    enrol.blueprint,
    agreement.blueprint,
    profile.blueprint,
    keys.blueprint,
    overview.blueprint,
    queue.blueprint,
    find.blueprint,
    handover.blueprint,
    senders.blueprint,
    cases.blueprint,
    onward.blueprint,
    decisions.blueprint,
    taken.blueprint,
    looks.blueprint,
    notes.blueprint,
    attachments.blueprint,
    reasons.blueprint,
    submissions.blueprint,
    approvals.blueprint,
    batches.blueprint,
    batch.blueprint,
    accounts.blueprint,
    corrections.blueprint,
    brakes.blueprint,
    audit.blueprint,
    statistics.blueprint,
    system.blueprint,
    notices.blueprint,
    receivers.blueprint,
    wordings.blueprint,
    holder.blueprint,
)


def register(app: Flask) -> None:
    """Add every page to `app`."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
