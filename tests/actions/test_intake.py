"""What comes in from outside and may open a case: account information and reports."""

import pytest
import sqlalchemy as sa

from shudi.accounts.store import Account
from shudi.cases.actions import intake
from shudi.cases.actions.erasure import delete_account
from shudi.cases.rules import CaseKind
from shudi.cases.store import Case, CaseEvent
from shudi.errors import Invalid, NotAllowed, NotFound
from shudi.labels.actions.publication import publish, publish_due
from shudi.labels.queries.published import latest_release
from shudi.sites.store import Fold, PageKeyKind, Site
from tests import factories
from tests.actions.desk import DAY
from tests.conftest import NOW
from tests.people import ALICE, AUDREY, BOB, PLATFORM, READER, owning

# -- reports --------------------------------------------------------------------------------------


def test_reports_of_one_account_meet_in_one_case(desk):
    desk.see(("ann", "CN-GD"), ("bert", "US"))
    with desk.logged(case__opened=2, case__joined=2):
        desk.report("ann", "I know her", kind="other")
        desk.report("ann", "It endangers her", kind="harmful_label")
        desk.report("ann", "", kind="other")
        desk.report("bert")
    [case] = desk.cases(CaseKind.REPORT, "ann")
    assert (case.reports, case.severity, case.due_at) == (3, 3, desk.now + 7 * DAY)
    assert case.version == 1  # whoever is deciding it need not begin again
    assert desk.events(case.id) == ["opened", "reported", "reported"]
    kinds = sa.select(CaseEvent.data).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
    assert [data["kind"] for data in desk.rows(kinds)] == ["other", "harmful_label", "other"]
    desk.claim(case.id)
    desk.decide("dismiss", case.id)
    assert desk.case(case.id).version == 2
    desk.report("ann")
    assert [one.reports for one in desk.cases(CaseKind.REPORT, "ann")] == [3, 1]


def test_reports_of_what_nobody_knows_are_taken_silently(desk):
    desk.put("gone")
    desk.put("ann", handle="ann-handle")
    desk.act(delete_account, actor=PLATFORM, site_id=desk.site, account="gone")
    with desk.logged():
        for account in ("nobody", "gone", "ANN", "ann-handle"):
            desk.report(account)
        desk.act(
            intake.take_report, actor=READER, site_key="nowhere", account="ann",
            kind="other", text="",
        )  # fmt: skip
    assert desk.count(Case) == 0


@pytest.mark.parametrize("known", [True, False])
def test_bad_reports_are_refused_alike_for_known_and_unknown(desk, known):
    account = "ann" if known else "nobody"
    desk.put("ann")
    for text, code in (
        ("x" * 501, "text-too-long"),
        ("nul \0", "text-invalid"),
        ("half \ud83d", "text-invalid"),
        ("bell \a", "text-invalid"),
    ):
        with desk.refused(Invalid, code):
            desk.report(account, text)
    for kind in ("", "spam", "WRONG_LABEL"):
        with desk.refused(Invalid, "kind-unknown"):
            desk.report(account, kind=kind)
    for name in ("", "x" * 129, "a\0", "\ud800", "\u202eann"):
        with desk.refused(Invalid, "account-invalid"):
            desk.report(name)
    desk.report(account, "属" * 500)


def test_readers_name_accounts_as_pages_do(desk):
    with desk.database.transaction() as session:
        site = factories.make_site(
            session, now=NOW, key="salon", page_key=PageKeyKind.HANDLE, fold=Fold.CASEFOLD
        )
    desk.put("17", site, handle="Straße")
    desk.put("18", site, handle="eve\u0301")

    def report(name):
        desk.act(
            intake.take_report, actor=READER, site_key="salon", account=name,
            kind="other", text="",
        )  # fmt: skip

    for name in ("STRASSE", "Straße", "17", "EV\u00c9"):
        report(name)
    found = sa.select(Account.account).join(Case, Case.account_id == Account.id)
    assert sorted(desk.rows(found)) == ["17", "18"]
    assert sorted(desk.rows(sa.select(Case.reports))) == [1, 3]


def test_staff_open_cases_themselves(desk):
    desk.put("ann")
    arguments = {"account_id": desk.id("ann"), "text": "Odd"}
    with desk.logged(case__opened=1):
        desk.act(intake.open_by_staff, actor=ALICE, **arguments)
    for who in (AUDREY, BOB, PLATFORM):
        with desk.refused(NotAllowed, "role"):
            desk.act(intake.open_by_staff, actor=who, **arguments)
    with desk.refused(NotAllowed, "own-account"):
        desk.act(intake.open_by_staff, actor=owning(ALICE, desk.id("ann")), **arguments)
    with desk.refused(NotFound, "account-unknown"):
        desk.act(intake.open_by_staff, actor=ALICE, account_id=999, text="Odd")


# -- page keys ------------------------------------------------------------------------------------


def _handle_site(desk, fold=Fold.CASEFOLD):
    with desk.database.transaction() as session:
        return factories.make_site(
            session, now=NOW, key="salon", page_key=PageKeyKind.HANDLE, fold=fold
        )


def _dataset(desk):
    """Whether a release is due, and how many page keys the newest holds."""
    due = publish_due(
        desk.database, settings=desk.settings, vocabulary=desk.vocabulary, now=desk.now
    )
    with desk.database.read_session() as session:
        site = session.scalars(sa.select(Site.id).where(Site.key == "salon")).one()
        return bool(due), latest_release(session, site).count


def test_a_handle_that_passes_on_takes_no_label_along(desk):
    """The dataset files labels under handles: the next release must not show the old one's."""
    site = _handle_site(desk)
    assert publish(
        desk.database, site_key="forum", settings=desk.settings, vocabulary=desk.vocabulary, now=NOW
    )
    desk.take(("17", "CN-GD"), site="salon")
    assert _dataset(desk) == (True, 0)  # no handle is known yet
    desk.put("17", site, handle="Ann")
    assert _dataset(desk) == (True, 1)
    desk.put("17", site, handle="Ann", name="Another name")
    assert _dataset(desk) == (False, 1)
    desk.put("18", site, handle="aNN")  # another account, which never acted
    assert _dataset(desk) == (True, 0)
    keys = {row.account: (row.handle, row.page_key) for row in desk.rows(sa.select(Account))}
    assert keys == {"17": (None, None), "18": ("aNN", "ann")}
    assert desk.labels() == {"17": "CN-GD"}  # by its id it has its label still
    desk.put("17", site, handle="Anna")
    assert _dataset(desk) == (True, 1)
    desk.put("17", site)
    assert _dataset(desk) == (True, 0)


def test_handles_swapped_in_one_batch(desk):
    site = _handle_site(desk, Fold.EXACT)
    desk.put("17", site, handle="ann")
    desk.put("18", site, handle="bert")
    held = []
    with desk.database.transaction() as session:
        for account, handle in (("17", "bert"), ("18", "ann"), ("17", "bert"), ("19", "Bert")):
            factories.make_account(session, site_id=site, account=account, now=NOW, handle=handle)
            held += session.scalars(sa.select(Account)).all()  # whoever else looks at them
    keys = {row.account: row.page_key for row in desk.rows(sa.select(Account))}
    assert keys == {"17": "bert", "18": "ann", "19": "Bert"}


def test_on_a_site_that_shows_ids_a_handle_is_only_information(desk):
    desk.put("ann", handle="same")
    desk.put("bert", handle="same")
    keys = {row.account: (row.handle, row.page_key) for row in desk.rows(sa.select(Account))}
    assert keys == {"ann": ("same", "ann"), "bert": ("same", "bert")}
