"""What this API says about itself."""

import re

from flask import Response

from extension_api.answers import tagged, tagged_json
from extension_api.openapi import document
from extension_api.operations import Answer, Operation, Operations
from extension_api.parts import parts
from extension_api.problems import KINDS, TYPES, Refusal
from extension_api.reference import POLICY, page
from extension_api.wire import ProblemKind

operations = Operations()
_PUBLIC = "public, max-age=60"
_CODE = re.compile(r"[a-z][a-z0-9-]{0,60}\Z")


@operations.add(
    Operation(
        name="get_openapi",
        method="GET",
        rule="/openapi.json",
        summary="This API as OpenAPI 3.1",
        answers={200: Answer("The document."), 304: Answer("Nothing changed.")},
        cors=True,
    )
)
def get_openapi() -> Response:
    """The document, made of the operations there are."""
    return tagged_json(_document(), cache=_PUBLIC)


@operations.add(
    Operation(
        name="get_docs",
        method="GET",
        rule="/docs",
        summary="This API for people to read",
        answers={200: Answer("A page.", media="text/html"), 304: Answer("Nothing changed.")},
    )
)
def get_docs() -> Response:
    """The same document as a page."""
    html = page(_document()).encode()
    response = tagged(html, content_type="text/html; charset=utf-8", cache=_PUBLIC)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _document() -> dict[str, object]:
    return document(parts().operations.values(), server=parts().settings.base_url.rstrip("/"))


@operations.add(
    Operation(
        name="get_problem",
        method="GET",
        rule="/problems/<code>",
        summary="What a problem's type means",
        details="Codes of the domain's own rules say no more here than their name.",
        answers={200: Answer("The meaning.", ProblemKind), 304: Answer("Nothing changed.")},
        problems=("not-found",),
        cors=True,
    )
)
def get_problem(code: str) -> Response:
    """A problem's type resolves to its meaning."""
    if not _CODE.match(code) or code not in KINDS:
        raise Refusal("not-found")
    status, title = KINDS[code]
    return tagged_json(ProblemKind(TYPES + code, status, title), cache=_PUBLIC)
