"""The lexicon, the classifier and the first days."""

import numpy as np
import pytest

from haochaping.problems.rules import classify, day0, reasons

RUDE = ["工作人员态度恶劣", "窗口人员很凶还不耐烦", "大姐爱理不理态度冷漠", "问一句就吼人态度差"]
WAIT = ["排队排了三个小时", "等了一上午才叫号", "窗口太少排队太久", "叫号太慢等待很久"]
SYSTEM = ["网站打不开", "系统总是报错无法提交", "验证码收不到登录不上", "小程序闪退上传失败"]
TEXTS = [*RUDE, *WAIT, *SYSTEM] * 3
LABELS = (["rude"] * 4 + ["wait"] * 4 + ["system"] * 4) * 3


@pytest.fixture(scope="module")
def model() -> classify.Model:
    return classify.train(TEXTS, LABELS)


def test_a_text_may_have_several_reasons() -> None:
    match = reasons.matcher(reasons.default_lexicon())
    found = reasons.reasons(match, "排队等了三个小时，工作人员态度恶劣还骂人，系统也打不开")
    assert {"wait", "rude", "system"} <= set(found)


def test_a_text_without_content_gives_none() -> None:
    match = reasons.matcher(reasons.default_lexicon())
    assert reasons.reasons(match, "差评！！！") == [reasons.NONE_GIVEN]
    assert reasons.reasons(match, "希望大厅门口的树修剪一下") == []


def test_the_longest_keyword_wins_and_may_have_two_labels() -> None:
    match = reasons.matcher({"a": ["没人"], "b": ["没人接", "电话"], "c": ["电话"]})
    assert reasons.counts(match("电话没人接")) == {"b": 2, "c": 1}
    assert match("电 话")[0].labels == ("b", "c")


def test_what_is_praised_is_no_reason() -> None:
    match = reasons.matcher({"rude": ["态度"], "place": ["环境"], "wait": ["排队"]})
    assert reasons.counts(match("态度很好，环境还不错，就是排队好久")) == {"wait": 1}
    assert reasons.counts(match("态度不好，环境好差")) == {"rude": 1, "place": 1}


def test_every_reason_is_named_and_has_its_own_key() -> None:
    keys = [reason.key for reason in reasons.DEFAULT]
    assert len(keys) == len(set(keys)) >= 12
    assert all(reason.chinese and reason.english for reason in reasons.DEFAULT)
    assert all(len(words) >= 10 for words in reasons.default_lexicon().values())


def test_it_learns_and_tells_the_second_best(model: classify.Model) -> None:
    said = classify.predict(model, ["态度冷漠不耐烦", "排队排了一上午", "网站系统报错打不开"])
    assert [verdict.label for verdict in said] == ["rude", "wait", "system"]
    assert all(verdict.second != verdict.label for verdict in said)
    assert all(0 <= verdict.confidence <= 1 for verdict in said)


def test_the_order_of_the_texts_does_not_matter(model: classify.Model) -> None:
    order = np.random.default_rng(3).permutation(len(TEXTS))
    again = classify.train([TEXTS[n] for n in order], [LABELS[n] for n in order])
    assert classify.to_bytes(again) == classify.to_bytes(model)


def test_a_model_survives_bytes(model: classify.Model) -> None:
    again = classify.from_bytes(classify.to_bytes(model))
    assert classify.predict(again, TEXTS) == classify.predict(model, TEXTS)


def test_several_labels_a_text() -> None:
    both = [rude + "，" + wait for rude in RUDE for wait in WAIT]
    texts = TEXTS + both
    labels = [(label,) for label in LABELS] + [("rude", "wait")] * len(both)
    many = classify.train(texts, labels)
    verdict = classify.predict(many, ["排队太久，工作人员态度恶劣不耐烦"])[0]
    assert set(verdict.labels) == {"rude", "wait"}


def test_the_surest_texts_need_nobody() -> None:
    sure = np.array([0.9, 0.8, 0.7, 0.6])
    assert classify.least_confidence(sure, np.array([1.0, 1, 0, 1])) == 0.8
    assert classify.least_confidence(sure, np.zeros(4)) > 1


def test_confidence_is_how_often_it_is_right() -> None:
    dice = np.random.default_rng(5)
    scores = dice.normal(0, 2, (4000, 1))
    truth = (dice.random((4000, 1)) < 1 / (1 + np.exp(-(1.5 * scores - 0.5)))).astype(float)
    slope, shift = classify.calibrate(scores, truth)
    assert slope[0] == pytest.approx(1.5, abs=0.15)
    assert shift[0] == pytest.approx(-0.5, abs=0.15)


def test_a_lexicon_alone_teaches_and_goes_beyond_its_words() -> None:
    lexicon = {"rude": ["态度"], "wait": ["排队"], "system": ["系统", "网站"]}
    texts = [
        *("态度差，像欠他钱一样", "态度不好，像欠他钱似的", "态度冷，欠他钱一样"),
        *("排队三个小时", "排队排了三个小时", "排队要三个小时"),
        *("网站一直转圈", "系统一直转圈", "系统转圈"),
        "一直转圈",
    ]
    model = day0.day0(texts, lexicon, many=False)
    assert classify.predict(model, ["一直转圈"])[0].label == "system"


def test_only_a_clear_leader_labels_a_long_text() -> None:
    lexicon = {"rude": ["态度"], "wait": ["排队"]}
    texts = ["排队太久", "态度差", "态度差，排队太久"]
    assert day0.spoken(texts, lexicon, many=False) == [("wait",), ("rude",), ()]
    assert day0.spoken(texts, lexicon, many=True)[2] == ("rude", "wait")


def test_people_outweigh_the_lexicon() -> None:
    lexicon = {"rude": ["态度"], "wait": ["排队"]}
    texts = ["态度差 机器人"] * 3 + ["排队太久"] * 3
    model = day0.day0(texts, lexicon, many=False, people={0: ("wait",), 1: ("wait",), 2: ("wait",)})
    assert classify.predict(model, ["态度差 机器人"])[0].label == "wait"


def test_the_doubtful_are_reviewed_first_and_ties_by_id(model: classify.Model) -> None:
    texts = ["态度恶劣", "态度恶劣，排队太久", "排队排了三个小时"]
    assert classify.to_review(model, [7, 5, 9], texts, 1) == [5]
    assert classify.to_review(model, [9, 4], ["态度恶劣"] * 2, 2) == [4, 9]
