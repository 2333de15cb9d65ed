"""Pictures as evidence: walked from the first byte to the last, and written anew without what is
no picture. Nothing is decoded, so no decoder can be attacked here, and no library is needed.

What goes: camera, place and time (EXIF, XMP, IPTC), thumbnails, comments, unknown chunks. A
picture that only such data turned upright lies on its side afterwards. What follows the picture's
end is refused: that is where a second file hides.

Sources: PNG (W3C, third edition) 5.3 and 13.1; JPEG (ITU T.81) annex B; WebP (RFC 9649) 2.
"""

import zlib
from collections.abc import Iterator

from shudi.errors import Invalid

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM cICP gAMA iCCP sBIT sRGB bKGD hIST pHYs sPLT "
    b"acTL fcTL fdAT".split()
)
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_PICTURES = frozenset((b"VP8 ", b"VP8L", b"ANMF"))
_WEBP_EXIF_XMP = 0x0C  # flags of VP8X for what is taken out
# frames, tables, restart interval, scans: what decoding needs
_JPEG_KEPT = frozenset((*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD))
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOS, _EOI = 0xDA, 0xD9
_RESTARTS = frozenset(range(0xD0, 0xD8))


def damaged() -> Invalid:
    """The refusal of a file that is not what it begins as."""
    return Invalid("file-damaged", "The file is damaged.")


def trailing() -> Invalid:
    """The refusal of a file with a second one behind it."""
    return Invalid("file-trailing", "The file goes on after its end.")


def is_webp(data: bytes) -> bool:
    """Whether it begins as WebP does."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def clean_png(data: bytes) -> bytes:
    """The same picture with known chunks only; Invalid if damaged or followed by more."""
    kept, kinds = [PNG], []
    for kind, chunk in _png_chunks(data):
        kinds.append(kind)
        if kind in _PNG_KEPT:
            kept.append(chunk)
        elif not kind[0] & 0x20:  # critical, and we do not know it
            raise damaged()
    if kinds[0] != b"IHDR" or b"IDAT" not in kinds:
        raise damaged()
    return b"".join(kept)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while True:
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + size
        if end > len(data) or not kind.isalpha():
            raise damaged()
        if zlib.crc32(data[at + 4 : end - 4]).to_bytes(4, "big") != data[end - 4 : end]:
            raise damaged()
        yield kind, data[at:end]
        at = end
        if kind == b"IEND":
            break
    if at != len(data):
        raise trailing()


def clean_jpeg(data: bytes) -> bytes:
    """The same picture with tables, frames and scans, JFIF head, colour profile only."""
    kept, at, frame = [data[:2]], 2, False
    while True:
        marker, start, at = _jpeg_marker(data, at)
        if marker == _EOI:
            break
        size = int.from_bytes(data[at : at + 2], "big")
        end = at + size
        if size < 2 or end > len(data):  # noqa: PLR2004 -- the length counts its own two bytes
            raise damaged()
        frame = frame or marker in _JPEG_FRAMES
        if marker == _SOS:
            end = _scan_end(data, end)
        if marker in _JPEG_KEPT or _is_useful(marker, data[at + 2 : end]):
            kept.append(data[start:end])
        at = end
    if not frame:
        raise damaged()
    if data[at:].strip(b"\0"):
        raise trailing()
    return b"".join([*kept, b"\xff\xd9"])


def _jpeg_marker(data: bytes, at: int) -> tuple[int, int, int]:
    """The marker at `at`, where it begins, and where its segment does; fill bytes are skipped."""
    if data[at : at + 1] != b"\xff":
        raise damaged()
    while data[at + 1 : at + 2] == b"\xff":
        at += 1
    if at + 1 >= len(data) or data[at + 1] == 0:
        raise damaged()
    return data[at + 1], at, at + 2


def _is_useful(marker: int, body: bytes) -> bool:
    """A plain JFIF head, the colour profile, Adobe's note of the colour space."""
    if marker == 0xE0:  # noqa: PLR2004
        return body[:5] == b"JFIF\0" and body[12:14] == b"\0\0"  # no thumbnail
    if marker == 0xE2:  # noqa: PLR2004
        return body[:12] == b"ICC_PROFILE\0"
    return marker == 0xEE and body[:5] == b"Adobe"  # noqa: PLR2004


def _scan_end(data: bytes, at: int) -> int:
    """Where the coded data that begins at `at` is over."""
    while True:
        at = data.find(b"\xff", at)
        if at == -1 or at + 1 >= len(data):
            raise damaged()
        if data[at + 1] != 0 and data[at + 1] not in _RESTARTS:
            return at
        at += 2


def clean_webp(data: bytes) -> bytes:
    """The same picture with known chunks only."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise damaged()
    if end < len(data):
        raise trailing()
    kept, pictures, at = [], 0, 12
    while at < end:
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        stop = at + 8 + size + size % 2
        if stop > end:
            raise damaged()
        chunk = data[at:stop]
        if kind == b"VP8X" and size:
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_EXIF_XMP & 0xFF]) + chunk[9:]
        if kind in _WEBP_KEPT:
            kept.append(chunk)
        pictures += kind in _WEBP_PICTURES
        at = stop
    if not pictures:
        raise damaged()
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
