"""Files as evidence: what a file is, is asked of its bytes, never of its name.

Five kinds and no other. Files are only ever served as downloads, so none runs in the console;
these checks keep what could run or hide elsewhere from being passed on by us.
"""

import dataclasses
import hashlib
import ipaddress
import re
import unicodedata
import zlib

from shudi.cases.codec.pictures import (
    JPEG,
    PNG,
    clean_jpeg,
    clean_png,
    clean_webp,
    damaged,
    is_webp,
    trailing,
)
from shudi.cases.rules import ATTACHMENT_BYTES
from shudi.errors import Invalid

TYPES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "text/plain": "txt",
}
NAME_MOST = 80
_PDF = re.compile(rb"%PDF-[12]\.[0-9]")
# Markup that a browser or a server would run, wherever it stands. Long enough never to turn up in
# compressed data by chance.
_MARKUP = re.compile(rb"<(?:script|html|!doctype|iframe|\?php|!entity)", re.IGNORECASE)
_TEXT_MARKUP = re.compile(
    r"<\s*/?\s*(?:!doctype|!entity|html|head|body|script|style|svg|math|iframe|object|embed|img"
    r"|link|meta|form|a\s|\?xml|\?php|!--)",
    re.IGNORECASE,
)
_PROGRAM = ("#!", "%!ps", "mz", "{\\rtf")
# What a document can do beside being read (ISO 32000-2, 12.6.4, 7.11.4, 12.7), or hide in.
_PDF_ACTIVE = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|GoToR"
    rb"|Encrypt)(?![A-Za-z0-9])"
)
_PDF_STREAM = re.compile(rb"/ObjStm.{0,400}?stream\r?\n", re.DOTALL)
_UNPACKED_MOST = 16 * 1024 * 1024
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{6,45}")


@dataclasses.dataclass(frozen=True, slots=True)
class Cleaned:
    """A file that may be kept: its kind and its bytes as they will be served."""

    type: str
    data: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, hex."""
        return hashlib.sha256(self.data).hexdigest()


def clean(data: bytes) -> Cleaned:
    """What may be kept of an uploaded file. Raises Invalid: `file-empty`, `file-too-large`,
    `file-kind` (none of the five), `file-damaged`, `file-trailing`, `file-active` (something that
    runs), `file-address` (a network address in a text).
    """
    if not data:
        raise Invalid("file-empty", "The file is empty.")
    if len(data) > ATTACHMENT_BYTES:
        raise Invalid("file-too-large", "A file has at most 5 MiB.")
    for begins, kind, cleaner in (
        (data.startswith(PNG), "image/png", clean_png),
        (data.startswith(JPEG), "image/jpeg", clean_jpeg),
        (is_webp(data), "image/webp", clean_webp),
        (bool(_PDF.match(data)), "application/pdf", _check_pdf),
    ):
        if begins:
            if _MARKUP.search(data):
                raise _active()
            return Cleaned(kind, cleaner(data))
    return Cleaned("text/plain", _check_text(data))


def file_name(name: str, kind: str) -> str:
    """A name to offer for download: the last part of `name` without what steers a terminal or
    turns text around, and with the ending that `kind` has.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem = last.rpartition(".")[0] or last
    plain = "".join(
        letter if unicodedata.category(letter)[0] in "LMNPSZ" else " " for letter in stem
    )
    plain = re.sub(r'[<>:"|?*%\s]+', " ", plain).strip(" .")
    return f"{plain[:NAME_MOST].strip() or 'file'}.{TYPES[kind]}"


def _active() -> Invalid:
    return Invalid("file-active", "The file holds something that runs.")


def _check_pdf(data: bytes) -> bytes:
    end = data.rfind(b"%%EOF")
    if end == -1:
        raise damaged()
    if data[end + 5 :].strip(b"\r\n \0"):
        raise trailing()
    for part in (data, *_object_streams(data)):
        if _PDF_ACTIVE.search(_plain_names(part)):
            raise _active()
    return data


def _plain_names(data: bytes) -> bytes:
    """`/J#61vaScript` is a way to write `/JavaScript`."""
    return re.sub(rb"#([0-9a-fA-F]{2})", lambda hit: bytes([int(hit[1], 16)]), data)


def _object_streams(data: bytes) -> list[bytes]:
    """What is packed into object streams, where names hide from a search; bounded."""
    left, found = _UNPACKED_MOST, []
    for start in _PDF_STREAM.finditer(data):
        unpacker = zlib.decompressobj()
        try:
            part = unpacker.decompress(data[start.end() :], left)
        except zlib.error:
            raise damaged() from None
        left -= len(part)
        if left <= 0 or unpacker.unconsumed_tail:
            raise damaged()
        found.append(part)
    return found


def _check_text(data: bytes) -> bytes:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("file-kind", "Files of this kind are not kept.") from None
    if any(unicodedata.category(one) == "Cc" and one not in "\n\r\t" for one in text):
        raise Invalid("file-kind", "Files of this kind are not kept.")
    if _TEXT_MARKUP.search(text) or text.lstrip().lower().startswith(_PROGRAM):
        raise _active()
    if any(_is_address(token) for token in _ADDRESS.findall(text)):
        raise Invalid("file-address", "The text holds a network address.")
    return text.encode()


def _is_address(token: str) -> bool:
    """Whether it names somebody's machine: this desk keeps no address, in files neither."""
    try:
        return ipaddress.ip_address(token.strip(".:") if "::" not in token else token).is_global
    except ValueError:
        return False
