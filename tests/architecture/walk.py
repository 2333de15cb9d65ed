"""Every route of both doors, with an address that leads there."""

from typing import Any

from werkzeug.test import TestResponse

from tests.architecture.doors import BASE, HOME, Doors
from tests.architecture.test_authorization import METHODS, _path
from tests.architecture.test_routes import rules


def _api_path(doors: Doors, endpoint: str, method: str) -> str:
    values = {"site": "forum", "account": "user-1", "file": "1-x.bin", "code": "not-found"}
    url_map = doors.api.url_map
    given = {name: values[name] for one in url_map.iter_rules(endpoint) for name in one.arguments}
    return url_map.bind("labels.example.org").build(endpoint, given, method=method)


def routes(doors: Doors, door: str, *methods: str) -> list[tuple[str, str, str]]:
    """(endpoint, method, a path) of every route."""
    found = []
    for rule in rules(doors, door):
        for method in sorted((rule.methods or set()) & set(methods or METHODS)):
            make = _path(doors, rule.endpoint, method, 1) if door == "console" else None
            path = make or _api_path(doors, rule.endpoint, method)
            found.append((rule.endpoint, method, path))
    return found


def ask(doors: Doors, door: str, method: str, path: str, **sent: Any) -> TestResponse:
    """A request as a stranger's program would send it."""
    client = doors.apps[door].test_client()
    return client.open(
        path, method=method, base_url=BASE, environ_overrides={"REMOTE_ADDR": HOME}, **sent
    )
