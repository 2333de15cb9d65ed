"""What is displayed, and which corrections are right."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shudi.clock import microseconds
from shudi.errors import Invalid, Refused
from shudi.labels import rules
from shudi.labels.rules import (
    ActivityKind,
    Basis,
    CorrectionKind,
    Displayed,
    InForce,
    Resolved,
    State,
)
from shudi.labels.rules.brakes import Limits, tripped
from shudi.regions.codec import load_vocabulary
from tests.conftest import NOW

VOCABULARY = load_vocabulary()
CODES = sorted(region.code for region in VOCABULARY)
RESOLVED = [
    Resolved(State.LABELLED, "CN-GD"),
    Resolved(State.LABELLED, "US"),
    Resolved(State.UNCERTAIN, "CN"),
    Resolved(State.UNCERTAIN, None),
    Resolved(State.NONE, None),
]
CORRECTIONS = [
    None,
    InForce(CorrectionKind.COARSEN, "CN"),
    InForce(CorrectionKind.WITHHOLD, None),
    InForce(CorrectionKind.MARK_UNCERTAIN, "CN"),
    InForce(CorrectionKind.MARK_UNCERTAIN, None),
    InForce(CorrectionKind.REPLACE, "CN-ZJ"),
]


@pytest.mark.parametrize("correction", CORRECTIONS)
@pytest.mark.parametrize("resolved", RESOLVED)
def test_a_hidden_account_looks_like_one_without_activity(resolved, correction):
    shown = rules.displayed(resolved, correction, hidden=True)
    assert shown == rules.displayed(Resolved(State.NONE, None), None, hidden=False)
    assert shown == Displayed(State.NONE, None, Basis.NONE, corrected=False)


@pytest.mark.parametrize("resolved", RESOLVED)
def test_without_a_correction_activity_is_shown(resolved):
    shown = rules.displayed(resolved, None, hidden=False)
    assert (shown.state, shown.region, shown.corrected) == (resolved.state, resolved.region, False)
    assert shown.basis is (Basis.NONE if resolved.state is State.NONE else Basis.ACTIVITY)


@pytest.mark.parametrize("correction", CORRECTIONS[1:])
def test_a_correction_outranks_whatever_activity_says(correction):
    shown = {rules.displayed(resolved, correction, hidden=False) for resolved in RESOLVED}
    assert len(shown) == 1
    [only] = shown
    assert only.corrected
    assert only.basis is Basis.CORRECTION
    assert only.region == correction.region
    expected = {
        CorrectionKind.WITHHOLD: State.WITHHELD,
        CorrectionKind.MARK_UNCERTAIN: State.UNCERTAIN,
    }
    assert only.state is expected.get(correction.kind, State.LABELLED)


# -- corrections ----------------------------------------------------------------------------------


def _region(kind, shown, wanted=None, granularity="subdivision"):
    return rules.corrected_region(
        kind, shown=shown, wanted=wanted, vocabulary=VOCABULARY, granularity=granularity
    )


@pytest.mark.parametrize("shown", [None, *CODES])
def test_withholding_shows_no_place(shown):
    assert _region(CorrectionKind.WITHHOLD, shown) is None


@pytest.mark.parametrize("shown", CODES)
def test_coarsening_shows_the_parent_or_is_refused(shown):
    parent = VOCABULARY.parent(shown)
    if parent is None:
        with pytest.raises(Refused, match="coarser"):
            _region(CorrectionKind.COARSEN, shown)
    else:
        assert _region(CorrectionKind.COARSEN, shown) == parent == "CN"


@pytest.mark.parametrize("code", ["HK", "MO", "TW"])
def test_hong_kong_macao_and_taiwan_have_no_coarser_place(code):
    with pytest.raises(Refused):
        _region(CorrectionKind.COARSEN, code)
    assert _region(CorrectionKind.MARK_UNCERTAIN, code) is None


def test_nothing_is_coarser_than_no_place():
    with pytest.raises(Refused):
        _region(CorrectionKind.COARSEN, None)


@pytest.mark.parametrize("shown", CODES)
def test_marking_uncertain_shows_the_common_parent(shown):
    assert _region(CorrectionKind.MARK_UNCERTAIN, shown) == VOCABULARY.parent(shown)


@pytest.mark.parametrize(
    "wanted", [None, "", "cn-gd", "CN-XX", "XX", "Guangdong", "CN-GD-01", "广东"]
)
def test_a_replacement_is_a_place_of_ours(wanted):
    with pytest.raises(Invalid) as caught:
        _region(CorrectionKind.REPLACE, "US", wanted)
    assert caught.value.code == "region-unknown"


@pytest.mark.parametrize("shown", ["CN-GD", "US", None])
@pytest.mark.parametrize("wanted", CODES)
def test_a_replacement_is_never_finer_than_the_granularity(shown, wanted):
    finer = VOCABULARY.parent(wanted) is not None
    if finer:
        with pytest.raises(Invalid) as caught:
            _region(CorrectionKind.REPLACE, shown, wanted, "country")
        assert caught.value.code == "region-too-fine"
    if wanted == shown:
        with pytest.raises(Refused):
            _region(CorrectionKind.REPLACE, shown, wanted)
    else:
        assert _region(CorrectionKind.REPLACE, shown, wanted) == wanted


SHOWN = [rules.displayed(resolved, None, hidden=False) for resolved in RESOLVED]


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("correction", CORRECTIONS[1:])
def test_a_correction_changes_something_or_is_refused(shown, correction):
    after = rules.displayed(Resolved(shown.state, shown.region), correction, hidden=False)
    same = (after.state, after.region) == (shown.state, shown.region)

    def check():
        rules.check_correction(
            correction.kind, shown=shown, region=correction.region, evidence="A ticket: 4711"
        )

    if same:
        with pytest.raises(Refused) as caught:
            check()
        assert caught.value.code == "no-change"
    else:
        check()


@pytest.mark.parametrize("evidence", ["", "   ", "ok", "see above", "x" * 9, " " * 50])
@pytest.mark.parametrize("kind", CorrectionKind)
def test_only_a_replacement_needs_evidence(kind, evidence):
    region = {CorrectionKind.REPLACE: "CN-ZJ", CorrectionKind.WITHHOLD: None}.get(kind, "CN")
    arguments = {"shown": SHOWN[0], "region": region, "evidence": evidence}
    if kind is CorrectionKind.REPLACE:
        with pytest.raises(Invalid) as caught:
            rules.check_correction(kind, **arguments)
        assert caught.value.code == "evidence-needed"
    else:
        rules.check_correction(kind, **arguments)


def test_who_else_must_agree():
    kinds = list(CorrectionKind)
    assert [k.value for k in kinds if rules.needs_second_person(k)] == ["replace"]
    assert [k.value for k in kinds if rules.lifting_needs_senior(k)] == ["withhold"]
    assert [k.value for k in kinds if not rules.may_revert_by_itself(k)] == ["withhold"]


def test_signing_in_publishes_nothing():
    assert set(ActivityKind) - rules.PUBLISHING == {ActivityKind.SIGN_IN}


# -- instants, stability, brakes ------------------------------------------------------------------

AN_INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("offset", "code"),
    [
        (timedelta(0), None),
        (timedelta(minutes=5), None),
        (timedelta(minutes=5) + AN_INSTANT, "at-future"),
        (timedelta(days=3650), "at-future"),
        (-timedelta(days=90), None),
        (-timedelta(days=90) - AN_INSTANT, "at-too-old"),
        (-timedelta(days=3650), "at-too-old"),
    ],
)
def test_instants_from_the_future_or_before_the_window_are_refused(offset, code):
    assert rules.window(NOW, 90).wrong(microseconds(NOW + offset)) == code


TODAY = date(2026, 3, 14)


def _days(*regions):
    """What was seen today, yesterday, the day before …; None for a day without activity."""
    return {
        TODAY - timedelta(days=at): frozenset(seen.split())
        for at, seen in enumerate(regions)
        if seen is not None
    }


@pytest.mark.parametrize(
    ("days", "needed", "mixed", "stable"),
    [
        (_days("US"), 1, 0, True),
        (_days("US"), 2, 0, False),
        (_days("US", "US"), 2, 0, True),
        (_days("US", None, "US"), 2, 0, True),  # days of activity, not of the calendar
        (_days("US", "CN-GD"), 2, 0, False),
        (_days("US", "US CN-GD"), 2, 0, False),
        (_days("US", "US CN-GD"), 2, 1, True),
        (_days("US CN-GD", "US CN-GD"), 2, 1, False),
        (_days("US", "US", "CN-GD"), 2, 0, True),  # older than asked for
        (_days(), 1, 0, False),
    ],
)
def test_a_place_is_stable_once_seen_often_enough(days, needed, mixed, stable):
    assert rules.stable(days, "US", today=TODAY, days=needed, mixed=mixed) is stable


def test_days_to_come_do_not_count():
    days = {TODAY + timedelta(days=1): frozenset({"US"}), TODAY: frozenset({"US"})}
    assert not rules.stable(days, "US", today=TODAY, days=2, mixed=0)


LIMITS = Limits(share=0.05, region=500, minimum=20)


@pytest.mark.parametrize(
    ("accounts", "moved", "into", "rule"),
    [
        (1000, 0, {}, None),
        (1000, 50, {}, None),  # exactly 5 %
        (1000, 51, {}, "share"),
        (100, 19, {}, None),  # too few to say anything about
        (100, 20, {}, "share"),
        (10**6, 501, {"US": 500}, None),
        (10**6, 501, {"US": 501}, "region"),
        (10**6, 0, {"US": 501}, "region"),  # first labels count here
        (10**6, 0, {"US": 300, "GB": 300}, None),
        (1000, 600, {"US": 600}, "share"),
        (0, 0, {}, None),
    ],
)
def test_the_brake(accounts, moved, into, rule):
    assert tripped(accounts=accounts, moved=moved, into=into, limits=LIMITS) == rule


@given(st.integers(0, 10**7), st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_moves_never_release_the_brake(accounts, moved, into):
    def rule(more):
        return tripped(
            accounts=accounts, moved=moved + more, into={"US": into + more}, limits=LIMITS
        )

    assert rule(0) is None or rule(1) is not None
