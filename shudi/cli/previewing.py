"""What an import would change: counts from place to place, before anything is taken."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.labels.actions.preview import SiteMoves
from shudi.labels.store import Label
from shudi.sites.store import Site

MOVES_SHOWN = 50
_RULES = {
    "share": "more accounts would move than the site's share allows",
    "region": "more accounts would arrive in one place than allowed",
}
_Shown = dict[tuple[str, str], str]  # (site, account): what readers see


class AccountMoves:
    """Labels that account information hides or shows again: a protected account has none."""

    def __init__(self) -> None:
        self._moves: dict[str, Counter[tuple[str, str]]] = {}

    @contextmanager
    def watching(self, session: Session, rows: Sequence[dict[str, Any]]) -> Iterator[None]:
        """Count what is done to the labels of these accounts meanwhile."""
        names = [str(row.get("account", "")) for row in rows]
        before = _shown(session, names)
        yield
        session.flush()  # what is read next is what would be committed
        for key, now in _shown(session, names).items():
            if now != before.get(key, ""):
                moves = self._moves.setdefault(key[0], Counter())
                moves[before.get(key, ""), now] += 1

    def moves(self, session: Session) -> list[SiteMoves]:
        """What would change, site by site. No brake asks: protection never waits."""
        del session
        return [
            SiteMoves(site, [(old, new, n) for (old, new), n in moves.most_common()])
            for site, moves in sorted(self._moves.items())
        ]


def _shown(session: Session, accounts: list[str]) -> _Shown:
    rows = session.execute(
        sa.select(Site.key, Label.account, Label.state, Label.region)
        .join(Site, Site.serving(Label.site_id))
        .where(Label.account.in_(accounts))
    )
    return {
        (row.key, row.account): "" if row.state == "none" else row.region or "-" for row in rows
    }


Moves = Callable[[Session], list[SiteMoves]]


def as_values(found: list[SiteMoves]) -> list[dict[str, Any]]:
    """For programs: all moves, as codes."""
    return [
        {
            "site": one.site,
            "labels": one.labels,
            "moves": [{"from": old, "to": new, "labels": n} for old, new, n in one.moves],
            "brake": one.rule,
            "holding": one.holding,
        }
        for one in found
    ]


def as_text(found: list[SiteMoves]) -> str:
    """For a person at a terminal."""
    if not any(one.moves for one in found):
        return "No label would change."
    return "\n".join(line for one in found if one.moves for line in _lines(one))


def _lines(one: SiteMoves) -> Iterator[str]:
    yield f"{one.site}: {one.labels} labels would change"
    for old, new, count in one.moves[:MOVES_SHOWN]:
        yield f"  {_place(old):>8} -> {_place(new):<8} {count:>9}"
    rest = one.moves[MOVES_SHOWN:]
    if rest:
        yield f"  {len(rest)} further pairs of places {sum(n for *_, n in rest):>9}"
    if one.holding:
        yield "  A brake holds all changes of this site: these would wait, too."
    elif one.rule:
        yield f"  It would stop at the brake: {_RULES[one.rule]}."


def _place(code: str) -> str:
    return {"": "no label", "-": "no place"}.get(code, code)
