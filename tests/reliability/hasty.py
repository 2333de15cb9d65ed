"""Shudi with little patience, and with none at all, for tests of slow connections.

Served as `tests.reliability.hasty:app` and, for the control, `tests.reliability.hasty:bare`.
"""

import wsgi
from shudi import settings as settings_module

IDLE = 3.0


def __getattr__(name: str) -> wsgi.WSGI:
    if name not in ("app", "bare"):
        raise AttributeError(name)
    settings = settings_module.load()
    built = wsgi.build(settings, idle=IDLE) if name == "app" else wsgi.impatient(settings)
    globals()[name] = built
    return built
