"""Texts of messages: kept by two, checked, and sent."""

import people
import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import NOON

from haochaping.notifications import actions, models, queries, rules

INVITE = "【江苏政务】您办理的{item}已办结，请评价：{link} 。退订回TD"


@pytest.mark.parametrize(
    ("template", "text", "fault"),
    [
        ("invite", INVITE, ""),
        ("invite", f"  {INVITE}\n", ""),
        ("invite", INVITE.replace("{item}", ""), "占位符"),
        ("invite", INVITE + "{item}", "占位符"),
        ("invite", INVITE + "{phone}", "占位符"),
        ("invite", INVITE + "{0}", "占位符"),
        ("invite", INVITE + "{", "占位符"),
        ("invite", INVITE.replace("{item}", "{item!r}"), "占位符"),
        ("invite", INVITE.replace("【江苏政务】", ""), "签名"),
        ("invite", INVITE + "很" * 300, "签名"),
        ("invite", INVITE.replace("退订回TD", ""), "退订回TD"),
        ("thanks", "【江苏政务】谢谢，回执号{receipt}", ""),
    ],
)
def test_a_text_has_the_places_of_its_template_and_a_signature(
    template: str, text: str, fault: str
) -> None:
    if not fault:
        assert rules.checked_text(template, text) == text.strip()
        return
    with pytest.raises(rules.BadText) as refused:
        rules.checked_text(template, text)
    assert fault in refused.value.says.zh


@given(st.text(max_size=60))
def test_whatever_is_accepted_can_be_sent(more: str) -> None:
    for key, one in rules.TEMPLATES.items():
        try:
            text = rules.checked_text(key, f"{one.text}{more}")
        except rules.BadText:
            continue
        assert rules.wording(key, rules.example(key), text).startswith("【")


def test_a_template_that_is_none_is_refused() -> None:
    with pytest.raises(rules.UnknownTemplate):
        rules.checked_text("nothing", "【签名】x")


def sent() -> str:
    """Queue a thank-you and return what is sent."""
    actions.queue(template="thanks", phone="13812345678", values={"receipt": "R1"}, at=NOON)
    (message,) = actions.claim(limit=9, daily_segments=99, at=NOON)
    return message.text


@pytest.mark.django_db
def test_a_text_is_in_force_once_another_person_has_confirmed_it(world: people.Place) -> None:
    other = people.appointed("second", "province", name="另一人", region=320000000000)  # fmt: skip
    one, two = (people.signed_in(user) for user in (world.users["province"], other))
    page = "/admin/messages/templates"
    wrong = one.post(f"{page}/thanks", {"text": "谢谢"})
    assert (wrong.status_code, "占位符" in wrong.content.decode()) == (422, True)
    text = "【江苏政务】谢谢您，回执号{receipt}"
    assert one.post(f"{page}/thanks", {"text": text}).status_code == 302
    waits = models.Text.objects.get()
    assert "谢谢您，回执号CDA1" in two.get(page).content.decode()  # as it would be read
    assert sent() == "【好差评】已收到您的评价，谢谢。回执号 R1 。"
    decide = {"waits": str(waits.pk), "verdict": "approve"}
    assert one.post(f"{page}/thanks", decide).status_code == 409
    assert "短信正文" in two.get("/admin/").content.decode()
    assert two.post(f"{page}/thanks", decide).status_code == 302
    assert sent() == "【江苏政务】谢谢您，回执号R1"
    assert queries.texts() == {"thanks": text}
    city = people.signed_in(world.users["city"])
    assert city.post(f"{page}/thanks", {"text": text}).status_code == 403
    assert "修改正文" not in city.get(page).content.decode()
