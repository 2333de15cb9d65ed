"""The readable documentation: one page of HTML from the OpenAPI document, no script, no assets."""

import base64
import hashlib
import json
from typing import Any

from markupsafe import Markup

from extension_api.problems import KINDS, TYPES

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:16px/1.6 system-ui,"Noto Sans CJK SC",sans-serif;max-width:60rem;margin:auto;
padding:2rem 1rem}
h1{font-size:1.8rem}
h2{font-size:1.2rem;margin:2.5rem 0 .5rem;border-top:1px solid var(--line);padding-top:1.5rem}
code,pre{font:14px/1.5 ui-monospace,monospace}
pre{background:var(--soft);padding:1rem;overflow:auto;border-radius:6px}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;
border-bottom:1px solid var(--line)}
.verb{display:inline-block;min-width:4.5em;font-weight:700}summary{cursor:pointer;padding:.25rem 0}
a{color:inherit}:focus-visible{outline:2px solid;outline-offset:2px}
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def page(document: dict[str, Any]) -> str:
    """The whole page."""
    operations = [
        (method.upper(), path, one)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    ]
    contents = Markup("").join(
        Markup('<li><a href="#{}"><code><span class="verb">{}</span>{}</code></a> {}</li>').format(
            one["operationId"], method, path, one["summary"]
        )
        for method, path, one in operations
    )
    sections = Markup("").join(_operation(*one) for one in operations)
    return str(
        Markup(
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>Shudi API</title>'
            "<style>{}</style><body><main><h1>Shudi API</h1><p>{}</p>"
            '<p>Machine-readable: <a href="openapi.json">openapi.json</a>. Keys travel as '
            "<code>Authorization: Bearer shudi_…</code>.</p><ul>{}</ul>{}{}{}</main></body></html>"
        ).format(
            Markup(_STYLE),  # noqa: S704 -- our own constant
            document["info"]["description"],
            contents,
            sections,
            _shapes(document["components"]["schemas"]),
            _problems(),
        )
    )


def _operation(method: str, path: str, one: dict[str, Any]) -> Markup:
    scope = one["security"][0]["key"][0] if one["security"] else "none"
    rows = Markup("").join(
        Markup("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>").format(
            parameter["name"], parameter["in"], "required" if parameter["required"] else "optional"
        )
        for parameter in one["parameters"]
    )
    parameters = Markup(
        '<table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th>'
        '<th scope="col"></th></tr></thead><tbody>{}</tbody></table>'
    ).format(rows)
    body = [_content("Body", one.get("requestBody", {}))] if "requestBody" in one else []
    answers = [_content(status, answer) for status, answer in one["responses"].items()]
    return Markup(
        '<section><h2 id="{}"><code><span class="verb">{}</span>{}</code></h2><p>{}. {}</p>'
        "<p>Scope: <code>{}</code></p>{}<table><tbody>{}</tbody></table></section>"
    ).format(
        one["operationId"],
        method,
        path,
        one["summary"],
        one.get("description", ""),
        scope,
        parameters if rows else "",
        Markup("").join(body + answers),
    )


def _content(name: str, described: dict[str, Any]) -> Markup:
    kinds = Markup("<br>").join(
        Markup("<code>{}</code> {}").format(media, _link(content.get("schema", {})))
        for media, content in described.get("content", {}).items()
    )
    return Markup('<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>').format(
        name, described.get("description", ""), kinds
    )


def _link(schema: dict[str, Any]) -> Markup:
    name = schema.get("$ref", "").rpartition("/")[2]
    return Markup('<a href="#shape-{0}">{0}</a>').format(name) if name else Markup("")


def _shapes(schemas: dict[str, Any]) -> Markup:
    return Markup("<h2>Shapes</h2>{}").format(
        Markup("").join(
            Markup(
                '<details id="shape-{0}"><summary><code>{0}</code> {1}</summary><pre>{2}</pre>'
                "</details>"
            ).format(
                name,
                schema.get("description", ""),
                json.dumps(schema, indent=2, ensure_ascii=False),
            )
            for name, schema in sorted(schemas.items())
        )
    )


def _problems() -> Markup:
    rows = Markup("").join(
        Markup(
            '<tr id="problem-{0}"><td><code>{0}</code></td><td>{1}</td><td>{2}</td></tr>'
        ).format(code, status, title)
        for code, (status, title) in KINDS.items()
    )
    return Markup(
        "<h2>Problems</h2><p>A problem's <code>type</code> is <code>{}</code> and its code.</p>"
        '<table><thead><tr><th scope="col">Code</th><th scope="col">Status</th>'
        '<th scope="col">Meaning</th></tr></thead><tbody>{}</tbody></table>'
    ).format(TYPES, rows)
