"""Near-duplicates, groups, days, alerts and names."""

import numpy as np

from haochaping.problems.rules import alerts, daily, groups, naming, neardup, words

MIXER = [
    "丽发新城小区附近搅拌站噪音扰民",
    "投诉丽发新城附近建搅拌站，噪音太大",
    "丽发新城旁边的搅拌站粉尘和噪音严重",
    "丽发新城搅拌站夜间施工噪音",
]
PARKING = [
    "伊景园滨河苑捆绑销售车位",
    "反映伊景园滨河苑强制捆绑车位",
    "伊景园滨河苑买房必须买车位，捆绑销售",
]
ALONE = ["公交车站牌破损", "幼儿园学费上涨", "身份证办理需要多久"]
TEXTS = [*MIXER, *PARKING, *ALONE]
SPACE = words.learn([*TEXTS, "小区附近施工", "销售人员", "噪音扰民投诉", "学费收取"])
VECTORS = words.vectors(SPACE, TEXTS)


def together(labels: list[int]) -> set[frozenset[int]]:
    return {frozenset(n for n, b in enumerate(labels) if b == a) for a in labels}


def test_groups_are_the_problems() -> None:
    found = groups.group(VECTORS).tolist()
    assert found == [0, 0, 0, 0, 1, 1, 1, 2, 3, 4]


def test_groups_do_not_depend_on_the_order() -> None:
    order = np.random.default_rng(2).permutation(len(TEXTS))
    found = groups.group(VECTORS[order])
    back = np.empty(len(order), int)
    back[order] = found
    assert together(back.tolist()) == together(groups.group(VECTORS).tolist())


def test_no_component_is_larger_than_the_cap_unless_all_are_alike() -> None:
    chain = words.vectors(SPACE, TEXTS * 5)
    graph = groups.neighbours(chain, 0.01)
    assert max(map(len, groups.components(graph, 0.01, cap=16))) <= 20
    alike = words.vectors(SPACE, MIXER[:1] * 30)
    assert set(groups.group(alike, cap=10).tolist()) == {0}


def test_nothing_gives_nothing() -> None:
    none = words.vectors(SPACE, [])
    assert groups.group(none).tolist() == []
    blank = words.vectors(SPACE, ["", "的"])
    assert groups.group(blank).tolist() == [0, 1]


def test_a_refit_keeps_the_ids_with_the_most_in_common() -> None:
    assert groups.carry([7, 7, 7, 9, 9], [0, 0, 1, 1, 1]) == {0: 7, 1: 9}


def test_the_title_counts_twice() -> None:
    assert groups.matter("题", "文" * 300) == "题\n题\n" + "文" * 200
    assert groups.matter("", "文") == "文"


def test_near_duplicates_are_found_and_verified() -> None:
    base = "我在政务大厅排队等了三个小时，窗口工作人员一直在聊天，最后说材料不全让我明天再来"
    texts = [
        base,
        "您好，" + base,
        base.replace("三个", "两个"),
        "停车场收费太贵了，希望能便宜一点",
        base + "！",
    ]
    labels = neardup.near_groups(texts).tolist()
    assert labels == [0, 0, 0, 1, 0]
    pairs, similar = neardup.near_pairs(texts, 0.7)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert (similar >= 0.7).all()
    assert neardup.near_groups([]).tolist() == []
    assert neardup.near_groups(["好", "好。", "差"]).tolist() == [0, 0, 1]


def test_jaccard_is_exact() -> None:
    sets = neardup.shingles(["甲乙丙丁戊", "乙丙丁戊己"])
    assert neardup.jaccard(sets, np.array([[0, 1]])).tolist() == [1 / 3]


def test_days_assign_found_and_keep_ids() -> None:
    state = daily.empty(VECTORS.shape[1])
    one = daily.advance(state, 100, np.array([1, 2, 3]), VECTORS[[0, 4, 7]], 1)
    assert one.assigned == {1: 1, 2: 2, 3: 3}
    two = daily.advance(one.known, 101, np.array([9, 5]), VECTORS[[1, 5]], one.next_id)
    assert two.assigned == {9: 1, 5: 2}
    assert two.merged == {}
    assert two.next_id == 4


def test_a_day_does_not_depend_on_the_order_of_its_texts() -> None:
    state, ids = daily.empty(VECTORS.shape[1]), np.arange(10)
    order = np.random.default_rng(4).permutation(10)
    one = daily.advance(state, 5, ids, VECTORS, 1)
    two = daily.advance(state, 5, ids[order], VECTORS[order], 1)
    assert one.assigned == two.assigned


def test_the_older_id_wins_a_merge() -> None:
    split = daily.known(
        texts=np.array([1, 2, 3, 4]),
        problems=np.array([8, 5, 8, 6]),
        days=np.array([10, 10, 11, 11]),
        vectors=VECTORS[[0, 1, 2, 4]],
    )
    assert daily.merges(split, np.array([8])) == {8: 5}
    assert daily.renamed(np.array([8, 5, 6]), {8: 5}).tolist() == [5, 5, 6]


def test_a_problem_merges_once_a_night() -> None:
    problems = np.array([9, 7, 3, 20])
    split = daily.known(np.arange(4), problems, np.array([1, 1, 1, 1]), VECTORS[[0, 1, 2, 7]])
    first = daily.merges(split, np.array([3, 7, 9]))
    assert len(first) == 1
    assert all(old < young for young, old in first.items())
    after = daily.renamed(problems, first)
    again = daily.merges(daily.known(split.texts, after, split.days, split.vectors), after)
    assert set(daily.renamed(after, again).tolist()) == {3, 20}


def test_the_state_can_be_rebuilt_from_rows_in_any_order() -> None:
    problems, days = np.array([1, 1, 1, 1, 2, 2, 2, 3, 4, 5]), np.arange(10)
    order = np.random.default_rng(6).permutation(10)
    one = daily.known(np.arange(10), problems, days, VECTORS)
    two = daily.known(order, problems[order], days[order], VECTORS[order])
    assert one.texts.tolist() == two.texts.tolist()
    assert (one.vectors != two.vectors).nnz == 0


def test_old_texts_leave_the_window() -> None:
    one = daily.advance(daily.empty(VECTORS.shape[1]), 1, np.array([1]), VECTORS[[0]], 1)
    two = daily.advance(one.known, 402, np.array([2]), VECTORS[[1]], one.next_id)
    assert two.assigned == {2: 2}


def told(problem: int, *who: tuple[int, str]) -> list[alerts.Report]:
    return [alerts.Report(problem, day, person) for day, person in who]


def test_alerts_count_people_not_texts() -> None:
    one = told(1, (100, "甲"), (100, "甲"), (99, "甲"), (98, "甲"))
    three = told(2, (100, "甲"), (99, "乙"), (94, "丙"))
    found = alerts.alerts(one + three, 100)
    assert [(alert.problem, alert.people, alert.expected) for alert in found] == [(2, 3, 0.15)]
    assert alerts.emerging(one + three, 100) == [2]


def test_the_usual_is_no_alert() -> None:
    usual = [alerts.Report(1, day, f"{day}") for day in range(30, 101, 2)]
    assert alerts.alerts(usual, 100) == []
    assert alerts.alerts(told(1, (93, "甲"), (100, "乙"), (100, "丙")), 100) == []  # 93 is past
    assert alerts.emerging(told(1, (93, "甲"), (100, "乙"), (100, "丙")), 100) == []


def test_the_tail_is_poissons() -> None:
    alert = alerts.alerts(told(1, (1, "甲"), (1, "乙"), (1, "丙"), (1, "丁")), 1)[0]
    assert abs(alert.tail - 1.87e-5) < 2e-7  # 1 - e^-.15 (1 + .15 + .15²/2 + .15³/6)


def test_names_are_the_citizens_own_words() -> None:
    name = naming.name(MIXER, [""] * 4)
    assert name.startswith("丽发新城")
    assert "搅拌站" in name
    assert naming.name(["关于伊景园滨河苑捆绑车位的问题"], [""]) == "伊景园滨河苑捆绑车位"
    assert naming.name([], []) == ""
    assert naming.name([""], ["排队太久！没人管"]) == "排队太久"


def test_keywords_set_a_problem_apart() -> None:
    found = naming.keywords({1: MIXER, 2: PARKING})
    assert "搅拌站" in found[1]
    assert not set(found[1]) & set(found[2])
    assert naming.keywords({}) == {}
