"""What a closed site held is erased, a little at a time."""

from datetime import timedelta
from unittest import mock

import pytest
import sqlalchemy as sa

from shudi.accounts.store import Account
from shudi.audit.store import AuditText
from shudi.cases.actions.erasure import delete_account
from shudi.cases.actions.site_closing import end_site
from shudi.cases.actions.site_erasure import AT_ONCE, erase_some
from shudi.cases.store.batches import BatchItem
from shudi.errors import Refused, Stale
from shudi.labels.queries.served import lookup
from shudi.labels.store import Label, Moves, Tally
from shudi.outbox.store import Message
from shudi.sites.actions import closing, create_site
from shudi.sites.store import Site, SiteClosing
from shudi.staff.actions import declare_own_account
from shudi.staff.store import OwnAccount, ProposalState
from tests.actions.closing_desk import (
    WHY,
    WORDS,
    close,
    erase,
    lived,
    propose,
    withhold_some,
)
from tests.people import ALICE, PLATFORM, SYSTEM


def _stored(desk):
    """All of the store's text, but for what nobody removes and nothing personal is in."""
    with desk.database.read_session() as session:
        return " ".join(
            str(session.execute(sa.select(table)).all()) for table in Label.metadata.sorted_tables
        )


def test_what_it_held_is_erased_and_the_log_still_holds(house):
    lived(house, "ann")
    lived(house, "bert")
    house.act(declare_own_account, actor=ALICE, account_id=house.id("bert"))
    house.act(delete_account, actor=PLATFORM, site_id=house.site, account="bert")
    withhold_some(house, "ann", "nobody-we-know")
    before = house.head()
    close(house)
    with house.logged(account__deleted=1, site__erased=1):
        erase(house)
    stored = _stored(house)
    for gone in (WORDS, "Ann Example", "ann-e", "'ann'", "'bert'", "nobody-we-know"):
        assert gone not in stored
    assert house.count(Tally) == house.count(Message) == house.count(OwnAccount) == 0
    assert house.count(BatchItem, BatchItem.account != "") == house.count(Moves) == 0
    assert house.read(Site, house.site).account_count == 0
    [row] = house.rows(sa.select(SiteClosing))
    assert (row.erased, row.erased_at) == (1, house.now)
    assert row.reason == WHY  # the desk's own words about itself
    assert house.head() > before
    assert house.count(AuditText) == 1  # why it was closed
    assert house.verified()


def test_the_key_is_no_other_sites(house):
    house.see(("ann", "CN-GD"))
    close(house)
    for _ in ("while it is erased", "afterwards"):
        with house.refused(Stale, "site-exists"):
            house.act(
                create_site, actor=SYSTEM, key="forum", name="Forum", match=["https://f.example/*"]
            )
        erase(house)
    site = house.read(Site, house.site)
    assert (site.key, site.match, site.adapter) == ("forum", [], {})


def test_another_site_loses_nothing(house):
    shop = next(one.id for one in house.rows(sa.select(Site)) if one.key == "shop")
    house.put("ann", site_id=shop, name="Ann of the shop")
    house.take(("ann", "US"), site="shop")
    house.see(("ann", "CN-GD"))
    close(house)
    erase(house)
    with house.database.read_session() as session:
        [(_, shown)] = lookup(session, site_key="shop", accounts=["ann"]).labels
    assert shown.region == "US"
    assert house.count(Account, Account.account == "ann", Account.name != "") == 1


def test_no_transaction_erases_many_rows_and_it_goes_on_where_it_stopped(house):
    names = [f"a{number}" for number in range(2 * AT_ONCE + 3)]
    for _ in range(4):
        house.now += timedelta(days=1)
        house.take(*((name, "CN-GD") for name in names))
    close(house)
    limit = 30
    left = house.count(Tally)
    for _ in range(left):
        erased = house.read(SiteClosing, 1).erased
        if not house.act(erase_some, limit=limit):
            break
        now_left = house.count(Tally)
        assert left - now_left <= limit
        assert house.read(SiteClosing, 1).erased - erased <= AT_ONCE
        left = now_left
    assert house.read(SiteClosing, 1).erased == len(names)
    assert house.count(Account, Account.deleted_at.is_(None)) == left == 0
    assert house.verified()


def test_what_fails_half_way_leaves_a_whole_part(house):
    house.see(*((f"a{number}", "CN-GD") for number in range(5)))
    close(house)
    house.act(erase_some)  # what they gathered
    broken = mock.patch(
        "shudi.cases.actions.site_erasure._forget_name", side_effect=Refused("x", "x")
    )
    with broken, pytest.raises(Refused):
        house.act(erase_some)
    assert house.count(Account, Account.deleted_at.is_not(None)) == 0
    assert house.read(SiteClosing, 1).erased_to == 0
    erase(house)
    assert house.count(Account, Account.deleted_at.is_(None)) == 0


def test_a_site_that_a_backup_still_had_is_erased_again_though_nobody_proposes_it(house):
    house.see(("ann", "CN-GD"))
    propose(house)  # of before the backup
    with house.database.transaction() as session:
        site = session.get_one(Site, house.site)
        closing.close_again(session, site=site, now=house.now)
        end_site(session, actor=SYSTEM, site=site, now=house.now, because={"restored": True})
    erase(house)
    assert house.count(Account, Account.deleted_at.is_(None)) == house.count(Tally) == 0
    states = {row.state: row.erased for row in house.rows(sa.select(SiteClosing))}
    assert states == {ProposalState.DROPPED: 0, ProposalState.CONFIRMED: 1}
