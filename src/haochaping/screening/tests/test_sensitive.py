"""Sensitive words are found however they are written, shown to people, and kept off public texts."""

import people
import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import given_rating, given_record, register, signed_in, submit

from haochaping.audit.models import Entry
from haochaping.kernel.errors import NotAllowed
from haochaping.screening import actions, queries, rules
from haochaping.screening.rules.sensitive import plain

NOW = people.NOON
FINDER = rules.Finder({word: kind for kind, some in rules.STARTER.items() for word in some})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("再不办我就跳楼", ["跳楼"]),
        ("加 微*信 代 办 包 过", ["加微信", "代办包过"]),
        ("加我微信加我微信", ["加我微信"]),
        ("排队很久，态度差", []),
        ("", []),
    ],
)
def test_words_are_found_whatever_stands_between(text: str, found: list[str]) -> None:
    assert [one.word for one in FINDER.find(text)] == found


@given(st.text(max_size=60), st.sampled_from([w for some in rules.STARTER.values() for w in some]))
def test_a_word_is_found_in_any_text(text: str, word: str) -> None:
    spread = "·".join(word)
    assert FINDER.find(f"{text}。{spread}。") or word not in plain(f"{text}。{spread}。")


@pytest.mark.django_db
def test_the_province_keeps_the_list_and_it_holds_at_once(world: people.Place) -> None:
    city, province = (signed_in(world.users[name]) for name in ("city", "province"))
    form = {"word": "黄 牛 党", "category": "advert"}
    assert city.post("/admin/holds/words/change", form).status_code == 403
    with pytest.raises(NotAllowed):
        actions.change_word(
            text="x", category="advert", remove=False, by=world.users["city"], at=NOW
        )
    assert province.post("/admin/holds/words/change", form).status_code == 302
    assert "黄牛党" in city.get("/admin/holds/words").content.decode()
    tried = city.post("/admin/holds/words/try", {"text": "门口黄牛党，电话13812345678"})
    page = tried.content.decode()
    assert "广告代办" in page
    assert "138****5678" in page
    assert [one.word for one in queries.finder().find("黄牛党")] == ["黄牛党"]
    gone = {"word": "跳楼", "category": "harm", "remove": "1"}
    assert province.post("/admin/holds/words/change", gone).status_code == 302
    assert queries.finder().find("跳楼") == []
    assert province.post("/admin/holds/words/change", {**form, "word": " "}).status_code == 422
    verbs = list(Entry.objects.filter(subject="sensitive").values_list("verb", flat=True))
    assert verbs == ["add", "remove"]
    queries.forget_words()


@pytest.mark.django_db
def test_who_reads_ratings_sees_what_to_look_at(world: people.Place) -> None:
    service = given_record()
    register(service)
    submit(given_rating(service, 1, words="再不办我就跳楼"))
    page = signed_in(world.users["city"]).get("/admin/ratings").content.decode()
    assert "轻生自伤" in page
