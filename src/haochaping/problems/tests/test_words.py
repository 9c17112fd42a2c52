"""Words, vectors and the empty filter."""

import numpy as np

from haochaping.problems.rules import texts, words

TEXTS = [
    "窗口办理营业执照，排队两个小时",
    "营业执照窗口排队太久了",
    "网站打不开，验证码收不到",
    "停车场没有车位",
]


def test_width_spaces_and_marks_do_not_matter() -> None:
    assert texts.normalise(" ＡＢＣ　１２\n３ ") == "ABC 12 3"
    assert texts.digest("排队太久！") == texts.digest("排 队　太久。")
    assert texts.digest("排队太久") != texts.digest("排队不久")


def test_tokens_leave_out_stop_words_and_marks_but_keep_negations() -> None:
    found = texts.tokens("您好，我在窗口没有排队！")
    assert "窗口" in found
    assert "排队" in found
    assert "没有" in found
    assert not {"，", "！", "我", "在"} & set(found)


def test_a_site_keeps_its_names_whole() -> None:
    cut = texts.cutter(["丽发新城"])
    assert "丽发新城" in cut("丽发新城旁边建搅拌站")


def test_empty_and_general_texts_are_vague() -> None:
    for text in ("", "。。。", "差评！！", "服务太差了", "aaaa", "1111", "不满意"):
        assert texts.vague(text), text
    for text in ("态度差", "窗口没人", "排队太久", "系统打不开"):
        assert not texts.vague(text), text


def test_vectors_are_unit_rows_and_like_texts_are_near() -> None:
    space = words.learn(TEXTS)
    vectors = words.vectors(space, TEXTS)
    near = (vectors @ vectors.T).toarray()
    assert np.allclose(near.diagonal(), 1, atol=1e-5)
    assert near[0, 1] > 0.3 > near[0, 2]


def test_a_vector_does_not_depend_on_the_others() -> None:
    space = words.learn(TEXTS)
    whole = words.vectors(space, TEXTS)
    alone = words.vectors(space, TEXTS[2:3])
    assert (whole[2] != alone[0]).nnz == 0
    assert words.vectors(space, []).shape == (0, whole.shape[1])


def test_frequent_words_can_be_left_out() -> None:
    texts = [f"办事大厅 {word}" for word in ("排队", "态度", "收费", "停车", "系统")]
    vectors = words.vectors(words.learn(texts, chars=False, most=0.5), texts)
    assert (vectors @ vectors.T).nnz == len(texts)  # only with themselves


def test_weights_survive_bytes() -> None:
    space = words.learn(TEXTS)
    again = words.space_from_bytes(words.space_to_bytes(space))
    assert np.array_equal(space.words, again.words)
    assert np.array_equal(space.chars, again.chars)
    bulk = words.space_from_bytes(words.space_to_bytes(words.learn(TEXTS, chars=False)))
    assert bulk.chars is None


def test_runs_do_not_cross_marks_or_texts() -> None:
    owners, hashes = words.runs(["甲乙丙丁", "甲乙，丙丁", ""], 2)
    assert owners.tolist() == [0, 0, 0, 1, 1]
    assert hashes[0] == hashes[3]
    assert len(set(hashes.tolist())) == 3
