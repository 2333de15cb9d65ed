"""Sessions that reach some sites only: every query of theirs is limited, whoever wrote it.

A table that belongs to sites says so by its columns: it has the site's id, or the id of something
that belongs to one. To every such table in a statement of a limited session its condition is added,
in selects, joins, subqueries, updates and deletes alike, and where a row is loaded by its key. What
no condition can be added to is refused: tables that are read past their mapped classes. Inserts are
not reached; there the acts ask (docs/decisions/0024-sites-of-a-person.md).
"""

import functools
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.orm.interfaces import CriteriaOption
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors

_SITES = "sites"  # in the `info` of limited sessions
# An execution option: the conditions are asked of the rows that the statement comes to, and lead no
# database to other indexes than those by which it walks in its own order.
WALKS = "walks_in_its_own_order"
# The column by which a row belongs to a site, and the table whose id it is; the first one counts.
_WAYS = {
    "site_id": "sites",
    "case_id": "cases",
    "batch_id": "batches",
    "brake_id": "brakes",
    "account_id": "accounts",
    "correction_id": "corrections",
    "decision_id": "decisions",
    "claim_id": "claims",
    "key_id": "api_keys",
    "message_id": "outbox",
}
# What belongs to a site if all of its parts do: the table of these, and how they name it.
_WHOLE = {"set_asides": ("set_aside_cases", "set_aside_id")}
# What has such a column and yet belongs to no site: to a person, or to all sites.
OF_NO_SITE = frozenset(
    {
        "inspection_sites",  # an inspection is there for whoever works on all of its sites
        "source_updates",
        "staff_exposures",
        "staff_own_accounts",
        "staff_sites",
    }
)


def limit(session: orm.Session, registry: orm.registry, sites: frozenset[int]) -> None:
    """Let `session` reach what belongs to these sites, and nothing of others or of all."""
    session.info[_SITES] = tuple(sorted(sites))

    def add(state: orm.ORMExecuteState) -> None:
        if state.is_column_load or state.is_insert:
            return
        if not state.is_orm_statement:
            raise TypeError("a session limited to sites reads through mapped classes only")
        walks = bool(state.execution_options.get(WALKS))
        state.statement = state.statement.options(_reach(registry, sites, walks))

    event.listen(session, "do_orm_execute", add)


def reached(session: orm.Session) -> tuple[int, ...] | None:
    """The sites that a session reaches; None: all."""
    return session.info.get(_SITES)


class _Limit(LoaderCriteriaOption):
    """A condition that follows its class into aliases, in joins too."""

    def _resolve_where_criteria(self, ext_info: Any) -> Any:
        found = super()._resolve_where_criteria(ext_info)
        return ext_info._adapter.traverse(found) if ext_info.is_aliased_class else found  # noqa: SLF001


class _Reach(CriteriaOption):
    """All conditions at once. What makes one statement differ from another is the list of sites
    only, so that this costs a statement that was compiled before next to nothing.
    """

    __slots__ = ("limits", "sites", "walks")
    _traverse_internals = [  # noqa: RUF012
        ("sites", visitors.InternalTraversal.dp_clauseelement),
        ("walks", visitors.InternalTraversal.dp_boolean),
    ]
    propagate_to_loaders = False

    def __init__(self, registry: orm.registry, sites: frozenset[int], walks: bool) -> None:
        self.walks = walks
        self.sites = sa.bindparam("of_sites", sorted(sites), sa.BigInteger, expanding=True)
        self.limits = [
            (mapper, _Limit(mapper.class_, condition, include_aliases=True))
            for mapper in registry.mappers
            if (condition := belongs(cast("sa.Table", mapper.local_table), self.sites, walks))
            is not None
        ]

    def process_compile_state(self, compile_state: Any) -> None:
        self.get_global_criteria(compile_state.global_attributes)

    def process_compile_state_replaced_entities(self, compile_state: Any, _: Any) -> None:
        self.process_compile_state(compile_state)

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        for mapper, one in self.limits:
            attributes.setdefault(("additional_entity_criteria", mapper), []).append(one)


@functools.lru_cache(maxsize=256)
def _reach(registry: orm.registry, sites: frozenset[int], walks: bool) -> _Reach:
    return _Reach(registry, sites, walks)


def belongs(table: sa.Table, sites: Any, walks: bool = False) -> sa.ColumnElement[bool] | None:
    """The condition that a row of `table` belongs to one of `sites`, a bound list; None where rows
    belong to no site. With `walks` no index serves it.
    """
    if table.name == "sites":
        found: sa.ColumnElement[bool] = _plain(table.c.id, walks).in_(sites)
        return found
    if not _way(table) and table.name not in _WHOLE:
        return None
    return _belongs(table, table, sites, walks)


def _plain(column: Any, walks: bool) -> Any:
    return column + sa.literal_column("0") if walks else column


def _belongs(table: sa.Table, rows: Any, sites: Any, walks: bool = False) -> sa.ColumnElement[bool]:
    """The same of `rows`, which are the table's or an alias of it."""
    if table.name in _WHOLE:
        return _whole(table, rows, sites)
    column, parent = _way(table) or ("", "")
    if parent == "sites":
        mine: sa.ColumnElement[bool] = _plain(rows.c[column], walks).in_(sites)
        # what new geo databases ask is of all sites, whichever of them has most to lose
        return sa.and_(mine, rows.c.update_id.is_(None)) if table.name == "cases" else mine
    above = table.metadata.tables[parent]
    owner = above.alias(f"of_{parent}")
    found: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(owner).correlate(rows)
    return found.where(owner.c.id == rows.c[column], _belongs(above, owner, sites)).exists()


def _whole(table: sa.Table, rows: Any, sites: Any) -> sa.ColumnElement[bool]:
    name, column = _WHOLE[table.name]
    below = table.metadata.tables[name]
    part = below.alias(f"in_{name}")
    of_it: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(part).correlate(rows)
    of_it = of_it.where(part.c[column] == rows.c.id)
    mine = _belongs(below, part, sites)
    return sa.and_(of_it.where(mine).exists(), ~of_it.where(~mine).exists())


def _way(table: sa.Table) -> tuple[str, str] | None:
    if table.name in OF_NO_SITE:
        return None
    return next(((name, to) for name, to in _WAYS.items() if name in table.c), None)
