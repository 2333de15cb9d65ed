"""The viewer's tests in a browser need one."""

import pytest


@pytest.fixture(autouse=True)
def chromium_is_there(request: pytest.FixtureRequest) -> None:
    """Leave out what drives a browser where there is none, in the words of all such tests."""
    if request.node.get_closest_marker("browser"):
        request.getfixturevalue("chromium_path")
