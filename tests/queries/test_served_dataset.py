"""The dataset file, and publishing it."""

import pytest
import sqlalchemy as sa

from shudi.accounts.store import Account
from shudi.errors import Invalid, Unavailable
from shudi.labels.actions import publication
from shudi.labels.actions.publication import publish, publish_due
from shudi.labels.codec import Value, encode_dataset, folder, look_up, read_values
from shudi.labels.store import Label, Release
from shudi.sites.actions import create_site
from shudi.sites.store import Site
from shudi.staff.rules import Actor

SALT = b"salt of sixteen."
US = Value("labelled", "US", "country", corrected=False, disputed=False)
GONE = Value("withheld", None, "none", corrected=True, disputed=False)


def test_a_file_says_of_each_key_what_was_put_in():
    rows = [(f"键{n}", US if n % 3 else GONE) for n in range(5000)]
    encoded = encode_dataset(SALT, rows)
    assert encoded.count == 5000
    for key, value in rows[:200]:
        assert look_up(encoded.data, SALT, key) == value
    assert look_up(encoded.data, SALT, "nobody") is None
    assert look_up(encoded.data, b"another salt....", "键1") is None


def test_more_than_256_values_take_two_bytes_each():
    many = [US._replace(region=f"X{n}") for n in range(300)]
    rows = [(str(n), many[n % 300]) for n in range(3000)]
    encoded = encode_dataset(SALT, rows)
    assert all(look_up(encoded.data, SALT, key) == value for key, value in rows)
    assert len(read_values(encoded.data)) == 300


def test_the_layout_is_as_documented():
    data = encode_dataset(SALT, [("b", US), ("a", GONE)]).data
    assert data[:6] == b"SHUDI\x01"
    values, count, length = (
        int.from_bytes(data[6:8], "little"),
        int.from_bytes(data[8:12], "little"),
        int.from_bytes(data[12:16], "little"),
    )
    assert (values, count) == (2, 2)
    tags = data[16 + length : 16 + length + 16]
    assert tags[:8] < tags[8:]
    assert len(data) == 16 + length + 16 + 2


def test_a_million_accounts_fit():
    rows = ((str(n), US) for n in range(100_000))
    assert (
        len(encode_dataset(SALT, rows).data) * 10 <= 5.5 * 2**20 * 2
    )  # 8-byte tags: 9 MB a million
    assert encode_dataset(SALT, []).count == 0


@pytest.mark.parametrize("data", [b"", b"SHUDI\x01", b"OTHER\x01" + b"\0" * 20, b"\xff" * 40])
def test_what_is_no_file_is_refused(data):
    with pytest.raises(Invalid):
        read_values(data)


@pytest.fixture
def site(database, now):
    with database.transaction() as session:
        return create_site(
            session,
            actor=Actor.system("test"),
            key="teahouse",
            name="T",
            match=["https://e.org/*"],
            now=now,
        )


def label(database, site, now, number, **changes):
    with database.transaction() as session:
        account = {
            "id": number,
            "site_id": site,
            "account": f"a{number}",
            "page_key": f"a{number}",
            "created_at": now,
            "updated_at": now,
        }
        session.execute(sa.insert(Account), account)
        row = {
            "account_id": number,
            "site_id": site,
            "account": f"a{number}",
            "state": "labelled",
            "region": "US",
            "since": now.date(),
            "version": 1,
            "seq": number,
        }
        session.execute(sa.insert(Label), row | changes)
        session.execute(sa.update(Site).values(seq=number))


def released(database):
    with database.read_session() as session:
        return session.execute(
            sa.select(Release.number, Release.count, Release.salt).order_by(Release.number)
        ).all()


def test_what_shows_nothing_is_not_in_the_file(database, site, settings, vocabulary, now):
    label(database, site, now, 1)
    label(database, site, now, 2, hidden=True)
    label(database, site, now, 3, state="none", region=None)
    label(database, site, now, 4, state="withheld", region=None, corrected=True)
    assert publish_due(database, settings=settings, vocabulary=vocabulary, now=now) == 1
    ((_, count, _),) = released(database)
    assert count == 2


def test_each_release_has_its_own_salt_and_two_are_kept(database, site, settings, vocabulary, now):
    for number in range(1, 5):
        label(database, site, now, number)
        publish_due(database, settings=settings, vocabulary=vocabulary, now=now)
    rows = released(database)
    assert [row.number for row in rows] == [3, 4]
    assert rows[0].salt != rows[1].salt
    assert len(list((folder(settings.var) / "teahouse").iterdir())) == 2


def test_a_crash_before_the_commit_leaves_the_old_release(
    database, site, settings, vocabulary, now, monkeypatch
):
    label(database, site, now, 1)
    publish_due(database, settings=settings, vocabulary=vocabulary, now=now)
    label(database, site, now, 2)

    def crash(*given):
        raise Unavailable("store-unavailable", "gone")

    monkeypatch.setattr(publication, "_record", crash)
    with pytest.raises(Unavailable):
        publish_due(database, settings=settings, vocabulary=vocabulary, now=now)
    monkeypatch.undo()
    assert [row.number for row in released(database)] == [1]
    assert publish_due(database, settings=settings, vocabulary=vocabulary, now=now) == 1
    old = list((folder(settings.var) / "teahouse").iterdir())
    assert {path.name.partition("-")[0] for path in old} == {"1", "2"}


def test_two_publishers_make_one_release(database, site, settings, vocabulary, now, monkeypatch):
    label(database, site, now, 1)
    build = publication._build

    def overtaken(*given):
        built = build(*given)
        monkeypatch.setattr(publication, "_build", build)
        assert publish(
            database, site_key="teahouse", settings=settings, vocabulary=vocabulary, now=now
        )
        return built

    monkeypatch.setattr(publication, "_build", overtaken)
    assert not publish(
        database, site_key="teahouse", settings=settings, vocabulary=vocabulary, now=now
    )
    assert [row.number for row in released(database)] == [1]
    assert len(list((folder(settings.var) / "teahouse").iterdir())) == 1


def test_a_reworded_vocabulary_is_a_reason_to_publish(database, site, settings, vocabulary, now):
    publish_due(database, settings=settings, vocabulary=vocabulary, now=now)
    with database.transaction() as session:
        session.execute(sa.update(Release).values(vocabulary="older"))
    assert publish_due(database, settings=settings, vocabulary=vocabulary, now=now) == 1
