"""A MaxMind DB held in memory, read for the few fields that a label needs.

`maxminddb` opens and checks the file and decodes values. The tree is walked here, because every
reader of the library decodes the whole record (place names in ten languages, coordinates) at each
look-up: walking to the record's position and remembering what was found there is several times
faster, and never turns an address into text. The file is read into memory, not mapped: a mapped
file that is truncated in place would end the process with SIGBUS.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from struct import Struct
from typing import Any, Final

from maxminddb import MODE_FD, Reader
from maxminddb.decoder import Decoder
from maxminddb.errors import InvalidDatabaseError

from shudi.geo.addresses import public_blocks
from shudi.geo.spans import UNIT_BITS, Span

_SEPARATOR: Final = 16  # zero bytes between tree and data
_POINTER, _DOUBLE, _MAP, _ARRAY, _BOOLEAN = 1, 3, 7, 11, 14
_DAMAGE: Final = (
    InvalidDatabaseError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_WIDE: Final = 29  # sizes from here on take further bytes
_V4: Final = 32  # bits
_JUMPS: Final = 200_000  # beginnings of addresses whose place in the tree is kept
_REMEMBERED: Final = 1_000_000  # records whose meaning is kept


class Record:
    """The wanted fields of one record, each decoded when it is asked for."""

    def __init__(self, offsets: dict[str, int], decode: Callable[[int], tuple[Any, int]]) -> None:
        self._offsets = offsets
        self._decode = decode

    def get(self, field: str) -> Any:
        """The field's value, or None where the record has none."""
        offset = self._offsets.get(field)
        return None if offset is None else self._decode(offset)[0]


class Image:
    """One database. `find` answers with what `meaning` makes of the wanted top-level fields."""

    def __init__(
        self, data: bytes, wanted: frozenset[str], meaning: Callable[[Record], str | None]
    ) -> None:
        """Check the file's frame; ValueError where it is no complete database."""
        try:
            metadata = Reader(BytesIO(data), MODE_FD).metadata()
        except (InvalidDatabaseError, ValueError, TypeError, IndexError) as error:
            raise ValueError("not a complete MaxMind DB file") from error
        self.build: date | None = datetime.fromtimestamp(metadata.build_epoch, UTC).date()
        self.database_type: str = metadata.database_type
        self.ip_versions: tuple[int, ...] = (4, 6) if metadata.ip_version == 6 else (4,)  # noqa: PLR2004
        self._data, self._wanted, self._meaning = data, wanted, meaning
        self._nodes = metadata.node_count
        self._node_bytes = metadata.node_byte_size
        self._step, self._pair = _STEPS[metadata.record_size], _PAIRS[metadata.record_size]
        self._start = metadata.search_tree_size + _SEPARATOR
        self._decoder = Decoder(data, self._start)
        self._root = self._step(data, self._nodes, 0, 0, 96)[0] if 6 in self.ip_versions else 0  # noqa: PLR2004
        self._known: dict[int, str | None] = {}
        self._shared: dict[int, Any] = {}
        self._jumps: dict[tuple[int, int], tuple[int, int]] = {}

    def find(self, number: int, bits: int) -> tuple[str | None, int]:
        """The meaning of the record for an address of 32 or 128 bits, and its prefix length."""
        head, tail, root = (16, 16, self._root) if bits == _V4 else (32, 96, 0)
        if bits != _V4 and 6 not in self.ip_versions:  # noqa: PLR2004 - the IP version
            return None, 0
        top = number >> tail
        jump = self._jumps.get((bits, top))
        if jump is None:
            jump = self._jump(bits, top, self._step(self._data, self._nodes, root, top, head))
        node, depth = jump
        if node < self._nodes:
            node, below = self._step(self._data, self._nodes, node, number, tail)
            depth += below
        if node <= self._nodes:
            return None, depth
        try:
            return self._known[node], depth
        except KeyError:
            return self._learn(node), depth

    def spans(self, bits: int) -> Iterator[Span]:
        """What the database says of the public addresses, in order; ValueError for a tree that
        is none: walking it would not end.
        """
        if bits != _V4 and 6 not in self.ip_versions:  # noqa: PLR2004 - the IP version
            return
        down, cut = UNIT_BITS[bits], bits - UNIT_BITS[bits]
        left = iter(range(4 * self._nodes + _SEPARATOR))  # a tree that shares branches, no circle
        for start, prefix in public_blocks(bits):
            root = self._root if bits == _V4 else 0
            node, depth = self._step(self._data, self._nodes, root, start >> bits - prefix, prefix)
            end = start + (1 << bits - prefix) >> down
            if depth < prefix:  # one record, or nothing, for more than the block
                if node > self._nodes:
                    yield start >> down, end, self._meaning_at(node)
                continue
            for first, size, found in self._leaves(node, prefix, start >> down, cut, left):
                yield first, first + size, self._meaning_at(found)

    def _leaves(
        self, node: int, depth: int, first: int, cut: int, left_to_meet: Iterator[int]
    ) -> Iterator[tuple[int, int, int]]:
        """(first unit, units, record) below a node; whatever is below a unit is that unit."""
        data, nodes, pair = self._data, self._nodes, self._pair
        stack = [(node, depth, first)]
        while stack:
            node, depth, first = stack.pop()
            while node < nodes:
                if next(left_to_meet, None) is None:
                    raise ValueError("the tree of the database does not end")
                left, right = pair(data, node)
                if depth < cut:
                    depth += 1
                    if right != nodes:
                        stack.append((right, depth, first | 1 << cut - depth))
                    node = left
                else:
                    node = left if left != nodes else right
            if node != nodes:
                yield first, 1 << cut - depth, node

    def _meaning_at(self, node: int) -> str | None:
        try:
            return self._known[node]
        except KeyError:
            return self._learn(node)

    def _jump(self, bits: int, top: int, end: tuple[int, int]) -> tuple[int, int]:
        """Remember where the first bits of an address lead."""
        if len(self._jumps) >= _JUMPS:
            self._jumps.clear()
        self._jumps[bits, top] = end
        return end

    def _learn(self, node: int) -> str | None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        try:
            offsets = self._fields(node - self._nodes - _SEPARATOR + self._start)
            meaning = self._meaning(Record(offsets, self._value))
        except _DAMAGE:
            meaning = None  # a damaged record says nothing; the file's health is told elsewhere
        self._known[node] = meaning
        return meaning

    def _fields(self, offset: int) -> dict[str, int]:
        """Where the wanted top-level fields of the record at an offset are."""
        kind, size, offset = self._control(offset)
        if kind == _POINTER:
            kind, size, offset = self._control(self._target(size, offset)[0])
        fields: dict[str, int] = {}
        for _ in range(size if kind == _MAP else 0):
            key, offset = self._value(offset)
            if key in self._wanted:
                fields[key] = offset
            offset = self._skip(offset)
        return fields

    def _value(self, offset: int) -> tuple[Any, int]:
        """A decoded value and where the next begins; what pointers share is decoded once."""
        kind, size, after = self._control(offset)
        if kind != _POINTER:
            return self._decoder.decode(offset)
        target, after = self._target(size, after)
        if target not in self._shared:
            if len(self._shared) >= _REMEMBERED:
                self._shared.clear()
            self._shared[target] = self._decoder.decode(target)[0]
        return self._shared[target], after

    def _skip(self, offset: int) -> int:
        kind, size, offset = self._control(offset)
        if kind == _POINTER:
            return self._target(size, offset)[1]
        if kind in (_MAP, _ARRAY):
            for _ in range(size * 2 if kind == _MAP else size):
                offset = self._skip(offset)
            return offset
        return offset if kind == _BOOLEAN else offset + size

    def _control(self, offset: int) -> tuple[int, int, int]:
        """Kind, size and where the content begins; for a pointer the size is its low five bits."""
        byte = self._data[offset]
        kind, size, offset = byte >> 5, byte & 0x1F, offset + 1
        if kind == _POINTER:
            return kind, size, offset
        if kind == 0:
            kind, offset = 7 + self._data[offset], offset + 1
        if size >= _WIDE:
            more = size - _WIDE + 1
            added = int.from_bytes(self._data[offset : offset + more], "big")
            size, offset = (29, 285, 65821)[more - 1] + added, offset + more
        return kind, size, offset

    def _target(self, size: int, offset: int) -> tuple[int, int]:
        """Where a pointer leads, and where the next value begins."""
        more = (size >> 3) + 1
        low = int.from_bytes(self._data[offset : offset + more], "big")
        if more == 4:  # noqa: PLR2004 - the longest form ignores the low bits
            return self._start + low, offset + more
        high = (size & 7) << (8 * more)
        return self._start + high + low + (0, 2048, 526336)[more - 1], offset + more


# Walkers follow the lowest `levels` bits of `number`, highest first, from a node: where that ends
# (a node, `nodes` for nothing there, or above it a record) and how many bits it took.
_Walker = Callable[[bytes, int, int, int, int], tuple[int, int]]
_WORD: Final = Struct(">I").unpack_from


def _walk_even(size: int) -> _Walker:
    """A walker for records of whole bytes (24 and 32 bits)."""

    def walk(data: bytes, nodes: int, node: int, number: int, levels: int) -> tuple[int, int]:
        bit = 1 << levels
        while node < nodes and bit > 1:
            bit >>= 1
            at = (node * 2 + 1 if number & bit else node * 2) * size
            node = int.from_bytes(data[at : at + size], "big")
        return node, levels + 1 - bit.bit_length()

    return walk


def _walk_28(data: bytes, nodes: int, node: int, number: int, levels: int) -> tuple[int, int]:
    """The same for 28 bits: the two records of a node share its middle byte."""
    word, bit = _WORD, 1 << levels
    while node < nodes and bit > 1:
        bit >>= 1
        if number & bit:
            node = word(data, node * 7 + 3)[0] & 0xFFFFFFF
        else:
            left = word(data, node * 7)[0]
            node = left >> 8 | (left & 0xF0) << 20
    return node, levels + 1 - bit.bit_length()


def _pair_even(size: int) -> Callable[[bytes, int], tuple[int, int]]:
    """Reads both records of a node of whole bytes."""

    def pair(data: bytes, node: int) -> tuple[int, int]:
        at = node * 2 * size
        middle = at + size
        return (
            int.from_bytes(data[at:middle], "big"),
            int.from_bytes(data[middle : middle + size], "big"),
        )

    return pair


def _pair_28(data: bytes, node: int) -> tuple[int, int]:
    left, right = _WORD(data, node * 7)[0], _WORD(data, node * 7 + 3)[0]
    return left >> 8 | (left & 0xF0) << 20, right & 0xFFFFFFF


_PAIRS: Final = {24: _pair_even(3), 28: _pair_28, 32: _pair_even(4)}
_STEPS: Final = {24: _walk_even(3), 28: _walk_28, 32: _walk_even(4)}
