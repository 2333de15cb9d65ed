"""Deciding a case: the preview, the decision, and what the one sees who came late."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, consequences, errors, language, sessions
from console.forms.cases import DecisionForm
from console.outcome import Outcome, foresee
from console.parts import database, settings, vocabulary
from console.views import cases, onward
from shudi import clock
from shudi.cases.actions import appeals, review
from shudi.errors import Invalid, Refused, Stale
from shudi.labels.queries.desk import LabelView
from shudi.labels.rules import CorrectionState
from shudi.staff.rules import Permission

blueprint = Blueprint("decisions", __name__)
# Refusals that a person answers by looking at both values, not by filling in a field.
_MOVED = frozenset({"label-moved", "case-moved", "conflict"})


class _Rehearsed(Exception):
    """The act went through and is not kept: it asks to be confirmed, knowing what it does."""

    def __init__(self, found: consequences.Consequences) -> None:
        super().__init__()
        self.consequences = found


@blueprint.get("/cases/<int:case_id>/preview")
@access.requires(Permission.CASE_READ)
def preview(case_id: int) -> ResponseReturnValue:
    """The fragment that shows what readers would see (`look=wide`: in each language and width);
    the script asks as the form changes.
    """
    args = request.args
    wide = args.get("look") == "wide"
    chosen = {name: args.get(name, "") for name in ("verdict", "kind", "region")}
    with database().read_session() as session:
        page = cases.load(session, case_id)
        expected = None if wide else consequences.expected(session, page.case, **chosen)
    fragment = "_side_by_side.html" if wide else "_preview.html"
    return render_template(
        f"console/cases/{fragment}",
        outcome=_foresee(page.label, **chosen),
        case=page.case,
        expected=expected,
    )


@blueprint.post("/cases/<int:case_id>/decide")
@access.requires(Permission.CASE_DECIDE)
def decide(case_id: int) -> ResponseReturnValue:
    """Take the decision, show what it would do (`step=preview`), or put ready words into the
    explanation (`step=insert`); only the first changes anything.
    """
    form = DecisionForm(request.form)
    if request.form.get("step") in ("insert", "preview"):
        return _undecided(case_id, form)
    if not form.validate():
        return _again(case_id, form, gettext("Some fields need another look."), 422)
    try:
        with database().transaction() as session:
            told = _act(session, case_id, form)
    except _Rehearsed as rehearsed:
        return _confirm(case_id, form, rehearsed.consequences)
    except (Invalid, Refused, Stale) as error:
        return _refused(case_id, form, error)
    return onward.decided(case_id, told)


def _refused(
    case_id: int, form: DecisionForm, error: Invalid | Refused | Stale
) -> ResponseReturnValue:
    if error.code in _MOVED:
        return _conflict(case_id, form), 409
    return _again(case_id, form, errors.words(error), 409 if isinstance(error, Stale) else 422)


def _act(session: Session, case_id: int, form: DecisionForm) -> str:
    """Call the act that the verdict names; returns what to tell."""
    common = {
        "actor": sessions.actor(),
        "case_id": case_id,
        "version": form.version.data,
        "now": clock.now(),
    }
    verdict, text = form.verdict.data, form.text.data or ""
    if verdict == "dismiss":
        review.dismiss(session, reason=form.keep_reason.data or "", text=text, **common)
        return str(gettext("The case was dismissed. The label stays as it is."))
    if verdict == "lift":
        review.lift_expired(session, text=text, **common)
        return str(gettext("The correction was lifted. Readers see what activity shows."))
    if verdict == "restore":
        return _restore(session, form, common)
    if verdict == "keep":
        review.keep(
            session,
            label_version=form.label_version.data,
            reason=form.keep_reason.data or "",
            text=text,
            settings=settings(),
            answer=form.answer.data or "",
            **common,
        )
        return str(gettext("The label was kept and the case closed."))
    return _correct(session, form, common)


def _restore(session: Session, form: DecisionForm, common: dict[str, object]) -> str:
    correction = appeals.restore(
        session,
        label_version=form.label_version.data,
        text=form.text.data or "",
        answer=form.answer.data or "",
        settings=settings(),
        **common,  # type: ignore[arg-type]
    )
    if correction.state is CorrectionState.IN_FORCE:
        return str(gettext("Proposed. A senior other than you must approve before readers see it."))
    return str(gettext("The correction was ended and the label is what it was before."))


def _correct(session: Session, form: DecisionForm, common: dict[str, object]) -> str:
    if not form.kind.data:
        raise Invalid("kind-unknown", "Choose a kind of correction.")
    correction = review.correct(
        session,
        wish=form.wish(clock.now(), language.timezone()),
        vocabulary=vocabulary(),
        settings=settings(),
        answer=form.answer.data or "",
        **common,  # type: ignore[arg-type]
    )
    found = consequences.of(correction)
    if found.asks and not form.confirmed.data and not found.stood_beside(form.shown.data or ""):
        raise _Rehearsed(found)
    if correction.unconfirmed:
        return str(gettext("Withheld at once. A senior other than you must confirm it."))
    if correction.state is CorrectionState.SCHEDULED:
        return str(gettext("Planned. It begins by itself, and the case is closed."))
    if correction.state is CorrectionState.PROPOSED:
        return str(gettext("Proposed. A senior other than you must approve before readers see it."))
    return str(gettext("The label was corrected and the case closed."))


def _foresee(label: LabelView | None, verdict: str, kind: str, region: str) -> Outcome:
    return foresee(
        label,
        verdict=verdict,
        kind=kind,
        region=region,
        vocabulary=vocabulary(),
        granularity=settings().granularity,
    )


def _again(case_id: int, form: DecisionForm, problem: str, status: int) -> ResponseReturnValue:
    """The case's page with everything that was typed."""
    with database().read_session() as session:
        page = cases.load(session, case_id)
        expected = consequences.expected(session, page.case, **_chosen(form))
    outcome = _foresee(page.label, **_chosen(form))
    again = cases.render(page, form=form, problem=problem, outcome=outcome, expected=expected)
    return again, status


def _chosen(form: DecisionForm) -> dict[str, str]:
    fields = (form.verdict, form.kind, form.region)
    return {field.name: field.data or "" for field in fields}


def _confirm(
    case_id: int, form: DecisionForm, found: consequences.Consequences
) -> ResponseReturnValue:
    """Everything that the decision does, and one button. Nothing has happened yet."""
    with database().read_session() as session:
        page = cases.load(session, case_id)
    return render_template(
        "console/cases/confirm.html",
        page=page,
        case=page.case,
        form=form,
        outcome=_foresee(page.label, **_chosen(form)),
        expected=found,
    )


def _undecided(case_id: int, form: DecisionForm) -> ResponseReturnValue:
    """The case's page with what was typed, and with the chosen ready words behind it if asked."""
    if request.form.get("step") == "preview":
        return _again(case_id, form, "", 200)
    with database().read_session() as session:
        page = cases.load(session, case_id)
    ready = next((one for one in page.beside.canned if one.id == form.canned.data), None)
    if ready is None:
        return _again(case_id, form, gettext("Choose ready words first."), 422)
    form.choose(ready.kind)
    if not form.append(ready.text):
        return _again(case_id, form, gettext("With these words the text is too long."), 422)
    return _again(case_id, form, "", 200)


def _conflict(case_id: int, form: DecisionForm) -> str:
    """Both values side by side; what was typed is kept and can be put on top."""
    with database().read_session() as session:
        page = cases.load(session, case_id)
    mine = _foresee(page.label, **_chosen(form))
    return render_template(
        "console/cases/conflict.html",
        page=page,
        case=page.case,
        form=form,
        outcome=mine,
        latest=page.latest,
    )
