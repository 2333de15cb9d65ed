"""The lookup as one would first write it: Flask, SQLAlchemy Core, one indexed IN query, jsonify.

It checks no key and no limit.
"""

import os

import sqlalchemy as sa
from flask import Flask, Response, jsonify, request

from shudi.db.sqlite import driver
from shudi.regions.codec import load_vocabulary

app = Flask(__name__)
engine = sa.create_engine(f"sqlite:///{os.environ['SHUDI_VAR']}/shudi.db", module=driver())
tables = sa.MetaData()
labels = sa.Table("labels", tables, autoload_with=engine, resolve_fks=False)
sites = sa.Table("sites", tables, autoload_with=engine)
regions = load_vocabulary()
NOTHING = {
    "state": "none",
    "region": None,
    "names": None,
    "precision": "none",
    "basis": "none",
    "corrected": False,
    "disputed": False,
    "since": None,
    "version": 0,
}


@app.get("/api/v1/labels")
def look_up() -> Response:
    wanted = request.args.getlist("account")
    with engine.connect() as connection:
        site = connection.execute(
            sa.select(sites.c.id, sites.c.as_of).where(sites.c.key == request.args["site"])
        ).one()
        rows = connection.execute(
            sa.select(
                labels.c.account,
                labels.c.state,
                labels.c.region,
                labels.c.basis,
                labels.c.corrected,
                labels.c.disputed,
                labels.c.hidden,
                labels.c.since,
                labels.c.version,
            ).where(labels.c.site_id == site.id, labels.c.account.in_(wanted))
        ).all()
    found = {row.account: row for row in rows if not row.hidden and row.state != "none"}
    return jsonify(
        as_of=site.as_of.isoformat() + "Z",
        labels=[{"account": one} | _label(found.get(one)) for one in wanted],
    )


def _label(row: sa.Row | None) -> dict[str, object]:
    if row is None:
        return NOTHING
    return {
        "state": row.state,
        "region": row.region,
        "names": dict(regions.get(row.region).on_labels) if row.region else None,
        "precision": regions.precision(row.region),
        "basis": row.basis,
        "corrected": row.corrected,
        "disputed": row.disputed,
        "since": row.since.isoformat(),
        "version": row.version,
    }
