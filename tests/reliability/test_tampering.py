"""Acceptance test 11: an edit of the store behind the app's back is found, at the right row."""

import random
import secrets
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from shudi.audit import rules
from shudi.audit.actions import append, checkpoint, erase_texts
from shudi.audit.queries import Verdict, verify
from shudi.db import Database
from shudi.db.migrate import owner_engine
from tests.conftest import NOW, Store
from tests.reliability.signing import KEY
from tests.reliability.test_append_only import drop_guards
from tests.reliability.work import entry

ROWS = 80
LAST_NOTE = 75
FIELDS = [name for name in rules.FIELDS if name not in ("seq", "prev_hash")]
LONG = (pytest.mark.long, pytest.mark.timeout(1800))

# An edit returns the row at which it must be found and what it must be called.
Edit = Callable[[sa.Connection, random.Random], tuple[int, str]]


def _change_a_field(connection: sa.Connection, chance: random.Random) -> tuple[int, str]:
    seq, name = chance.randint(1, ROWS), chance.choice(FIELDS)
    connection.execute(
        sa.text(f"UPDATE audit SET {name} = 'x' || substr({name}, 2) WHERE seq = :seq"),
        {"seq": seq},
    )
    return seq, "edit"


def _delete_a_row(connection: sa.Connection, chance: random.Random) -> tuple[int, str]:
    seq = chance.randint(1, ROWS - 1)
    connection.execute(sa.text("DELETE FROM audit WHERE seq = :seq"), {"seq": seq})
    return seq, "gap"


def _insert_a_row(connection: sa.Connection, chance: random.Random) -> tuple[int, str]:
    """A row put in between, those behind it moved up."""
    seq = chance.randint(2, ROWS)
    for old in range(ROWS, seq - 1, -1):
        connection.execute(sa.text("UPDATE audit SET seq = seq + 1 WHERE seq = :seq"), {"seq": old})
    names = [name for name in rules.FIELDS if name not in ("seq", "prev_hash")]
    connection.execute(
        sa.text(
            f"INSERT INTO audit (seq, {', '.join(names)}, prev_hash, row_hash)"
            f" SELECT :seq, {', '.join(names)}, :made_up, row_hash FROM audit WHERE seq = 1"
        ),
        {"seq": seq, "made_up": secrets.token_hex(32)},
    )
    return seq, "edit"


def _swap_two_rows(connection: sa.Connection, chance: random.Random) -> tuple[int, str]:
    one, two = sorted(chance.sample(range(1, ROWS + 1), 2))
    for old, new in ((one, 0), (two, one), (0, two)):
        connection.execute(
            sa.text("UPDATE audit SET seq = :new WHERE seq = :old"), {"new": new, "old": old}
        )
    return one, "edit"


def _rewrite_one_row(connection: sa.Connection, chance: random.Random) -> tuple[int, str]:
    """The row's own hash is right again; the next row's link is not."""
    seq = chance.randint(1, ROWS - 1)
    _rehash(connection, seq, seq)
    return seq + 1, "fork"


def _rewrite_forward(connection: sa.Connection, chance: random.Random) -> tuple[int, str]:
    """The whole chain is right again; only the checkpoints remember."""
    seq = chance.randint(1, LAST_NOTE)
    _rehash(connection, seq, ROWS)
    return next(note for note in range(5, ROWS, 5) if note >= seq), "rewritten"


def _cut_the_tail(connection: sa.Connection, chance: random.Random) -> tuple[int, str]:
    """Together with the store's own checkpoints; the copies off the store remember."""
    seq = LAST_NOTE - chance.randint(0, 45)
    connection.execute(sa.text("DELETE FROM audit WHERE seq >= :seq"), {"seq": seq})
    connection.execute(sa.text("DELETE FROM audit_checkpoints WHERE seq >= :seq"), {"seq": seq})
    return seq, "truncated"


def _change_the_words(connection: sa.Connection, chance: random.Random) -> tuple[int, str]:
    seq = chance.randint(1, ROWS)
    connection.execute(
        sa.text("UPDATE audit_texts SET text = 'other' WHERE seq = :seq"), {"seq": seq}
    )
    return seq, "text"


def _rehash(connection: sa.Connection, first: int, last: int) -> None:
    names = ", ".join(rules.FIELDS)
    previous: str | None = None
    for seq in range(first, last + 1):
        row = connection.execute(
            sa.text(f"SELECT {names} FROM audit WHERE seq = :seq"), {"seq": seq}
        ).one()
        values = dict(row._mapping) | ({"actor_id": "staff:9"} if seq == first else {})
        values["prev_hash"] = previous or values["prev_hash"]
        values["row_hash"] = previous = rules.row_hash([values[name] for name in rules.FIELDS])
        connection.execute(
            sa.text(
                "UPDATE audit SET actor_id = :actor_id, prev_hash = :prev_hash,"
                " row_hash = :row_hash WHERE seq = :seq"
            ),
            values,
        )


EDITS: list[Edit] = [
    _change_a_field,
    _change_the_words,
    _cut_the_tail,
    _delete_a_row,
    _insert_a_row,
    _rewrite_forward,
    _rewrite_one_row,
    _swap_two_rows,
]


@pytest.fixture
def notes(database: Database) -> list[str]:
    """A log of ROWS rows; a checkpoint every five, the copies that left the store returned."""
    copies = []
    with database.transaction() as session:
        for target in range(1, ROWS + 1):
            append(session, entry(target, text=f"why {target}"), now=NOW)
            if target % 5 == 0 and target <= LAST_NOTE:
                copies.append(checkpoint(session, key=KEY, now=NOW))
    return copies


@pytest.fixture
def owner(store: Store, notes: list[str]) -> Iterator[sa.Engine]:
    del notes
    engine = owner_engine(make_url(store.owner_url))
    with engine.begin() as connection:
        drop_guards(connection)
    yield engine
    engine.dispose()


def _verdict_after(
    owner: sa.Engine, edit: Edit, chance: random.Random, notes: list[str]
) -> tuple[Verdict, tuple[int, str]]:
    """What verify says with the edit in place; the edit is undone."""
    with owner.connect() as connection, connection.begin() as transaction:
        expected = edit(connection, chance)
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            verdict = verify(session, public_key=KEY.public_key(), notes=notes)
        transaction.rollback()
    return verdict, expected


@pytest.mark.parametrize("tries", [3, pytest.param(65, marks=LONG)])  # 65 x 8 edits x 2 stores
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_found_at_its_row(owner: sa.Engine, notes: list[str], edit: Edit, tries: int):
    for seed in range(tries):
        verdict, (seq, problem) = _verdict_after(owner, edit, random.Random(seed), notes)
        assert (verdict.seq, verdict.problem) == (seq, problem), f"seed {seed}"


def test_control_without_checkpoints_a_rewritten_tail_passes(owner: sa.Engine, notes: list[str]):
    def rewritten(connection: sa.Connection, chance: random.Random) -> tuple[int, str]:
        connection.execute(sa.text("DELETE FROM audit_checkpoints"))
        return _rewrite_forward(connection, chance)

    verdict, _ = _verdict_after(owner, rewritten, random.Random(0), [])
    assert verdict.ok
    verdict, _ = _verdict_after(owner, rewritten, random.Random(0), notes)
    assert verdict.problem == "rewritten"


def test_a_forged_checkpoint_is_found(database: Database, notes: list[str]):
    forged = notes[-1].replace("shudi/audit\n75", "shudi/audit\n74")
    for bad in (forged, "", "nothing of the kind", notes[-1][:-3]):
        with database.read_session() as session:
            verdict = verify(session, public_key=KEY.public_key(), notes=[*notes, bad])
        assert verdict.problem == "checkpoint"


def test_erased_words_raise_no_alarm(database: Database, notes: list[str]):
    with database.transaction() as session:
        erase_texts(session, list(range(1, ROWS, 2)))
    with database.read_session() as session:
        assert verify(session, public_key=KEY.public_key(), notes=notes).ok


@pytest.mark.parametrize("rows", [500, pytest.param(100_000, marks=LONG)])
def test_an_honest_log_raises_no_alarm(sqlite_database: Database, rows: int):
    with sqlite_database.transaction() as session:
        for target in range(rows):
            append(session, entry(target), now=NOW)
        checkpoint(session, key=KEY, now=NOW)
    with sqlite_database.read_session() as session:
        assert verify(session, public_key=KEY.public_key()) == Verdict(rows)
