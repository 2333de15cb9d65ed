"""A pasted or uploaded list: each line is an account, wrong with its number, or repeated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shudi.accounts.rules import check_identifier
from shudi.cases.codec.batch_list import Wrong, read, write
from shudi.cases.rules.batches import Listed
from shudi.errors import Invalid


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("a\nb\n", [Listed("a"), Listed("b")]),
        ("\ufeffaccount\r\na\r\nb", [Listed("a"), Listed("b")]),
        ("a,3\n\n  b , 4 \n", [Listed("a", 3), Listed("b", 4)]),
        ("a\t3\nb,c\t4", [Listed("a", 3), Listed("b,c", 4)]),
        ('"a,b",2\n"say ""hi"""', [Listed("a,b", 2), Listed('say "hi"')]),
        ("note,Version,Account,more\nx,3,a,y\n,,b,", [Listed("a", 3), Listed("b")]),
        ("account,version\naccount,2", [Listed("account", 2)]),
        ("李雷\n韩梅梅,7", [Listed("李雷"), Listed("韩梅梅", 7)]),
    ],
)
def test_lists_as_people_have_them(text, listed):
    found = read(text)
    assert (found.listed, found.wrong, found.repeated) == (listed, [], 0)


def test_an_account_counts_once_as_it_stands_first():
    found = read("a,3\nb\na,4\na")
    assert (found.listed, found.repeated) == ([Listed("a", 3), Listed("b")], 2)


def test_a_wrong_line_is_told_by_its_number():
    long = "x" * 129
    found = read(f'a\nb,three\n{long}\n\nc,1,2\n"d\ne\x07\n,4\nf,0\ng,99999999999\nh')
    assert found.listed == [Listed("a"), Listed("h")]
    assert found.wrong == [
        Wrong(2, "b,three", "line-version"),
        Wrong(3, "x" * 80, "account-invalid"),
        Wrong(5, "c,1,2", "line-columns"),
        Wrong(6, '"d', "line-quotes"),
        Wrong(7, "e\x07", "account-invalid"),
        Wrong(8, ",4", "account-invalid"),
        Wrong(9, "f,0", "line-version"),
        Wrong(10, "g,99999999999", "line-version"),
    ]


def _is_id(text: str) -> bool:
    try:
        return check_identifier(text) == text == text.strip() and len(text.splitlines()) == 1
    except Invalid:
        return False


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=128).filter(_is_id), st.none() | st.integers(1, 2**31 - 1)
    )
)
def test_what_is_written_is_read_again(lines):
    listed = [Listed(*one) for one in lines.items()]
    found = read(write(listed))
    assert (found.listed, found.wrong) == (listed, [])


@given(st.text(max_size=400))
def test_no_text_breaks_it(text):
    found = read(text)
    assert len(found.listed) + len(found.wrong) + found.repeated <= len(text.splitlines())
