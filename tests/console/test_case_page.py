"""What a case's page shows beside the decision: the timeline, files, notes, related cases."""

import io
import re
import zlib

import pytest
import sqlalchemy as sa

from console.previews import PROFILE
from demo.forum.language import words as demo_words
from shudi.audit.store import AuditRow, AuditText
from shudi.cases.store.case_page import Attachment, Mention
from tests import factories
from tests.console.browser import BASE
from tests.console.desk import check_html, counted, hidden, words_of
from tests.people import ALICE, AMIR, AUDREY, BOB, SAM


def opened(desk, signed_in, who=ALICE, name="ann"):
    case_id = desk.claim(who, name)
    browser = signed_in(who)
    assert browser.get(f"/cases/{case_id}").status_code == 200
    return browser, f"/cases/{case_id}"


def png(*extra: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        whole = kind + body
        return len(body).to_bytes(4, "big") + whole + zlib.crc32(whole).to_bytes(4, "big")

    head = (1).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    return b"".join(
        [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), *(chunk(b"tEXt", one) for one in extra),
         chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b"")]
    )  # fmt: skip


def attach(browser, path, data=None, name="screen shot.png"):
    browser.get(path)
    return browser.post(f"{path}/attachments", {"file": (io.BytesIO(data or png()), name)})


def fetched(browser, path):
    return browser.client.get(path, base_url=BASE)


def actions(database, name):
    with database.read_session() as session:
        return session.scalars(sa.select(AuditRow.actor_name).where(AuditRow.action == name)).all()


# -- the page -------------------------------------------------------------------------------------


def test_the_page_is_one_of_few_queries_whoever_looks(desk, signed_in, sqlite_database):
    browser, path = opened(desk, signed_in)
    attach(browser, path)
    for who in (browser, signed_in(AUDREY)):
        with counted(sqlite_database) as count:
            assert who.get(path).status_code == 200
            assert count() <= 8
        check_html(who.page)


def test_the_timeline_is_narrowed_by_the_address(desk, signed_in):
    browser, path = opened(desk, signed_in)
    browser.post(f"{path}/note", {"text": "Ask the operator"})
    browser.get(f"{path}?show=notes")
    check_html(browser.page)
    lines = browser.page[browser.page.index('<ol class="timeline">') :]
    assert "Ask the operator" in lines
    assert "Claimed" not in lines.partition("</ol>")[0]
    browser.get(f"{path}?show=handling")
    assert "Claimed" in browser.page
    for odd in ("show=nothing", "before=1.2", "before=9999999999999999999.1.1", "before=1.9.1"):
        assert browser.get(f"{path}?{odd}").status_code == 200


def test_the_picture_has_words_and_a_table(desk, signed_in):
    browser, _ = opened(desk, signed_in)
    assert re.search(r'<svg class="months-picture"[^>]*aria-label="Guangdong: 1 day"', browser.page)
    assert "The same as a table" in browser.page


def test_the_preview_shows_every_language_and_width_before_and_after(desk, signed_in):
    browser, path = opened(desk, signed_in)
    browser.get(f"{path}/preview?look=wide&verdict=correct&kind=withhold")
    text = words_of(browser.page)
    for words in ("IP location: Guangdong", "IP属地：广东", "IP屬地：廣東", "IP属地：不展示",
                  "不予显示", "不予顯示", "withheld"):  # fmt: skip
        assert words in text
    assert browser.page.count('class="met is-phone"') == browser.page.count('class="met"') == 6


def test_the_previews_profile_speaks_as_the_demo_does():
    for ours, theirs in (("en", "en"), ("zh-Hans", "zh")):
        spoken = demo_words(theirs)
        assert PROFILE[ours] == {name: spoken[name] for name in PROFILE[ours]}


def test_related_cases_are_the_accounts_own(desk, signed_in, time):
    browser, path = opened(desk, signed_in)
    browser.post(
        f"{path}/decide",
        {"verdict": "keep", "keep_reason": "evidence_agrees"}
        | hidden(browser, "version", "label_version"),
    )
    with desk.database.transaction() as session:
        again = factories.make_case(session, account="ann", now=time.now, text="Still wrong")
    browser.get(f"/cases/{again}")
    assert "Of the same account" in browser.page
    assert f'href="{path}"' in browser.page
    assert "Label kept" in words_of(browser.page)  # the earlier case's line


# -- notes ----------------------------------------------------------------------------------------


def test_a_note_calls_a_colleague_until_it_is_opened(desk, signed_in):
    browser, path = opened(desk, signed_in)
    browser.post(f"{path}/note", {"text": "@sam could you look? Not @bob, nor x@amir or @nobody."})
    browser.get(path)
    assert "On their overview: sam." in browser.page
    sam = signed_in(SAM)
    sam.get("/")
    check_html(sam.page)
    assert "could you look?" in sam.page
    sam.get(path)
    assert "A note on this case calls you." in sam.page
    answer = sam.post(f"{path}/notes/read")
    assert answer.status_code == 303
    assert re.search(rf"{path}#note-\d+$", answer.location)
    sam.get("/")
    assert "could you look?" not in sam.page
    sam.get(path)
    assert "A note on this case calls you." not in sam.page


def test_a_note_is_taken_back_by_its_author_and_soon(desk, signed_in, time):
    browser, path = opened(desk, signed_in)
    browser.post(f"{path}/note", {"text": "@sam his address is a secret"})
    browser.get(path)
    number = re.search(r'id="note-(\d+)"', browser.page)[1]
    other = signed_in(AMIR)
    other.get(path)
    assert "Take this note back" not in other.page
    assert other.post(f"{path}/notes/{number}/take-back").status_code == 403
    assert browser.post(f"{path}/notes/{number}/take-back").status_code == 303
    browser.get(path)
    assert "a secret" not in browser.page
    assert "The author took this note back." in browser.page
    with desk.database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Mention)) == 0
        assert not session.scalars(
            sa.select(AuditText).where(AuditText.text.contains("secret"))
        ).all()
    browser.post(f"{path}/note", {"text": "This one stands"})
    browser.get(path)
    number = re.search(r"notes/(\d+)/take-back", browser.page)[1]
    time.turn(minutes=16)
    assert browser.post(f"{path}/notes/{number}/take-back").status_code == 422
    assert browser.post(f"{path}/notes/999999/take-back").status_code == 404


# -- files ----------------------------------------------------------------------------------------


def test_a_file_goes_in_clean_and_comes_out_as_a_download_on_record(desk, signed_in):
    browser, path = opened(desk, signed_in)
    data = png(b"Comment\0taken at home")
    assert attach(browser, path, data, "../../<b>\u202egnp.exe").status_code == 303
    browser.get(path)
    check_html(browser.page)
    link = re.search(rf'{path}/attachments/\d+(?=")', browser.page)[0]
    answer = fetched(signed_in(AUDREY), link)
    assert answer.status_code == 200
    assert b"taken at home" not in answer.data
    assert answer.data.startswith(b"\x89PNG")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert ".png" in answer.headers["Content-Disposition"]
    assert "exe.png" not in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Cache-Control"] == "no-store"
    assert actions(desk.database, "case.attachment_read") == ["audrey"]
    folder = desk.settings.var / "attachments"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]


@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
        b"GIF89a=1;//<script>",
        png() + b"<html><script>alert(1)</script>",
        png() + b"PK\x03\x04 a zip behind a picture",
        png(b"Comment\0<script>alert(1)</script>"),
        b"%PDF-1.4\n1 0 obj<</OpenAction<</S/J#61vaScript/JS(1)>>>>\n%%EOF",
        b"%PDF-1.4\n%%EOF\n<html>",
        b"MZ\x90\0",
        b"#!/bin/sh\nrm",
        b"seen from 36.1.2.3 yesterday",
        b"\x89PNG\r\n\x1a\n nothing",
        b"",
    ],
)
def test_a_polyglot_a_page_or_a_program_is_refused(desk, signed_in, data):
    browser, path = opened(desk, signed_in)
    browser.get(path)
    answer = browser.post(f"{path}/attachments", {"file": (io.BytesIO(data), "photo.png")})
    assert answer.status_code == 422
    check_html(browser.page)
    with desk.database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0
    assert not list((desk.settings.var / "attachments").glob("*"))


def test_only_this_route_takes_a_large_body_and_only_from_who_may(desk, signed_in, browser):
    mine, path = opened(desk, signed_in)
    large = b"A line of text.\n" * 20_000  # 320 kB
    assert attach(mine, path, large, "log.txt").status_code == 303
    assert mine.post(f"{path}/note", {"text": "x" * 300_000}).status_code == 413
    too_large = {"data": b"x" * 6_400_000, "content_type": "multipart/form-data; boundary=x"}
    assert mine.raw(f"{path}/attachments", method="POST", **too_large).status_code == 413
    for who in (browser, signed_in(AUDREY)):
        who.get("/profile")
        answer = who.post(f"{path}/attachments", {"file": (io.BytesIO(large), "log.txt")})
        assert answer.status_code == 413


def test_five_files_a_case_and_no_more_than_there_is_room(desk, signed_in, app):
    browser, path = opened(desk, signed_in)
    for _ in range(5):
        assert attach(browser, path).status_code == 303
    assert attach(browser, path).status_code == 422
    assert "at most five files" in browser.page
    assert len(list((desk.settings.var / "attachments").iterdir())) == 5


def test_a_file_is_removed_by_who_added_it_or_a_senior(desk, signed_in):
    browser, path = opened(desk, signed_in)
    attach(browser, path)
    attach(browser, path)
    browser.get(path)
    first, second = re.findall(rf"{path}/attachments/\d+/remove", browser.page)
    other = signed_in(AMIR)
    other.get(path)
    assert "/remove" not in other.page
    assert other.post(first).status_code == 403
    assert browser.post(first).status_code == 303
    assert browser.get(first.removesuffix("/remove")).status_code == 404
    senior = signed_in(SAM)
    senior.get(path)
    assert senior.post(second).status_code == 303
    assert len(actions(desk.database, "case.detached")) == 2


def test_somebody_elses_case_number_opens_no_file(desk, signed_in):
    browser, path = opened(desk, signed_in)
    attach(browser, path)
    browser.get(path)
    number = re.search(rf"{path}/attachments/(\d+)", browser.page)[1]
    assert browser.get(f"/cases/{desk.cases['ben']}/attachments/{number}").status_code == 404
    (stored,) = (desk.settings.var / "attachments").iterdir()
    stored.write_bytes(b"something else")
    assert browser.get(f"{path}/attachments/{number}").status_code == 404
    stored.unlink()
    assert browser.get(f"{path}/attachments/{number}").status_code == 404


# -- ready words ----------------------------------------------------------------------------------


def write_words(browser, **changes):
    form = {"kind": "keep", "language": "en", "title": "All agree", "text": "The sources agree."}
    browser.get("/ready-words")
    return browser.post("/ready-words", form | changes)


def test_ready_words_go_behind_what_was_typed_without_a_script(desk, signed_in):
    senior = signed_in(SAM)
    assert write_words(senior).status_code == 303
    assert (
        write_words(
            senior, kind="replace", title="Proof", text="The <operator> confirms."
        ).status_code
        == 303
    )
    assert write_words(senior).status_code == 422  # the same name again
    browser, path = opened(desk, signed_in)
    number = re.search(r'<option value="(\d+)"[^>]*>All agree', browser.page)[1]
    proof = re.search(r'<option value="(\d+)"[^>]*>Proof', browser.page)[1]
    typed = {"verdict": "keep", "text": "I looked.", "keep_reason": "still_right", "step": "insert"}
    seen = hidden(browser, "version", "label_version")
    answer = browser.post(f"{path}/decide", typed | seen | {"canned": number})
    assert answer.status_code == 200
    check_html(browser.page)
    assert "I looked.\nThe sources agree.</textarea>" in browser.page
    assert 'value="still_right" selected' in browser.page
    browser.post(f"{path}/decide", seen | {"canned": proof, "step": "insert"})
    assert 'value="replace" checked' in browser.page
    assert "The &lt;operator&gt; confirms.</textarea>" in browser.page
    assert browser.post(f"{path}/decide", typed | seen | {"canned": "9"}).status_code == 422
    assert "I looked.</textarea>" in browser.page
    long = typed | seen | {"canned": number, "text": "x" * 1990}
    assert browser.post(f"{path}/decide", long).status_code == 422
    assert "x" * 1990 in browser.page


def test_who_changes_ready_words_late_sees_what_stands_and_keeps_their_own(desk, signed_in):
    senior, admin = signed_in(SAM), signed_in(BOB)
    write_words(senior)
    admin.get("/ready-words")
    check_html(admin.page)
    path = re.search(r"/ready-words/\d+", admin.page)[0]
    for who in (senior, admin):
        who.get(path)
        check_html(who.page)
    form = {"version": "1", "title": "All agree", "text": "Senior's words"}
    assert senior.post(path, form).status_code == 303
    answer = admin.post(path, form | {"text": "Admin's words"})
    assert answer.status_code == 409
    check_html(admin.page)
    assert "Senior&#39;s words" in admin.page
    assert "Admin&#39;s words" in admin.page
    assert admin.post(path, form | {"version": "2", "text": "Admin's words"}).status_code == 303
    admin.get(path)
    assert admin.post(f"{path}/retire", {"version": "3"}).status_code == 303
    assert admin.get(path).status_code == 404
    with desk.database.read_session() as session:
        told = session.scalars(sa.select(AuditText.text).order_by(AuditText.seq)).all()
        assert [one for one in told if "words" in one][:2] == ["Senior's words", "Admin's words"]


def test_moderators_write_no_ready_words(desk, signed_in):
    browser = signed_in(ALICE)
    assert browser.get("/ready-words").status_code == 403
    browser.get("/profile")
    assert write_words(browser).status_code == 403
