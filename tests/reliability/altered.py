"""`shudi`, with what tests change in it: `python -m tests.reliability.altered serve …`.

ALTERED names what: a clock that a file sets ahead, sessions that every request writes, and the
protection of those taken away. It is done on import, so that it holds in each worker.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import console.sessions
from shudi import clock
from shudi.cli import main
from shudi.staff.actions import sessions
from shudi.staff.codec.keyring import token_hash
from shudi.staff.store import StaffSession

ALTERED, AHEAD = "SHUDI_TEST_ALTERED", "SHUDI_TEST_AHEAD"
CLOCK, RESTLESS, WRITING_BACK = "clock", "restless", "writing back"
_real = clock.now
_kept: dict[str, dict[str, Any]] = {}


def _ahead() -> Any:
    return _real() + timedelta(seconds=float(Path(os.environ[AHEAD]).read_text() or 0))


def _save(session: Any, *, token: str, now: Any) -> None:
    """As is so easily written: the session as this process last read it is saved as a whole."""
    table, key = StaffSession.__table__, StaffSession.token_hash == token_hash(token)
    row = session.execute(sa.select(table).where(key)).first()
    if row is not None:
        _kept[token] = dict(row._mapping)
        session.execute(sa.delete(StaffSession).where(key))
    if token in _kept:
        session.execute(sa.insert(table), [_kept[token] | {"seen_at": now}])


def _alter(what: str) -> None:
    if what == CLOCK:
        clock.now = _ahead  # type: ignore[assignment]
    elif what == RESTLESS:
        console.sessions._TOUCH_AFTER = sessions.TOUCH_AFTER = timedelta(seconds=-1)
    elif what == WRITING_BACK:
        console.sessions.touch = _save


for one in filter(None, os.environ.get(ALTERED, "").split(",")):
    _alter(one)

if __name__ == "__main__":
    main()
