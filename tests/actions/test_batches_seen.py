"""What counts as seen of an account that showed nothing when it was listed."""

import sqlalchemy as sa

from shudi.labels.actions.corrections import Wish, propose
from shudi.labels.rules import CorrectionKind
from shudi.labels.store import Correction
from tests.actions.batch_desk import TEXT, Batches
from tests.people import AMIR


def test_a_first_label_after_the_list_was_made_is_a_change_too(desk):
    """Nothing was shown when it was listed, and that counts as seen."""
    batches = Batches(desk)
    desk.put("quiet")
    desk.act(propose_elsewhere, desk=desk, account="quiet")
    [correction] = desk.rows(sa.select(Correction.id))
    batch = batches.make(["quiet"], "withhold")
    desk.approve(correction)
    batches.work()
    assert batches.outcomes(batch) == ["stale: label-moved"]
    assert desk.place("quiet")[:2] == ("labelled", "HK")


def propose_elsewhere(session, *, desk, account, now):
    """Another place for an account that shows none; it waits for a second person."""
    wish = Wish(
        label_version=0,
        kind=CorrectionKind.REPLACE,
        reason="travel",
        region="HK",
        evidence=TEXT,
    )
    propose(
        session,
        actor=AMIR,
        account_id=desk.id(account),
        case_id=None,
        wish=wish,
        vocabulary=desk.vocabulary,
        settings=desk.settings,
        now=now,
    )
