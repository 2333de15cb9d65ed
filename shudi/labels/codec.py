r"""The dataset file and the signed manifest as bytes (docs/dataset.md). Knows no web and no store.

A file is `SHUDI\x01`, uint16 V, uint32 N, uint32 L (little-endian), L bytes of a JSON table of
V values, N sorted 8-byte tags, then one index into the table per tag (one byte, two where
V > _NARROW). A tag is the start of SHA-256(salt ‖ 0x00 ‖ page key): 8 bytes make a false label for
an unknown name less likely than 2^-32 even among a billion accounts.
"""

import base64
import dataclasses
import hashlib
import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shudi.errors import Invalid

MAGIC = b"SHUDI\x01"
MANIFEST_DOMAIN = b"shudi-manifest/1\n"
SALT_BYTES = 16
_HEADER = struct.Struct("<6sHII")
_TAG = 8
_INDEX = 2
_VALUES_MOST = 65_535
_NARROW = 256  # values that one byte can number


class Value(NamedTuple):
    """What the dataset says of an account. Equal values are stored once."""

    state: str
    region: str | None
    precision: str
    corrected: bool
    disputed: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Encoded:
    """A dataset file and how many accounts it has."""

    data: bytes
    count: int


def encode_dataset(salt: bytes, rows: Iterable[tuple[str, Value]]) -> Encoded:
    """The file of (page key, value) pairs; page keys come normalised and folded.

    Records are spread over 256 buckets by their first byte, so that ten million need no list of
    ten million objects and sorting stays within one bucket.
    """
    values: dict[Value, bytes] = {}
    buckets = [bytearray() for _ in range(256)]
    sha256, prefix = hashlib.sha256, salt + b"\0"
    for key, value in rows:
        index = values.get(value)
        if index is None:
            index = values[value] = _next_index(len(values))
        tag = sha256(prefix + key.encode()).digest()[:_TAG]
        buckets[tag[0]] += tag + index
    table = json.dumps(
        [value._asdict() for value in values], ensure_ascii=False, separators=(",", ":")
    ).encode()
    tags, indices = _sorted(buckets, wide=len(values) > _NARROW)
    count = len(tags) // _TAG
    head = _HEADER.pack(MAGIC, len(values), count, len(table))
    return Encoded(b"".join((head, table, tags, indices)), count)


def _next_index(index: int) -> bytes:
    if index >= _VALUES_MOST:
        raise Invalid("dataset-values", "There are more kinds of label than a file can hold.")
    return index.to_bytes(_INDEX, "little")


def _sorted(buckets: list[bytearray], *, wide: bool) -> tuple[bytearray, bytearray]:
    """All tags in order, and their indices; empties the buckets as it goes."""
    tags, indices = bytearray(), bytearray()
    width, size = _TAG + _INDEX, _INDEX if wide else 1
    for number, bucket in enumerate(buckets):
        records = sorted(
            [bytes(bucket[start : start + width]) for start in range(0, len(bucket), width)]
        )
        buckets[number] = bytearray()
        tags += b"".join([record[:_TAG] for record in records])
        indices += b"".join([record[_TAG : _TAG + size] for record in records])
    return tags, indices


def read_values(head: bytes) -> list[Value]:
    """The table of values, from the first bytes of a file; Invalid if it is not one."""
    try:
        magic, count, _, length = _HEADER.unpack_from(head)
        table = json.loads(head[_HEADER.size : _HEADER.size + length])
        values = [Value(**one) for one in table]
    except (struct.error, ValueError, TypeError):
        values, magic, count = [], b"", 0
    if magic != MAGIC or len(values) != count:
        raise Invalid("dataset-damaged", "This is no dataset file.")
    return values


def look_up(data: bytes, salt: bytes, key: str) -> Value | None:
    """What a file says of a page key: the reader's side, for tests and `shudi doctor`."""
    values = read_values(data)
    _, _, count, length = _HEADER.unpack_from(data)
    tags = _HEADER.size + length
    tag = hashlib.sha256(salt + b"\0" + key.encode()).digest()[:_TAG]
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if data[tags + middle * _TAG : tags + (middle + 1) * _TAG] < tag:
            low = middle + 1
        else:
            high = middle
    if low == count or data[tags + low * _TAG : tags + (low + 1) * _TAG] != tag:
        return None
    size = _INDEX if len(values) > _NARROW else 1
    start = tags + count * _TAG + low * size
    return values[int.from_bytes(data[start : start + size], "little")]


def folder(var: Path) -> Path:
    """Where dataset files lie in a state folder, one folder a site."""
    return var / "dataset"


def file_name(number: int, sha256: str) -> str:
    """The name of a release's file: never used for other bytes."""
    return f"{number}-{sha256[:16]}.bin"


def encode_manifest(payload: dict[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The signed envelope. The payload travels as bytes, so no reader must re-spell it."""
    data = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {
        "payload": base64.b64encode(data).decode(),
        "signature": base64.b64encode(key.sign(MANIFEST_DOMAIN + data)).decode(),
        "key": {
            "id": hashlib.sha256(public).hexdigest()[:16],
            "public": base64.b64encode(public).decode(),
        },
    }
