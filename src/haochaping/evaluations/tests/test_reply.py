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


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("不是很满意", 2),
        ("没有很满意", 2),
        ("不是非常满意", 2),
        ("不够满意", 2),
        ("不怎么满意，等太久", 2),
        ("我觉得不满意", 2),
        ("非常不滿意", 1),
        ("滿意", 4),
        ("极不满意", 1),
        ("1分钟就办好了，点赞", None),
        ("1楼大厅的小王很热情", None),
        ("2个字：满意", None),
        ("3小时", None),
        ("1/2", None),
        ("不是不满意", None),
        ("没有不满意", None),
        ("满意不满意都一样", None),
        ("满意吗", None),
        *(
            (text, None)
            for text in (
                "1分鐘就辦好了",
                "1樓大廳的小王很熱情",
                "一级棒",
                "一切都好",
                "一流的服务",
                "一会儿就办好了",
                "1上午就办好了",
                "1.5小时才办完",
                "二维码扫不出来",
                "5非常不满意",
                "1，非常满意",
                "1 2 3 4 5",
                "5或4",
                "4到5分",
                "5、4",
                "4.5分",
                "1.态度差 2.排队久",
                "3：30来的",
                "1等了半天",
                "没什么不满意",
                "没有什么不满意的",
                "满意才怪",
                "满意度不高",
                "满意？",
                "五个人排队",
                "一點都不好",
                "1%",
                "2/5",
                "3-5个工作日",
                "1-2天就办好了",
                "2、3天就办好了，很满意",
                "1,500元的事办了一天",
                "一般几点下班？",
                "一般情况下24小时内回复",
                "不满意的地方：没有",
                "不满意：无",
                "非常不满意的没有",
                "是不是满意都要回复",
                "满意程度很低",
                "满意率低",
                "满意的地方没有",
                "满意就怪了",
                "非常满意，1分",
                "满意1",
                "不满意 5星",
                "1，服务态度好",
                "1好",
                "1👍",
                "5👎",
                "5，態度惡劣",
                "5，太麻煩",
                "5，刁難人",
                "4很難滿意",
                "1太讚了",
                "1，優秀",
                "非常滿意，反話",
                "滿意麼",
            )
        ),
        ("1太差了", 1),
        ("5很好", 5),
        ("5满意", 5),
        ("一般般", 3),
        ("一般吧，太慢", 3),
        ("非常满意，没有意见", 5),
        ("不满意，没有人理我", 2),
        ("满意，办好了", 4),
        ("1，没办好", 1),
        ("5，好", 5),
        ("不满意 2", 2),
        ("5分好评", 5),
        ("5，2个窗口都开着", 5),
        ("我給1分", 1),
        ("评价：5", 5),
        ("五星好评", 5),
        ("1、排队太久", 1),
        ("5分", 5),
        ("5 分", 5),
        ("1分，太差", 1),
        ("4星服务", 4),
    ],
)
def test_denials_quantities_and_doubts_are_never_praise(text: str, level: int | None) -> None:
    reply = parse_reply(text)
    if level is None:
        assert reply.meaning is Meaning.WORDS
    else:
        assert (reply.meaning, reply.level) == (Meaning.LEVEL, level)


@pytest.mark.parametrize(
    "text",
    [
        "TD",
        "td",
        "ＴＤ",
        "T D",
        "td。",
        "退订",
        "退定",
        "退訂",
        "我要退訂",
        "退订TD",
        "TD退订",
        "回复TD",
        "TDTD",
        "取消訂閱",
    ],
)
def test_who_wants_no_more_is_understood_in_every_spelling(text: str) -> None:
    assert parse_reply(text).meaning is Meaning.UNSUBSCRIBE


@pytest.mark.parametrize(
    ("text", "level", "rest"),
    [("5，TD", 5, ""), ("满意，退订", 4, ""), ("1，态度差，退订", 1, "态度差"), ("2。td。", 2, "")],
)
def test_who_rates_and_wants_no_more_is_understood_twice(text: str, level: int, rest: str) -> None:
    assert parse_reply(text) == Reply(Meaning.LEVEL, level, rest, leaves=True)
    assert not parse_reply("1，退订单也要跑一趟").leaves


@given(st.sampled_from(["不", "没", "不是", "没有", "不算", "不够", "并不"]), st.text(max_size=3))
def test_what_is_denied_is_never_read_as_satisfied(denial: str, rest: str) -> None:
    for degree in ("", "很", "非常", "太", "特别"):
        reply = parse_reply(f"{denial}{degree}满意{rest}")
        assert reply.meaning is not Meaning.LEVEL or reply.level <= 2


@pytest.mark.parametrize(
    ("text", "level"),
    [
        *(
            (text, 2)
            for text in (
                "总体不是很满意",
                "并不是很满意",
                "态度不是非常满意",
                "还不是很满意",
                "真不是很满意",
                "并非很满意",
                "並不很滿意",
                "說不上很滿意",
                "一点也不满意",
            )
        ),
        *(
            (text, None)
            for text in (
                "未必很满意",
                "不可能很满意",
                "很难很满意",
                "满意谈不上",
                "满意，不存在的",
                "满意是不可能的",
                "非常满意是假的",
                "刚才不满意，现在满意",
                "不满意改成满意",
                "没有任何不满意",
                "没啥不满意",
                "挑不出不满意",
                "5 太差了",
                "5不满",
                "5分差评",
                "1 非常好",
                "1 好评",
                "1谢谢",
                "非常满意，太差了",
                "回复5非常满意、4满意、3基本满意、2不满意、1非常不满意",
            )
        ),
        ("5，不错", 5),
        ("5分，一点不慢", 5),
        ("很满意，没有排队", 5),
        ("非常满意，就是等太久", 5),
        ("1，态度不热情", 1),
        ("我很满意这次的服务", 5),
        ("总体满意", 4),
        ("4很难满意", None),
        ("5 未必非常满意", None),
        ("4»并不满意", None),
        ("1，没人让我满意", 1),
        ("5 挺满意的", 5),
        ("4比较满意", 4),
        ("2蛮差的", 2),
        ("1 不满意", 1),
    ],
)
def test_denials_stand_anywhere_and_words_agree_with_the_digit(
    text: str, level: int | None
) -> None:
    reply = parse_reply(text)
    assert (reply.level or None) == level


@given(
    st.one_of(st.text(max_size=6), st.text("12345 ，。、", max_size=3)),
    st.sampled_from(["不是", "并不", "没有", "谈不上", "未必", "很难"]),
)
def test_no_denial_before_a_level_is_read_as_praise(before: str, denial: str) -> None:
    for degree in ("", "很", "非常"):
        assert parse_reply(f"{before}{denial}{degree}满意").level not in (4, 5)
