"""What may be kept of a file, by its bytes alone; and who is called in a note."""

import struct
import zlib

import pytest

from shudi.cases.codec.attachments import clean, file_name
from shudi.cases.rules import mentioned
from shudi.errors import Invalid

EXIF = b"Exif\0\0GPS: at home"


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


SCAN = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"coded \xff\0 data \xff\xd0 goes on"
FRAME = segment(0xC0, b"\x08\0\x01\0\x01\x01\x01\x11\0")
JFIF = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
TABLES = segment(0xDB, b"q" * 65) + segment(0xC4, b"h" * 20)


def jpeg(*extra: bytes) -> bytes:
    return b"".join([b"\xff\xd8", JFIF, *extra, TABLES, FRAME, SCAN, b"\xff\xd9"])


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*extra: bytes) -> bytes:
    head = png_chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\0\0\0\0")
    data = png_chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + data + png_chunk(b"IEND", b"")


def refused(data: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        clean(data)
    return caught.value.code


def test_a_jpeg_loses_where_and_with_what_it_was_taken():
    thumbnail = segment(0xE0, b"JFXX\0\x10 small picture")
    noise = segment(0xE1, EXIF) + thumbnail + segment(0xED, b"IPTC") + segment(0xFE, b"a comment")
    profile = segment(0xE2, b"ICC_PROFILE\0\x01\x01 colours") + segment(0xEE, b"Adobe\0d\0\0\0\0\0")
    kept = clean(jpeg(noise, profile))
    assert kept.type == "image/jpeg"
    assert kept.data == jpeg(profile)
    assert clean(kept.data) == kept


def test_a_jpeg_of_several_scans_stays_whole():
    body = b"".join([b"\xff\xd8", JFIF, TABLES, FRAME, SCAN, TABLES, b"\xff" + SCAN, b"\xff\xd9"])
    assert clean(body).data.count(b"goes on") == 2


def test_a_png_keeps_what_draws_it():
    colours = png_chunk(b"gAMA", b"\0\0\xb1\x8f")
    noise = (
        png_chunk(b"eXIf", EXIF) + png_chunk(b"iTXt", b"XML\0") + png_chunk(b"tIME", b"\x07" * 7)
    )
    assert clean(png(noise, colours)).data == png(colours)
    assert refused(png(png_chunk(b"ABCD", b"critical and unknown"))) == "file-damaged"


def test_a_webp_loses_its_metadata_and_the_flags_for_it():
    extended = b"\x2c\0\0\0\0\0\0\0\0\0"  # ICC, EXIF, XMP
    kept = clean(
        webp(
            chunk(b"VP8X", extended),
            chunk(b"VP8 ", b"odd"),
            chunk(b"EXIF", EXIF),
            chunk(b"XMP ", b"x"),
        )
    )
    assert kept.data == webp(chunk(b"VP8X", b"\x20" + extended[1:]), chunk(b"VP8 ", b"odd"))


@pytest.mark.parametrize(
    "data",
    [
        png()[:-9],
        png().replace(b"IDAT", b"IDAU"),
        jpeg()[:-20],
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0\0\x01",
        webp(chunk(b"EXIF", EXIF)),
        webp(chunk(b"VP8 ", b"abc"))[:-2],
        b"RIFF\x04\0\0\0WEBP",
        b"%PDF-1.7\n1 0 obj",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_what_breaks_off_is_damaged(data):
    assert refused(data) == "file-damaged"


@pytest.mark.parametrize("data", [png(), jpeg(), webp(chunk(b"VP8 ", b"ab")), b"%PDF-1.7\n%%EOF\n"])
def test_nothing_hides_behind_the_end(data):
    clean(data)
    assert refused(data + b"PK\x03\x04 a second file") == "file-trailing"


@pytest.mark.parametrize("picture", [png, jpeg])
def test_nothing_hides_inside(picture):
    body = b"Comment\0<ScRiPt>alert(1)</script>"
    extra = png_chunk(b"tEXt", body) if picture is png else segment(0xFE, body)
    assert refused(picture(extra)) == "file-active"


def packed(names: bytes) -> bytes:
    stream = zlib.compress(names)
    return (
        b"5 0 obj<</Type/ObjStm/N 1/Length 9/Filter/FlateDecode>>stream\r\n"
        + stream
        + b"\nendstream"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"/S/JavaScript/JS(app.alert(1))",
        b"/S/J#61vaScript",
        b"/S/Launch/F(cmd.exe)",
        b"/Names<</EmbeddedFiles 3 0 R>>",
        b"/Encrypt 4 0 R",
        b"/AcroForm<</XFA 5 0 R>>",
        b"<script>1</script>",
        packed(b"1 0 <</S/JavaScript>>"),
    ],
)
def test_a_document_that_does_something_is_refused(body):
    assert refused(b"%PDF-1.7\n" + body + b"\n%%EOF\n") == "file-active"


def test_a_plain_document_is_kept_as_it_is():
    data = b"%PDF-1.7\n/JSON/Launcher" + packed(b"1 0 <</Type/Page>>") + b"\n%%EOF\n"
    assert clean(data).data == data
    assert refused(b"%PDF-1.7\n" + packed(b" " * 20_000_000) + b"\n%%EOF") == "file-damaged"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"x" * (5 * 1024 * 1024 + 1), "file-too-large"),
        (b"GIF89a\x01\0", "file-kind"),
        (b"\0\1\2", "file-kind"),
        (b"\xff\xfe\0a", "file-kind"),
        (b"PK\x03\x04", "file-kind"),
        (b"  <svg xmlns='x'>", "file-active"),
        (b"see < Script >", "file-active"),
        (b"<?xml version='1.0'?>", "file-active"),
        (b"#!/bin/sh", "file-active"),
        (b"posted from 36.1.2.3.", "file-address"),
        (b"[2a02:1234::5]:443", "file-address"),
    ],
)
def test_what_else_is_asked_of_a_text(data, code):
    assert refused(data) == code


def test_a_text_may_be_in_any_language():
    text = "从广州发帖。10:20:30, §4.2.1, a < b, 192.168.0.1 and 127.0.0.1\n"
    assert clean(text.encode()).data == text.encode()
    assert clean(b"\xef\xbb\xbfa mark first").data == b"a mark first"


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("photo.png.exe", "photo.png.png"),
        ("../../etc/passwd", "passwd.png"),
        (r"C:\fakepath\截图 1.PNG", "截图 1.png"),
        ("\u202egnp.exe", "gnp.png"),
        ('a"b\r\nSet-Cookie: x', "a b Set-Cookie x.png"),
        ("", "file.png"),
        ("...", "file.png"),
        ("x" * 300 + ".png", "x" * 80 + ".png"),
    ],
)
def test_the_name_to_download(name, offered):
    assert file_name(name, "image/png") == offered


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@sam look", ["sam"]),
        ("请 @sam看一下", ["sam"]),
        ("@Sam, @sam-lee and @amir.", ["sam", "sam-lee", "amir"]),
        ("@samuel @sam_x sam@example.org a@sam", []),
        ("@@sam (@amir)", ["amir"]),
        ("@王 小明 看看", ["王 小明"]),
    ],
)
def test_who_is_called(text, called):
    assert mentioned(text, ["sam", "sam-lee", "amir", "王 小明"]) == called
