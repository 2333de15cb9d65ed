"""An ip2region xdb file, IPv4 or IPv6, held in memory and read through `py-ip2region`."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime
from struct import Struct
from threading import Lock
from typing import Final, Literal

from ip2region import searcher, util

from shudi.geo.addresses import public_blocks
from shudi.geo.meaning import xdb_meaning
from shudi.geo.spans import UNIT_BITS, Span
from shudi.regions.rules import Vocabulary

_PREAMBLE: Final = util.HeaderInfoLength + util.VectorIndexLength
_V4: Final = 32  # bits
_REMEMBERED: Final = 100_000  # distinct answers kept; real files have far fewer


class XdbImage:
    """One xdb database; the same face as an mmdb `Image`."""

    def __init__(self, data: bytes, vocabulary: Vocabulary) -> None:
        """Check the file's frame; ValueError where it is no complete xdb file."""
        if len(data) <= _PREAMBLE:
            raise ValueError("not a complete xdb file")
        header = util.Header(data)
        version = util.version_from_header(header)
        index_end = header.endIndexPtr + (version.index_size if version else 0)
        if version is None or not _PREAMBLE <= header.startIndexPtr <= index_end <= len(data):
            raise ValueError("not a complete xdb file")
        self.build: date | None = datetime.fromtimestamp(header.createdAt, UTC).date()
        self.database_type = f"ip2region {version.name}"
        self.ip_versions: tuple[int, ...] = (6,) if version.byte_num == 16 else (4,)  # noqa: PLR2004
        self._data, self._index = data, data[header.startIndexPtr : index_end]
        self._searcher = searcher.new_with_buffer(version, data)
        self._lock = Lock()  # the searcher keeps state between steps
        self._bits = version.byte_num * 8
        self._vocabulary = vocabulary
        self._known: dict[str, str | None] = {}

    def find(self, number: int, bits: int) -> tuple[str | None, int]:
        """The region for an address; the prefix length is always the whole address."""
        if bits != self._bits:
            return None, 0
        try:
            with self._lock:
                text = self._searcher.search(number.to_bytes(bits // 8, "big"))
        except (ValueError, IndexError):  # a damaged file; its message would spell the address
            return None, bits
        return self._meaning(text), bits

    def _meaning(self, text: str) -> str | None:
        if text not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[text] = xdb_meaning(self._vocabulary, text)
        return self._known[text]

    def spans(self, bits: int) -> Iterator[Span]:
        """What the file's index says of the public addresses, in order."""
        if bits != self._bits:
            return
        down, size = UNIT_BITS[bits], self._bits // 8
        row = Struct(f"<{size}s{size}sHI")
        order: Literal["little", "big"] = "little" if bits == _V4 else "big"
        public = [
            (start >> down, start + (1 << bits - prefix) >> down)
            for start, prefix in public_blocks(bits)
        ]
        block = 0
        for low, high, length, at in row.iter_unpack(self._index):
            first = int.from_bytes(low, order) >> down
            after = (int.from_bytes(high, order) >> down) + 1
            said = self._meaning(bytes(self._data[at : at + length]).decode(errors="replace"))
            while block < len(public) and public[block][1] <= first:
                block += 1
            for start, end in itertools.islice(public, block, None):
                if start >= after:
                    break
                yield max(first, start), min(after, end), said
