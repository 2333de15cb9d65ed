import csv
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shudi.errors import Invalid
from shudi.regions.codec import load_vocabulary
from shudi.regions.rules import AREAS, GRANULARITIES, LANGUAGES, fold

VOCABULARY = load_vocabulary()
MAINLAND = {
    "CN-BJ": "北京", "CN-TJ": "天津", "CN-HE": "河北", "CN-SX": "山西", "CN-NM": "内蒙古",
    "CN-LN": "辽宁", "CN-JL": "吉林", "CN-HL": "黑龙江", "CN-SH": "上海", "CN-JS": "江苏",
    "CN-ZJ": "浙江", "CN-AH": "安徽", "CN-FJ": "福建", "CN-JX": "江西", "CN-SD": "山东",
    "CN-HA": "河南", "CN-HB": "湖北", "CN-HN": "湖南", "CN-GD": "广东", "CN-GX": "广西",
    "CN-HI": "海南", "CN-CQ": "重庆", "CN-SC": "四川", "CN-GZ": "贵州", "CN-YN": "云南",
    "CN-XZ": "西藏", "CN-SN": "陕西", "CN-GS": "甘肃", "CN-QH": "青海", "CN-NX": "宁夏",
    "CN-XJ": "新疆",
}  # fmt: skip
SUFFIX = ("", "省", "市", "自治区")


def test_the_vocabulary_is_31_divisions_and_249_countries_and_areas():
    assert {code for code in VOCABULARY.codes if "-" in code} == set(MAINLAND)
    assert sum(len(code) == 2 for code in VOCABULARY.codes) == 249
    assert len(VOCABULARY) == len(set(VOCABULARY.codes)) == 280
    assert "XK" not in VOCABULARY
    assert not {"CN-HK", "CN-MO", "CN-TW"} & set(VOCABULARY.codes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_name_in_every_language_and_no_two_share_one(language):
    for short in (False, True):
        names = [VOCABULARY.name(code, language, short=short) for code in VOCABULARY.codes]
        assert all(name and name == name.strip() and name.isprintable() for name in names)
        assert len(set(names)) == len(names)
        if language != "en":
            assert not [name for name in names if any("a" <= c.lower() <= "z" for c in name)]


@pytest.mark.parametrize(("code", "short"), MAINLAND.items())
def test_a_mainland_division_is_called_what_it_is_and_lies_in_cn(code, short):
    assert VOCABULARY.name(code, "zh-Hans", short=True) == short
    assert VOCABULARY.name(code, "zh-Hans").startswith(short)
    assert VOCABULARY.parent(code) == "CN"
    assert VOCABULARY.precision(code) == "subdivision"


def test_the_easily_confused_divisions_stay_apart():
    english = {"SN": "Shaanxi", "SX": "Shanxi", "HA": "Henan", "HE": "Hebei", "HB": "Hubei",
               "HN": "Hunan", "HI": "Hainan"}  # fmt: skip
    for letters, name in english.items():
        assert VOCABULARY.name(f"CN-{letters}", "en") == name
        assert VOCABULARY.find_subdivision("CN", name) == f"CN-{letters}"
        assert VOCABULARY.find_subdivision("CN", letters) == f"CN-{letters}"


def test_hong_kong_macao_and_taiwan_are_areas_without_parent():
    assert AREAS == ("HK", "MO", "TW")
    assert [VOCABULARY.name(code, "zh-Hans") for code in AREAS] == [
        "中国香港",
        "中国澳门",
        "中国台湾",
    ]
    assert [VOCABULARY.name(code, "zh-Hant") for code in AREAS] == [
        "中國香港",
        "中國澳門",
        "中國台灣",
    ]
    assert [VOCABULARY.name(code, "en") for code in AREAS] == [
        "Hong Kong, China", "Macao, China", "Taiwan, China",
    ]  # fmt: skip
    for code in AREAS:
        assert VOCABULARY.parent(code) is None
        assert VOCABULARY.precision(code) == "country"
        assert VOCABULARY.common_parent(code, "CN") is None
        assert VOCABULARY.common_parent(code, "CN-GD") is None
        assert VOCABULARY.coarsen(code, "country") == code


@pytest.mark.parametrize(
    ("name", "code"),
    [("香港", "HK"), ("Hong Kong", "HK"), ("澳门", "MO"), ("Macau", "MO"), ("台湾省", "TW"),
     ("臺灣", "TW"), ("CN-TW", "TW"), ("香港特别行政区", "HK")],
)  # fmt: skip
def test_a_source_that_lists_an_area_under_cn_means_the_area(name, code):
    assert VOCABULARY.find_subdivision("CN", name) == code
    assert VOCABULARY.find_country(name) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [("Guangdong Sheng", "CN-GD"), ("KWANGTUNG", "CN-GD"), ("广东", "CN-GD"), ("广东省", "CN-GD"),
     ("廣東", "CN-GD"), ("440000", "CN-GD"), ("Nei Mongol", "CN-NM"), ("内蒙古自治区", "CN-NM"),
     ("Inner Mongolia Autonomous Region", "CN-NM"), ("Xinjiang Uyghur", "CN-XJ"),
     ("Tibet", "CN-XZ"), ("  xizang ", "CN-XZ"), ("Shǎnxī", "CN-SX"), ("重庆市", "CN-CQ"),
     ("Ningxia Hui Autonomous Region", "CN-NX"), ("广西壮族自治区", "CN-GX"), ("CN-GX", "CN-GX")],
)  # fmt: skip
def test_spellings_that_sources_use_are_understood(name, code):
    assert VOCABULARY.find_subdivision("CN", name) == code


def test_every_name_and_alias_of_the_table_leads_back_to_its_code():
    table = Path("shudi/regions/names.csv").resolve()
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names = [row[c] for c in row if c not in ("code", "parent", "aliases")]
            for name in [*names, *filter(None, row["aliases"].split(";"))]:
                if row["parent"]:
                    assert VOCABULARY.find_subdivision(row["parent"], name) == row["code"]
                else:
                    assert VOCABULARY.find_country(name) == row["code"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("美国", "US"), ("United States", "US"), ("韩国", "KR"), ("朝鲜", "KP"), ("俄罗斯", "RU"),
     ("Cote d'Ivoire", "CI"), ("阿联酋", "AE"), ("中国", "CN"), ("Atlantis", None), ("", None)],
)  # fmt: skip
def test_countries_are_found_by_name(name, code):
    assert VOCABULARY.find_country(name) == code


def test_an_unknown_division_is_none_and_divisions_of_other_countries_are_not_kept():
    assert VOCABULARY.find_subdivision("CN", "Atlantis") is None
    assert VOCABULARY.find_subdivision("US", "California") is None
    assert VOCABULARY.find_subdivision("TW", "Fukien") is None


@pytest.mark.parametrize(
    ("a", "b", "parent"),
    [("CN-GD", "CN-ZJ", "CN"), ("CN-GD", "CN", "CN"), ("CN", "CN-GD", "CN"), ("CN-GD", "HK", None),
     ("US", "FR", None), ("US", "US", "US"), ("CN-GD", "CN-GD", "CN-GD"), ("MO", "HK", None)],
)  # fmt: skip
def test_common_parent(a, b, parent):
    assert VOCABULARY.common_parent(a, b) == parent


def test_an_unknown_code_or_language_is_refused():
    with pytest.raises(Invalid, match="vocabulary") as refusal:
        VOCABULARY.get("CN-XX")
    assert refusal.value.code == "region-unknown"
    with pytest.raises(Invalid) as refusal:
        VOCABULARY.name("US", "fr")
    assert refusal.value.code == "language-unknown"
    with pytest.raises(ValueError, match="granularity"):
        VOCABULARY.coarsen("US", "city")


codes = st.sampled_from(VOCABULARY.codes)


@given(codes, codes)
def test_common_parent_is_symmetric_and_never_finer(a, b):
    joined = VOCABULARY.common_parent(a, b)
    assert joined == VOCABULARY.common_parent(b, a)
    assert joined is None or joined in (a, b, VOCABULARY.parent(a))


def test_coarsening_is_idempotent_and_reaches_the_granularity():
    for code, granularity in itertools.product(VOCABULARY.codes, GRANULARITIES):
        coarse = VOCABULARY.coarsen(code, granularity)
        assert VOCABULARY.coarsen(coarse, granularity) == coarse
        assert granularity == "subdivision" or VOCABULARY.precision(coarse) == "country"
    assert VOCABULARY.precision(None) == "none"


@given(st.text())
def test_folding_is_idempotent(text):
    assert fold(fold(text)) == fold(text)


# overrides


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "names-override.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_an_override_replaces_names_only_where_it_gives_them(tmp_path):
    path = write(tmp_path, "\ufeffcode,en,zh_hant\nHK,Hong Kong,\nTW,,台灣\n")
    ours = load_vocabulary(path)
    assert ours.name("HK", "en") == "Hong Kong"
    assert ours.name("HK", "en", short=True) == "Hong Kong, China"
    assert ours.name("HK", "zh-Hant") == "中國香港"
    assert ours.name("TW", "zh-Hant") == "台灣"
    assert ours.codes == VOCABULARY.codes
    assert ours.find_subdivision("CN", "香港") == "HK"


def test_sources_are_understood_however_a_deployment_words_a_place(tmp_path):
    path = write(tmp_path, "code,en,en_short,zh_hans,zh_hans_short\nCN-GD,Canton,Canton,粤,粤\n")
    ours = load_vocabulary(path)
    assert ours.name("CN-GD", "zh-Hans", short=True) == "粤"
    for name in ("广东", "广东省", "Guangdong", "粤"):
        assert ours.find_subdivision("CN", name) == "CN-GD"


def test_the_version_changes_with_the_override_and_is_stable(tmp_path):
    assert load_vocabulary() is VOCABULARY
    one = load_vocabulary(write(tmp_path, "code,en\nHK,Hong Kong\n")).version
    two = load_vocabulary(write(tmp_path, "code,en\nHK,Hongkong!\n")).version
    assert len({VOCABULARY.version, one, two}) == 3
    assert load_vocabulary(write(tmp_path, "code,en\n")).version == VOCABULARY.version


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,en\nUS,America\nXK,Kosovo\n", "line 3: no region"),
        ("code,en\nUS,A\nUS,B\n", "line 3: US was already given"),
        ("code,aliases\nUS,A\n", "line 1: columns are"),
        ("code,parent\nHK,CN\n", "line 1: columns are"),
        ("en\nUS\n", "line 1: columns are"),
        ("", "line 1: columns are"),
        ("code,en\nUS\n", "line 2: as many cells"),
        ("code,en\nUS,A,B\n", "line 2: as many cells"),
        ("code,en\nUS,a\u202eb\n", "line 2: en is longer"),
        (f"code,en\nUS,{'a' * 81}\n", "line 2: en is longer"),
        ("code,en\nFR,United States\n", "names both"),
        ('code,en\nUS,"A\n', "not a UTF-8 CSV"),
    ],
)
def test_a_bad_override_is_refused_and_says_where(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        load_vocabulary(write(tmp_path, text))


def test_an_override_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        load_vocabulary(tmp_path / "absent.csv")
    with pytest.raises(ValueError, match="not a UTF-8"):
        load_vocabulary(write(tmp_path, "code,zh_hans\nUS,美国\n", "gb18030"))
