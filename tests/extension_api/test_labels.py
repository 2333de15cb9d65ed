from extension_api.wire import Labels
import msgspec

from tests.extension_api.conftest import AMERICA, GUANGDONG, sighting


def test_a_sighting_is_readable_when_its_answer_arrives(program):
    answer = program.sighted(sighting("yun", GUANGDONG), sighting("ada", AMERICA))
    assert answer.status_code == 200
    assert answer.json == {"accepted": 2, "rejected": 0, "errors": []}
    rows = program.labels("ada", "yun", "ada")
    assert [row["account"] for row in rows] == ["ada", "yun", "ada"]
    assert rows[0]["region"] == "US"
    assert rows[0]["names"]["zh-Hans"] == "美国"
    assert rows[1]["region"] == "CN-GD"
    assert rows[1]["precision"] == "subdivision"
    assert rows[0] == rows[2]
