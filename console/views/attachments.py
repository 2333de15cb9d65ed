"""Files of a case's evidence: in as an upload, out as a download, each time on record."""

from urllib.parse import quote

from flask import Blueprint, Flask, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.http import dump_options_header

from console import access, errors, sessions
from console.parts import database, settings
from console.reading import on_record
from console.views import cases
from shudi import clock
from shudi.cases.actions import attachments
from shudi.cases.codec.attachments import Cleaned, clean, file_name
from shudi.cases.gateway import files
from shudi.cases.rules import ATTACHMENT_BYTES
from shudi.errors import Invalid, NotFound, Refused
from shudi.staff.rules import Permission

blueprint = Blueprint("attachments", __name__)
# The file, and what a form puts around it.
_BODY = ATTACHMENT_BYTES + 16 * 1024
# Whatever opens it all the same runs nothing and reaches nothing.
_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


def init_app(app: Flask) -> None:
    """Ask before anything reads the form (console.csrf does) how large it may be."""
    app.before_request(_allow_file)


def _allow_file() -> None:
    """Only this route takes a large body, and only from somebody who may add a file."""
    if request.endpoint != "attachments.add":
        return
    found = sessions.current()
    if found is not None and found.actor().may(Permission.CASE_DECIDE):
        request.max_content_length = _BODY
        # Werkzeug reads in steps of 64 KiB and counts what it has not yet taken apart
        request.max_form_memory_size = 4 * 64 * 1024


@blueprint.post("/cases/<int:case_id>/attachments")
@access.requires(Permission.CASE_DECIDE)
def add(case_id: int) -> ResponseReturnValue:
    """Add a file to the evidence."""
    upload = request.files.get("file")
    try:
        content = clean(upload.stream.read(ATTACHMENT_BYTES + 1) if upload else b"")
        _keep(case_id, upload.filename or "" if upload else "", content)
    except (Invalid, Refused) as error:
        with database().read_session() as session:
            page = cases.load(session, case_id)
        return cases.render(page, file_problem=errors.words(error)), 422
    flash(gettext("The file was added to the evidence."), "success")
    return _back(case_id)


def _keep(case_id: int, name: str, content: Cleaned) -> None:
    with (
        files.written(settings(), content.data) as file,
        database().transaction() as session,
    ):
        attachments.attach(
            session,
            actor=sessions.actor(),
            case_id=case_id,
            name=file_name(name, content.type),
            content=content,
            file=file,
            settings=settings(),
            now=clock.now(),
        )


@blueprint.get("/cases/<int:case_id>/attachments/<int:attachment_id>")
@access.requires(Permission.CASE_READ)
def download(case_id: int, attachment_id: int) -> ResponseReturnValue:
    """The file, as a download only. It is on record before a byte of it goes out."""
    with on_record() as session:
        kept = attachments.open_attachment(
            session,
            actor=sessions.actor(),
            case_id=case_id,
            attachment_id=attachment_id,
            now=clock.now(),
        )
    content = Cleaned(kept.type, files.read(settings(), kept.file))
    if content.digest != kept.digest:
        raise NotFound("file-changed", "This file is not the one that was kept.")
    answer = Response(content.data, content_type=_content_type(kept.type))
    answer.headers["Content-Disposition"] = _disposition(kept.name)
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


def _content_type(kind: str) -> str:
    return "text/plain; charset=utf-8" if kind == "text/plain" else kind


def _disposition(name: str) -> str:
    """RFC 6266: the name in ASCII for old programs, and as it is."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    options = {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
    return dump_options_header("attachment", options)


@blueprint.post("/cases/<int:case_id>/attachments/<int:attachment_id>/remove")
@access.requires(Permission.CASE_DECIDE)
def remove(case_id: int, attachment_id: int) -> ResponseReturnValue:
    """Remove a file from the evidence."""
    with database().transaction() as session:
        attachments.detach(
            session,
            actor=sessions.actor(),
            case_id=case_id,
            attachment_id=attachment_id,
            now=clock.now(),
        )
    flash(gettext("The file was removed."), "success")
    return _back(case_id)


def _back(case_id: int) -> ResponseReturnValue:
    return redirect(url_for("cases.show", case_id=case_id, _anchor="files"), 303)
