"""What a page's policy (CSP) refused in any browser that a test drives. Nothing must be refused: a
page of ours that asks for what its policy forbids is broken, and so is one that was slipped in.
"""

import functools
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, BrowserContext, BrowserType, ConsoleMessage

_SAYS = "Content Security Policy"


def listen() -> list[str]:
    """Hear what every browser says from now on; returns where it is written."""
    refused: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if _SAYS in said.text:
            refused.append(said.text)

    for owner, name in (
        (Browser, "new_context"),
        (Browser, "new_page"),
        (BrowserType, "launch_persistent_context"),
    ):
        setattr(owner, name, _heard(getattr(owner, name), hear))
    return refused


def _heard(make: Callable[..., Any], hear: Callable[[ConsoleMessage], None]) -> Callable[..., Any]:
    @functools.wraps(make)
    def made(*arguments: Any, **options: Any) -> Any:
        found = make(*arguments, **options)
        context = found if isinstance(found, BrowserContext) else found.context
        context.on("console", hear)
        return found

    return made
