"""What screening finds in names and bios, and what it lets pass."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shudi.accounts import codec
from shudi.accounts.codec import load_screen, load_terms
from shudi.accounts.rules import ARTICLE, AccountInfo, Rule, check_accept_reason, check_rule
from shudi.errors import Invalid

NOTHING = AccountInfo()
HEADER = "term,rule,article,verdict,unless\n"
PENDING = {
    # Article 10: five words that need stricter checks, whatever stands between the characters
    "中国茶": "strict_word", "中·国 茶": "strict_word", "中\u0301国": "strict_word",
    "爱中華": "strict_word", "中央茶馆": "strict_word", "全国茶友会": "strict_word",
    "国家级茶师": "strict_word", "中华田园猫": "strict_word", "發展中國家": "strict_word",
    # enforcement cases of 2025, and their like
    "动态新闻": "news_name", "上海午报": "news_name", "晨 报": "news_name", "春茶日报": "news_name",
    "Tea News Agency": "news_name", "the-news_agency": "news_name", "ＢＲＥＡＫＩＮＧ ＮＥＷＳ": "news_name",
    "安徽省教育考试招生院": "state_organ", "云雾县公安局": "state_organ", "云雾法院": "state_organ",
    "云雾检察院": "state_organ", "邮政精选": "state_organ", "Ministry of Tea": "state_organ",
    "联合国茶署": "state_name", "Embassy of Tea": "state_name",
    "日照文旅推荐官": "region_office", "云雾县人民政府": "region_office", "云雾街道办": "region_office",
    "茶馆官方": "official_claim", "Official Tea": "official_claim", "tea_official": "official_claim",
    "非官方 官方": "official_claim", "OFFICIAL官方": "official_claim",
}  # fmt: skip
PASSES = (
    "", "Ann", "茶", "新闻系学生", "新聞系", "邮政编码查询", "今日报到", "今晚报名", "书法院", "魔法院",
    "非官方后援会", "unofficial fan", "Not official", "Officially tired", "Officials", "newsagency",
    "QQ音乐", "微信支付", "WeChat payments", "Telegram: privacy matters", "C++ wxWidgets developer",
    "加vancouver", "ASP.NET developer", "VB.net", "Vue.js/React", "Node.js", "and/or", "@alice",
    "@alice@mastodon.social", "茶点com", "3.14.com", "13.5元/500g", "born 1990 2000 2010", "1380013",
    "v1.2.3", "ISBN 978-7-02-000220-7", "一三五七九", "12345678901234567890", "我在 qq 等你",
    "👨\u200d👩\u200d👧 Lee", "می\u200cخواهم", "क्\u200dष", "葛\U000e0100城", "❤\ufe0f",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "שלום\u200f",
)  # fmt: skip
CONTACTS = {
    "https://tea.example": "embedded_link", "hxxp://tea": "embedded_link", "www.tea.example": "embedded_link",
    "买茶tea.com": "embedded_link", "ｔｅａ．ｃｏｍ": "embedded_link", "tea点com": "embedded_link",
    "teahouse dot com": "embedded_link", "te\u200da.top": "embedded_link", "t.me/teahouse": "embedded_link",
    "ann@tea.example": "embedded_email", "茶ann.e+x@mail.tea.example": "embedded_email",
    "13800138000": "embedded_phone", "138 0013 8000": "embedded_phone", "+86-138-0013-8000": "embedded_phone",
    "１３８００１３８０００": "embedded_phone", "一三八零零一三八零零零": "embedded_phone",
    "①③⑧⓪⓪①③⑧⓪⓪⓪": "embedded_phone", "1.3.8.0.0.1.3.8.0.0.0": "embedded_phone",
    "+44 20 7946 0958": "embedded_phone", "电话：010-5555 0100": "embedded_phone",
    "qq 12345678": "embedded_contact", "扣扣号：12345678": "embedded_contact", "QQ群12345678": "embedded_contact",
    "微信 tea2024x": "embedded_contact", "加微信 teafriend": "embedded_contact", "加v：teafriend": "embedded_contact",
    "WeChat: tea_friend": "embedded_contact", "tg: @teahouse": "embedded_contact",
}  # fmt: skip
HIDDEN = ("te\u200ba", "茶\u2060友", "te\u200da", "茶\u200d友", "\u200d", "\u3164", "\u2800",
          "te\u00ada", "A\U000e0041\U000e0042", "A\ufe0f\ufe0f\ufe0f")  # fmt: skip


def found(info: AccountInfo, old: AccountInfo = NOTHING) -> tuple[str, str, str] | None:
    finding = load_screen().screen(info, old)
    return (finding.field, finding.rule.value, finding.verdict) if finding else None


@pytest.mark.parametrize(("name", "rule"), PENDING.items())
def test_what_a_person_must_look_at(name, rule):
    assert found(AccountInfo(name=name)) == ("name", rule, "pending")
    assert found(AccountInfo(handle=name)) == ("handle", rule, "pending")
    assert found(AccountInfo(bio=name)) is None  # a bio may speak of anything
    start, end = load_screen().marks("name", name)[0]
    assert 0 <= start < end <= len(name)


@pytest.mark.parametrize(("text", "rule"), CONTACTS.items())
def test_a_contact_in_a_name_or_a_bio_waits_for_a_person(text, rule):
    hides = "\u200d" in text  # in a name, which is refused for that
    expected = ("hidden_text", "refused") if hides else (rule, "pending")
    assert found(AccountInfo(name=text)) == ("name", *expected)
    assert found(AccountInfo(bio=f"爱喝茶。{text}")) == ("bio", rule, "pending")
    assert load_screen().marks("bio", text)


@pytest.mark.parametrize("text", CONTACTS)
def test_a_handle_may_look_like_an_address(text):
    assert found(AccountInfo(handle=text.replace("\u200d", ""))) is None


@pytest.mark.parametrize("name", HIDDEN)
def test_text_hidden_in_a_name_is_refused(name):
    assert found(AccountInfo(name=name)) == ("name", "hidden_text", "refused")
    assert found(AccountInfo(handle=name)) == ("handle", "hidden_text", "refused")
    assert found(AccountInfo(bio=name)) is None


@pytest.mark.parametrize("text", PASSES)
def test_what_passes(text):
    assert found(AccountInfo(name=text, handle=text, bio=text)) is None
    assert load_screen().marks("name", text) == []


def test_only_what_changes_is_screened():
    live = AccountInfo(name="中国茶", handle="official", bio="www.tea.example")
    assert found(live, live) is None
    assert found(AccountInfo(name="中国茶", handle="official", bio="Tea"), live) is None
    assert found(AccountInfo(name="中国茶 2", handle="official"), live) == (
        "name", "strict_word", "pending",
    )  # fmt: skip


def test_what_refuses_comes_before_what_waits():
    info = AccountInfo(name="中国茶", handle="te\u200ba", bio="ann@tea.example")
    assert found(info) == ("handle", "hidden_text", "refused")


@pytest.mark.parametrize(
    ("name", "marked"),
    [
        ("春·茶·新 闻", ["新 闻"]),
        ("ＯＦＦＩＣＩＡＬ tea", ["ＯＦＦＩＣＩＡＬ"]),
        ("中国日报 official", ["中国", "日报", "official"]),
        ("中国家", ["中国"]),
        ("㍿ official", ["official"]),  # one character that folds into four
        ("te\u200ba", ["\u200b"]),
    ],
)
def test_marks_point_at_the_characters_that_were_sent(name, marked):
    assert [name[start:end] for start, end in load_screen().marks("name", name)] == marked


@given(st.text(max_size=60))
def test_marks_are_in_order_and_in_the_text(text):
    marks = load_screen().marks("name", text)
    assert marks == sorted(marks)
    assert all(0 <= start < end <= len(text) for start, end in marks)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(marks))


@given(st.text(max_size=60), st.text(max_size=60))
def test_screening_never_fails_and_the_same_twice_is_the_same(name, bio):
    info = AccountInfo(name=name, bio=bio)
    assert load_screen().screen(info, NOTHING) == load_screen().screen(info, NOTHING)
    assert load_screen().screen(info, info) is None


def test_the_list_names_rules_articles_and_nothing_twice():
    terms = load_terms(codec._TABLE)
    assert len({term.text for term in terms}) == len(terms)
    assert {term.verdict for term in terms} == {"pending"}
    assert set(ARTICLE) == set(Rule)
    for term in terms:
        assert found(AccountInfo(name=term.text)), term


@pytest.mark.parametrize(
    "line",
    [
        "茶,no_such_rule,R10,pending,",
        "茶,strict_word,R8(4),pending,",
        "茶,strict_word,R10,accepted,",
        "茶,strict_word,R10,pending,咖啡",
        ",strict_word,R10,pending,",
    ],
)
def test_a_list_that_contradicts_itself_is_no_list(tmp_path, line):
    path = tmp_path / "terms.csv"
    path.write_text(HEADER + line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"terms\.csv, line 2"):
        load_terms(path)


def test_reasons_are_those_of_the_lists():
    assert check_rule("misleading") is Rule.MISLEADING
    assert check_accept_reason("no_claim").value == "no_claim"
    for check in (check_rule, check_accept_reason):
        with pytest.raises(Invalid) as caught:
            check("because")
        assert caught.value.code == "reason-needed"
