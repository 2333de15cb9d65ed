"""The OpenAPI 3.1 document, made of the operations and their shapes."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from extension_api import told, wire
from extension_api.operations import JSON, NDJSON, Answer, Operation
from extension_api.problems import KINDS, MEDIA_TYPE

_PARAMETER = re.compile(r"<(?:[a-z]+:)?([a-z]+)>")
_REF = "#/components/schemas/{name}"
_KEYED = ("unauthorized", "scope-missing", "too-many-requests", "store-unavailable")
_SENT = ("body-malformed", "body-too-large", "content-type", "body-invalid")
_PARAMETERS: dict[str, tuple[str, dict[str, Any]]] = {
    "site": ("The community's key", {}),
    "account": ("The account's id, percent-encoded", told.ACCOUNT),
    "file": ("The file's name, from the manifest", {}),
    "code": ("The end of a problem's type", {"enum": list(KINDS)}),
}
_HEADERS = {"Idempotency-Key": {"minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"}}


def document(operations: Iterable[Operation], *, server: str) -> dict[str, Any]:
    """The whole document."""
    operations = list(operations)
    shapes = [shape for one in operations for shape in _shapes(one)]
    _, components = msgspec.json.schema_components([*shapes, wire.Problem], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        path = _PARAMETER.sub(r"{\1}", one.address)
        paths.setdefault(path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Shudi",
            "version": "1",
            "description": "Coarse IP-location labels of accounts. Every error is "
            "application/problem+json and repeats nothing that was sent.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "shudi_…"}
            },
        },
    }


def _shapes(one: Operation) -> list[Any]:
    answers = [answer.shape for answer in one.answers.values()]
    return [shape for shape in (one.body, one.line, *answers) if shape is not None]


def _operation(one: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": _parameters(one),
        "responses": _responses(one),
        "security": [{"key": [one.scope.value]}] if one.scope else [],
    }
    if one.details:
        described["description"] = one.details
    if one.body or one.line:
        content = {JSON: _schema(one.body)} if one.body else {}
        if one.line:
            content[NDJSON] = _schema(one.line)
        described["requestBody"] = {"required": True, "content": content}
    return described


def _schema(shape: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=_REF)
    return {"schema": schema}


def _parameters(one: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PARAMETERS[name][0],
            "schema": {"type": "string"} | _PARAMETERS[name][1],
        }
        for name in _PARAMETER.findall(one.rule)
    ]
    if one.query:
        for field in msgspec.structs.fields(one.query):
            (schema,), _ = msgspec.json.schema_components([field.type], ref_template=_REF)
            parameter = {"name": field.name, "in": "query", "required": field.required}
            found.append(parameter | {"schema": schema})
    return found + [
        {
            "name": name,
            "in": "header",
            "required": False,
            "schema": {"type": "string"} | _HEADERS[name],
        }
        for name in one.headers
    ]


def problem_codes(one: Operation) -> list[str]:
    """The codes that an operation may refuse with, as far as this door knows them."""
    codes = ["key-in-url", "internal-error", *one.problems]
    codes += _KEYED if one.scope else ("store-unavailable",)
    codes += _SENT if one.body or one.line else ()
    codes += ("read-only",) if one.writes else ()
    return list(dict.fromkeys(codes))


def _responses(one: Operation) -> dict[str, Any]:
    found = {str(status): _answer(answer) for status, answer in one.answers.items()}
    by_status: dict[int, list[str]] = {}
    for code in problem_codes(one):
        by_status.setdefault(KINDS[code][0] if code in KINDS else 422, []).append(code)
    if one.scope:  # what the domain refuses, and what came too late
        by_status.setdefault(404, []), by_status.setdefault(409, [])
    for status, codes in sorted(by_status.items()):
        meaning = ", ".join(codes) or "Refused by a rule of the domain"
        found.setdefault(str(status), _answer(Answer(meaning, wire.Problem, MEDIA_TYPE)))
    return found


def _answer(answer: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.meaning}
    if answer.shape is not None:
        described["content"] = {answer.media: _schema(answer.shape)}
    elif answer.media != JSON:
        described["content"] = {answer.media: {}}
    return described
