"""Shudi with little patience, and with none at all, for tests of slow connections.

Served as `tests.reliability.hasty:app` and, for the control, `tests.reliability.hasty:bare`.
"""

import wsgi
from shudi import settings as settings_module
from shudi.patience import Patient

IDLE = 3.0


def __getattr__(name: str) -> wsgi.WSGI:
    if name not in ("app", "bare"):
        raise AttributeError(name)
    both = wsgi.doors(settings_module.load())
    built = globals()[name] = Patient(both, idle=IDLE) if name == "app" else both
    return built
