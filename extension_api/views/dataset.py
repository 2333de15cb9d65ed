"""The signed dataset that viewers download on a timer."""

import re

from flask import Response, send_file

from extension_api.answers import tagged_json
from extension_api.operations import Answer, Operation, Operations
from extension_api.parts import database, parts
from extension_api.problems import MEDIA_TYPE, Refusal
from extension_api.wire import Manifest, Problem
from shudi.errors import Unavailable
from shudi.labels.codec import folder
from shudi.labels.queries.published import manifest
from shudi.sites.queries import closed_keys

operations = Operations()
_FILE = re.compile(r"[1-9][0-9]{0,17}-[0-9a-f]{16}\.bin\Z")
_SITE = re.compile(r"[a-z0-9-]{1,64}\Z")


@operations.add(
    Operation(
        name="get_manifest",
        method="GET",
        rule="/dataset/manifest",
        summary="The signed list of dataset files",
        details="Works before anything was published: `release` is null until then.",
        answers={200: Answer("The manifest.", Manifest), 304: Answer("Nothing changed.")},
        cors=True,
    )
)
def get_manifest() -> Response:
    """All sites and their newest files, signed."""
    with database().read_session() as session:
        signed = manifest(
            session,
            settings=parts().settings,
            vocabulary=parts().vocabulary,
            attribution=parts().locator.attributions(),
        )
    return tagged_json(signed, cache="no-cache")


@operations.add(
    Operation(
        name="get_dataset_file",
        method="GET",
        rule="/dataset/<site>/<file>",
        summary="One dataset file",
        details="Its address holds its hash, so it never changes. The last two of a site are kept.",
        answers={
            200: Answer("The file.", media="application/octet-stream"),
            206: Answer("A part of the file.", media="application/octet-stream"),
            304: Answer("Nothing changed."),
            416: Answer("No such part.", Problem, MEDIA_TYPE),
        },
        problems=("not-found",),
        cors=True,
    )
)
def get_file(site: str, file: str) -> Response:
    """A file by its name; the hash in it is its tag."""
    path = folder(parts().settings.var).resolve() / site / file
    if not _SITE.match(site) or not _FILE.match(file) or not path.is_file() or _is_closed(site):
        raise Refusal("not-found")
    response = send_file(
        path,
        mimetype="application/octet-stream",
        conditional=True,
        etag=file.partition("-")[2].removesuffix(".bin"),
    )
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _is_closed(site: str) -> bool:
    """Whether the site serves nothing any more; its files go a moment later. A store that does not
    answer keeps no file from its reader.
    """
    try:
        with database().read_session() as session:
            return site in closed_keys(session)
    except Unavailable:
        return False
