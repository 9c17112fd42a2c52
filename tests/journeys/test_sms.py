"""SMS over a real SMPP server.

Invitations, receipts twice and too early, replies of every kind, a lost connection; and pushes of
HTTP gateways.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from queue import Queue
from threading import Thread
from typing import Any

import httpx
import pytest
from nodes import NODE_ENV, SMSC
from stack import Stack, free_port, wait_for


class Smsc:
    """The SMPP server, what it got, and what it is told to send."""

    def __init__(self) -> None:
        self.port = free_port()
        command = [*SMSC, str(self.port)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=NODE_ENV
        )
        self.events: list[dict[str, Any]] = []
        self.lines: Queue[str] = Queue()
        Thread(target=self._read, daemon=True).start()
        self.until(lambda event: event["event"] == "listening")

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.events.append(json.loads(line))

    def until(
        self, good: Callable[[dict[str, Any]], bool], since: int = 0, seconds: float = 30
    ) -> dict[str, Any]:
        """Wait for an event."""
        return wait_for(
            lambda: next((event for event in list(self.events)[since:] if good(event)), None),
            seconds,
        )  # type: ignore[return-value]

    def tell(self, **what: Any) -> None:
        """Have the server send a reply, or drop the connection."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def text_to(self, phone: str, since: int = 0) -> tuple[str, str]:
        """Return the whole next text to a phone, its parts joined, and the number it came from."""

        def joined() -> tuple[str, str] | None:
            mine = [
                event
                for event in list(self.events)[since:]
                if event["event"] == "submit" and event["to"] == f"86{phone}"
            ]
            whole = mine and (not mine[0]["part"] or len(mine) >= mine[0]["part"][1])
            return (
                (
                    "".join(
                        event["text"]
                        for event in mine[: mine[0]["part"][1] if mine[0]["part"] else 1]
                    ),
                    mine[0]["from"],
                )
                if whole
                else None
            )

        return wait_for(joined, 40)  # type: ignore[return-value]


@pytest.fixture(scope="module")
def smsc() -> Iterator[Smsc]:
    """A running SMPP server."""
    server = Smsc()
    yield server
    server.process.terminate()
    server.process.wait(10)


@pytest.fixture(scope="module")
def platform(smsc: Smsc) -> Iterator[Stack]:
    """A platform that sends through it and asks at once."""
    stack = Stack(furnished=True)
    stack.env |= {
        "HCP_SMS": f"smpp://esme1:secret-longer-than-8@127.0.0.1:{smsc.port}/106900",
        "HCP_SMS_INVITE_HOURS": "0",
        "TZ": "UTC",
    }
    stack.start()
    with stack.database() as database:  # the tests may run at night
        loud = '{"quiet_from": 24, "quiet_until": 0}'
        done = database.execute("UPDATE policies_policy SET values = values || %s::jsonb", [loud])
        assert done.rowcount
    yield stack
    stack.stop()


def serve(platform: Stack, phone: str) -> str:
    """Register a service of somebody with a phone."""
    return platform.service(applicant={"name": "张芳华", "phone": phone})[0]


def asked(platform: Stack, smsc: Smsc, phone: str) -> tuple[str, str, str]:
    """Register a service and return its number, the text of its invitation and the number to reply
    to.
    """
    since = len(smsc.events)
    number = serve(platform, phone)
    with platform.database() as database:
        wait_for(
            lambda: database.execute(
                "SELECT 1 FROM notifications_message m JOIN records_key k USING (record_id) WHERE "
                "project_no = %s",
                [number],
            ).fetchone()
        )
    text, source = smsc.text_to(phone, since)
    return number, text, source


def rating(platform: Stack, number: str) -> tuple[int, str, int] | None:
    """Return level, words and channel of a service's rating."""
    with platform.database() as database:
        return database.execute(
            "SELECT level, words, channel FROM evaluations_evaluation e JOIN records_key k ON "
            "k.record_id = e.id WHERE project_no = %s",
            [number],
        ).fetchone()


def outcome(platform: Stack, count: int) -> list[str]:
    """Return what became of the replies, once there are so many."""
    with platform.database() as database:
        found = wait_for(
            lambda: (
                (
                    rows := database.execute(
                        "SELECT outcome FROM notifications_reply WHERE outcome <> '' ORDER BY id"
                    ).fetchall()
                )
                and len(rows) >= count
                and rows
            )
        )
    return [row[0] for row in found]


def not_understood(platform: Stack) -> int:
    """Return how many replies so far were not understood."""
    with platform.database() as database:
        row = database.execute(
            "SELECT count(*) FROM notifications_reply WHERE outcome = 'unknown'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_an_invitation_goes_out_with_a_link_is_delivered_and_a_reply_with_a_digit_rates(
    platform: Stack, smsc: Smsc
) -> None:
    number, text, source = asked(platform, smsc, "13800000001")
    assert "企业设立登记" in text
    assert "非常满意" in text
    link = next(word for word in text.split() if "/s/" in word)
    assert httpx.get(link, follow_redirects=True).status_code == 200  # a previewer opens it …
    assert rating(platform, number) is None  # … and spends nothing
    with platform.database() as database:
        wait_for(
            lambda: database.execute(
                "SELECT 1 FROM notifications_message WHERE state = 'delivered' AND template = "
                "'invite'"
            ).fetchone()
        )
    since = len(smsc.events)  # the thanks may be out before the rating is looked for
    smsc.tell(**{"from": "8613800000001", "to": source, "text": "５"})
    assert wait_for(lambda: rating(platform, number)) == (5, "", 7)
    text, _ = smsc.text_to("13800000001", since)
    assert "谢谢" in text


def test_a_low_reply_counts_at_once_and_its_reason_becomes_a_follow_up(
    platform: Stack, smsc: Smsc
) -> None:
    number, _, source = asked(platform, smsc, "13800000002")
    smsc.tell(**{"from": "8613800000002", "to": source, "text": "1"})
    assert wait_for(lambda: rating(platform, number)) == (1, "1", 7)
    smsc.until(
        lambda event: (
            event["event"] == "submit"
            and event["to"].endswith("13800000002")
            and "直接回复" in event["text"]
        )
    )
    smsc.tell(
        **{
            "from": "8613800000002",
            "to": source,
            "parts": ["窗口让我来回跑了三趟，", "每次说的材料都不一样。"],
            "order": [2, 1],
        }
    )
    with platform.database() as database:
        words = platform.wait_for(  # its failure shows what the platform printed
            lambda: database.execute("SELECT words FROM evaluations_followup").fetchone(), 60
        )[0]
    assert words == "窗口让我来回跑了三趟，每次说的材料都不一样"


def test_two_services_of_one_phone_are_told_apart_by_the_number_that_is_answered(
    platform: Stack, smsc: Smsc
) -> None:
    first, _, source_1 = asked(platform, smsc, "13800000003")
    second, _, source_2 = asked(platform, smsc, "13800000003")
    assert source_1 != source_2
    smsc.tell(**{"from": "8613800000003", "to": source_1, "text": "基本满意，还行"})
    assert wait_for(lambda: rating(platform, first)) == (3, "还行", 7)
    assert rating(platform, second) is None
    smsc.tell(**{"from": "8613800000003", "to": source_2, "text": "不满意"})
    assert wait_for(lambda: rating(platform, second))[0] == 2


def test_receipts_before_the_answer_and_throttling_are_survived(
    platform: Stack, smsc: Smsc
) -> None:
    asked(platform, smsc, "13800000088")
    number = serve(platform, "13800000099")
    with platform.database() as database:
        platform.wait_for(
            lambda: database.execute(
                "SELECT 1 FROM notifications_message m JOIN records_key k USING (record_id) WHERE "
                "project_no = %s",
                [number],
            ).fetchone()
        )
        platform.wait_for(
            lambda: (
                (
                    database.execute(
                        "UPDATE notifications_message SET due_at = now() WHERE state = 'queued' "
                        "AND tries > 0"
                    ),
                    smsc.events,
                )[1]
                and any(
                    e["event"] == "submit" and e["to"].endswith("13800000099") for e in smsc.events
                )
            ),
            40,
        )
        platform.wait_for(
            lambda: (
                database.execute(
                    "SELECT count(*) FROM notifications_message WHERE template = 'invite' AND "
                    "state <> 'delivered'"
                ).fetchone()[0]
                == 0
            ),
            40,
        )


def test_who_says_td_is_asked_no_more(platform: Stack, smsc: Smsc) -> None:
    _, _, source = asked(platform, smsc, "13800000004")
    smsc.tell(**{"from": "8613800000004", "to": source, "text": "td"})
    smsc.until(
        lambda event: (
            event["event"] == "submit"
            and event["to"].endswith("13800000004")
            and "已退订" in event["text"]
        )
    )
    serve(platform, "13800000004")
    with platform.database() as database:
        wait_for(
            lambda: database.execute(
                "SELECT 1 FROM notifications_message WHERE state = 'suppressed' AND why = "
                "'opted_out'"
            ).fetchone()
        )


def test_a_lost_connection_comes_back_and_nothing_is_lost(platform: Stack, smsc: Smsc) -> None:
    since = len(smsc.events)
    smsc.tell(drop=True)
    number = serve(platform, "13800000005")
    smsc.until(lambda event: event["event"] == "bind" and event["good"], since)
    with platform.database() as database:
        wait_for(
            lambda: database.execute(
                "SELECT 1 FROM notifications_message m JOIN records_key k USING (record_id) WHERE "
                "project_no = %s",
                [number],
            ).fetchone()
        )
    assert "评价" in smsc.text_to("13800000005", since)[0]


def test_gateways_push_receipts_and_replies_any_number_of_times_and_in_any_order(
    platform: Stack, smsc: Smsc
) -> None:
    number, _, source = asked(platform, smsc, "13800000006")
    hooks = platform.hcp("sms-hooks").stdout.split()
    aliyun = next(hook for hook in hooks if hook.endswith("aliyun/replies"))
    huawei = next(hook for hook in hooks if hook.endswith("huawei/receipts"))
    path = aliyun.replace(aliyun.split("/hooks/")[0], platform.page)
    sent = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600))
    pushed = [
        {
            "phone_number": "13800000006",
            "content": "4 服务不错",
            "send_time": sent,
            "dest_code": source,
            "sequence_id": "1",
        }
    ]
    for _ in range(3):
        assert httpx.post(path, json=pushed).json()["code"] == 0
    assert wait_for(lambda: rating(platform, number)) == (4, "服务不错", 7)
    with platform.database() as database:
        counted = "SELECT count(*) FROM notifications_reply WHERE evaluation_id = (SELECT record_id FROM records_key WHERE project_no = %s)"
        assert database.execute(counted, [number]).fetchone()[0] == 1
    receipt = huawei.replace(huawei.split("/hooks/")[0], platform.page)
    assert (
        httpx.post(
            receipt, data={"smsMsgId": "unknown", "status": "DELIVRD", "extend": "999999"}
        ).status_code
        == 200
    )
    assert httpx.post(path, content=b"{").status_code == 400
    assert httpx.post(path.replace("/aliyun", "/other"), json=pushed).status_code == 404
    assert (
        httpx.post(f"{platform.page}/hooks/sms/guess/aliyun/replies", json=pushed).status_code
        == 404
    )


def test_replies_that_mean_nothing_are_answered_once_and_kept(platform: Stack, smsc: Smsc) -> None:
    _, _, source = asked(platform, smsc, "13800000007")
    before = len(outcome(platform, 1))
    smsc.tell(**{"from": "8613800000007", "to": source, "text": "你好请问是什么"})
    smsc.until(
        lambda event: (
            event["event"] == "submit"
            and event["to"].endswith("13800000007")
            and "没有看懂" in event["text"]
        )
    )
    smsc.tell(**{"from": "8613899999999", "to": "106900", "text": "3"})  # nobody asked
    assert outcome(platform, before + 2)[-2:] == ["unknown", "nothing_open"]


def test_a_machine_at_the_other_end_gets_one_help_and_a_receipt_without_flag_gets_none(
    platform: Stack, smsc: Smsc
) -> None:
    phone = "13800000077"
    _, _, source = asked(platform, smsc, phone)
    since, before = len(smsc.events), not_understood(platform)
    for number in range(12):
        text = f"您好，我正在开车（自动回复 {number}），稍后联系您。"
        smsc.tell(**{"from": f"86{phone}", "to": source, "text": text})
    receipt = (
        "id:M1 sub:001 dlvrd:001 submit date:2611240900 done date:2611240900 stat:DELIVRD err:000"
    )
    smsc.tell(**{"from": f"86{phone}", "to": source, "text": receipt})
    wait_for(lambda: not_understood(platform) == before + 12, 60)
    with platform.database() as database:
        wait_for(
            lambda: (
                not database.execute(
                    "SELECT 1 FROM notifications_message WHERE state IN ('queued', 'sending') AND due_at < now()"
                ).fetchone()
            ),
            30,
        )
    said = [e["text"] for e in smsc.events[since:] if e["event"] == "submit" and phone in e["to"]]
    assert len([text for text in said if "没有看懂" in text]) == 1
    assert len(said) <= 2  # in parts
