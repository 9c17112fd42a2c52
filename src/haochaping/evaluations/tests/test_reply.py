"""What replies by SMS mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haochaping.evaluations.rules import Meaning, Reply, parse_reply


@pytest.mark.parametrize(
    ("text", "level", "rest"),
    [
        ("5", 5, ""),
        ("５", 5, ""),
        (" 4。", 4, ""),
        ("3分", 3, ""),
        ("2,窗口态度不好", 2, "窗口态度不好"),
        ("1非常不满意", 1, ""),
        ("我打5分！", 5, ""),
        ("非常满意", 5, ""),
        ("非常不满意，跑了三趟", 1, "跑了三趟"),
        ("不满意", 2, ""),
        ("不太满意", 2, ""),
        ("满意", 4, ""),
        ("我很满意", 5, ""),
        ("一般", 3, ""),
        ("五星", 5, ""),
        ("“5”", 5, ""),
        ("回复5", 5, ""),
        ("一星", 1, ""),
        ("二星", 2, ""),
        ("两颗星", 2, ""),
        ("三星", 3, ""),
        ("四分", 4, ""),
        ("五分", 5, ""),
        ("壹", 1, ""),
        ("贰", 2, ""),
        ("叁", 3, ""),
        ("肆", 4, ""),
        ("伍", 5, ""),
    ],
)
def test_a_level_is_understood_however_it_is_written(text: str, level: int, rest: str) -> None:
    assert parse_reply(text) == Reply(Meaning.LEVEL, level, rest)


@pytest.mark.parametrize(
    "text",
    [
        "15",
        "6",
        "0",
        "55",
        "3月5日再来",
        "2号窗口的人不错",
        "请问在哪里",
        "1天就办好了",
        "5个工作日没办好",
    ],
)
def test_a_number_that_is_no_level_is_not_taken_for_one(text: str) -> None:
    assert parse_reply(text).meaning is Meaning.WORDS


@pytest.mark.parametrize("text", ["TD", "td", "Ｔ", "退订", " T "])
def test_who_wants_no_more_is_understood(text: str) -> None:
    assert parse_reply(text).meaning is Meaning.UNSUBSCRIBE


@given(st.text(max_size=300))
def test_any_text_means_something_and_never_fails(text: str) -> None:
    reply = parse_reply(text)
    assert (reply.meaning is Meaning.LEVEL) == (reply.level in range(1, 6))
