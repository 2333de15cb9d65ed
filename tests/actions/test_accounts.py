"""Account information in: kept as it came, or refused whole."""

from datetime import timedelta

import sqlalchemy as sa

from shudi.accounts.queries import account as account_view
from shudi.accounts.queries import search
from shudi.accounts.store import Account
from shudi.audit.store import AuditRow
from shudi.errors import Invalid, NotFound
from shudi.sites.store import Site


def _view(desk, account):
    with desk.database.read_session() as session:
        return account_view(session, account_id=desk.id(account))


def test_what_the_platform_says_is_what_is_kept(desk):
    bio = "Line one\r\nLine two \U0001f375"
    with desk.logged(account__put=1):
        verdict = desk.put(
            "ann",
            handle="ann-e",
            name="  e\u0301ve  ",
            avatar_url="https://a.example/a.png",
            bio=bio,
        )
    assert verdict == "accepted"
    view = _view(desk, "ann")
    assert (view.handle, view.name, view.avatar_url) == (
        "ann-e",
        "\u00e9ve",
        "https://a.example/a.png",
    )
    assert view.bio == "Line one\nLine two \U0001f375"
    assert desk.read(Site, desk.site).account_count == 1
    desk.now = desk.now.replace(hour=12)
    desk.put("ann", name="Ann")  # what is left out is gone: a PUT says everything
    view = _view(desk, "ann")
    assert (view.handle, view.name, view.bio, view.updated_at) == (None, "Ann", "", desk.now)
    assert desk.read(Site, desk.site).account_count == 1


def test_saying_the_same_again_changes_nothing_and_leaves_no_row(desk):
    said = {"handle": "ann-e", "name": "Ann", "bio": "Tea\r\n", "protection": "protected"}
    with desk.logged(account__put=1):
        desk.put("ann", **said)
    before = _view(desk, "ann")
    desk.now += timedelta(hours=1)
    with desk.logged():
        assert desk.put("ann", **said) == "accepted"
    assert _view(desk, "ann") == before
    for name, other in {"handle": "eve", "name": "Eve", "bio": "", "protection": "none"}.items():
        said[name] = other
        with desk.logged(account__put=1):
            desk.put("ann", **said)
    assert _view(desk, "ann").version == before.version + 4


def test_bad_information_changes_nothing(desk):
    desk.put("ann", name="Ann", handle="ann-e", bio="Tea")
    before = _view(desk, "ann")
    for info, code in (
        ({"name": "x" * 129}, "name-too-long"),
        ({"name": "x" * 10_240}, "name-too-long"),
        ({"name": "nul\0"}, "name-invalid"),
        ({"name": "half \ud83d"}, "name-invalid"),
        ({"name": "evil\u202egnp.exe"}, "name-invalid"),
        ({"name": "two\nlines"}, "name-invalid"),
        ({"bio": "x" * 501}, "bio-too-long"),
        ({"bio": "\u2067isolated"}, "bio-invalid"),
        ({"bio": "tab\tbed"}, "bio-invalid"),
        ({"avatar_url": "javascript:alert(1)"}, "avatar-invalid"),
        ({"avatar_url": "data:image/png;base64,AA"}, "avatar-invalid"),
        ({"avatar_url": "https://"}, "avatar-invalid"),
        ({"avatar_url": "//a.example/a"}, "avatar-invalid"),
        ({"avatar_url": "https://[::1/a"}, "avatar-invalid"),
        ({"avatar_url": "https://a.example/" + "a" * 500}, "avatar-invalid"),
        ({"avatar_url": "https://a.example/\0"}, "avatar-invalid"),
        ({"handle": "x" * 129}, "account-invalid"),
        ({"handle": "a\u202eb"}, "account-invalid"),
        ({"protection": "vip"}, "protection-unknown"),
        ({"protection": ""}, "protection-unknown"),
    ):
        with desk.refused(Invalid, code):
            desk.put("ann", **info)
        with desk.refused(Invalid, code):
            desk.put("new", **info)
    for account in ("", "x" * 129, "\x7f", "\ud800"):
        with desk.refused(Invalid, "account-invalid"):
            desk.put(account)
    with desk.refused(NotFound, "site-unknown"):
        desk.put("ann", 999)
    assert _view(desk, "ann") == before
    assert desk.count(Account) == 1


def test_ids_are_case_sensitive_and_one_in_each_spelling_of_unicode(desk):
    for account in ("ann", "ANN", "e\u0301", "\u00e9"):
        desk.put(account)
    assert sorted(desk.rows(sa.select(Account.account))) == ["ANN", "ann", "\u00e9"]
    desk.see(("e\u0301", "US"))
    assert desk.place("\u00e9")[:2] == ("labelled", "US")


def test_the_log_names_no_name(desk):
    desk.put("ann", name="Ann Example", handle="ann-e", protection="minor")
    [row] = desk.rows(sa.select(AuditRow).where(AuditRow.action == "account.put"))
    assert (row.target_id, row.after, row.before) == (
        str(desk.id("ann")),
        '{"protection":"minor"}',
        "",
    )


def test_people_find_accounts_by_id_handle_and_name(desk):
    desk.put("ann", handle="Tea_Lover", name="ＡＮＮ Müller")
    desk.put("50%", name="Percent_")

    def found(text):
        with desk.database.read_session() as session:
            return [row.account for row in search(session, site_id=desk.site, text=text)]

    for text in ("ann", "an", "@Tea_", "ann mü", "ANN MÜLLER"):
        assert found(text) == ["ann"], text
    for text in ("", "%", "_", "nn", "TeaXLover"):
        assert found(text) == [], text
    assert found("50%") == ["50%"]
