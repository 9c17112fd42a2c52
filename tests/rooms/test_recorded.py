"""What goes over the wire in each dialect, as it was recorded: byte for byte where the format fixes
bytes. A change here is a change for every partner that speaks it.

The cipher was made with OpenSSL from the XML below:
  openssl enc -sm4-ecb -K $(printf code1 | md5sum | cut -d' ' -f1) -in plain.xml | sha256sum
"""

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from haochaping.exchange.partners import drop, fujian, national, shandong, webhooks, zhejiang
from haochaping.exchange.partners.sending import Dialogue, Letter, Link, Request
from haochaping.exchange.rules import Family, Told
from haochaping.kernel.crypto import sm2_open
from haochaping.kernel.outbound import Answer

AT = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)
SERVICE = {
    "projectNo": "3207X1",
    "serviceNumber": "1",
    "areaCode": "320700000000",
    "deptCode": "11320700MB01070A14",
    "taskCode": "11320700MB01070A143320101001000",
    "taskName": "企业设立登记",
    "userName": "张*",
    "serviceTime": "2026-11-28 09:30:00",
}
RATING = {
    "projectNo": "3207X1",
    "serviceNumber": "1",
    "satisfaction": "1",
    "evalDetail": "108,110",
    "writingEvaluation": "等了<2>小时&没人",
    "pf": "4",
    "assessTime": "2026-11-28 10:00:00",
    "evaluateType": "1",
    "flag": "I",
}
LETTER = Letter("E-1", Family.EVALUATION, RATING, SERVICE)


def requests(dialogue: Dialogue, *answers: Answer) -> list[Request]:
    """Return what a dialect says when it is answered so."""
    said, replies = [], iter(answers)
    try:
        one = next(dialogue)
        while True:
            if isinstance(one, Told):
                one = dialogue.send(None)
                continue
            said.append(one)
            one = dialogue.send(next(replies))
    except StopIteration:
        return said


def test_national_json() -> None:
    link = Link("https://p.example/n", {"kid": "k1", "secret": "s1"}, AT)
    (said,) = requests(national.upload([LETTER], link), Answer(200, b'{"code":"0","results":[]}'))
    assert said.url == "https://p.example/n/messages"
    assert (said.content or b"").decode() == (
        '{"messages":[{"id":"E-1","family":"evaluation","document":{"projectNo":"3207X1",'
        '"serviceNumber":"1","satisfaction":"1","evalDetail":"108,110",'
        '"writingEvaluation":"等了<2>小时&没人","pf":"4","assessTime":"2026-11-28 10:00:00",'
        '"evaluateType":"1","flag":"I"}}]}'
    )
    assert said.headers["X-HCP-Time"] == "1795924800"
    assert re.fullmatch("[0-9a-f]{64}", said.headers["X-HCP-Signature"])


def test_a_webhook_and_its_signature() -> None:
    link = Link("https://p.example/w", {"secret": "whsec_AAAA"}, AT)
    (said,) = requests(webhooks.upload([LETTER], link), Answer(204, b""))
    assert (said.content or b"").startswith(
        b'{"type":"evaluation.created","timestamp":"2026-11-29T04:00:00+00:00","data":{"id":"E-1",'
    )
    assert re.fullmatch(r"E-1\.[0-9a-f]{12}", said.headers["webhook-id"])
    other = replace(LETTER, document={**LETTER.document, "satisfaction": "3"})
    (again,) = requests(webhooks.upload([LETTER], link), Answer(204, b""))
    (changed,) = requests(webhooks.upload([other], link), Answer(204, b""))
    ids = [one.headers["webhook-id"] for one in (said, again, changed)]
    assert ids[0] == ids[1] != ids[2]
    assert said.headers["webhook-timestamp"] == "1795924800"
    assert said.headers["webhook-signature"] == "v1,pF5RJcv9ocKT20GqPS6fCgjyHuJhGn4vtcnLkQuE3iE="


PLAIN = (
    '<?xml version="1.0" encoding="UTF-8"?><evaluation><projectNo>3207X1</projectNo>'
    "<serviceNumber>1</serviceNumber><areaCode>320700000000</areaCode>"
    "<deptCode>11320700MB01070A14</deptCode>"
    "<taskCode>11320700MB01070A143320101001000</taskCode><taskName>企业设立登记</taskName>"
    "<userName>张*</userName><serviceTime>2026-11-28 09:30:00</serviceTime>"
    "<satisfaction>1</satisfaction><evalDetail>108,110</evalDetail>"
    "<writingEvaluation>等了&lt;2&gt;小时&amp;没人</writingEvaluation><pf>4</pf>"
    "<assessTime>2026-11-28 10:00:00</assessTime><evaluateType>1</evaluateType><flag>I</flag>"
    "</evaluation>"
)


def test_fujians_token_and_soap() -> None:
    link = Link("https://p.example/fj", {"kid": "app1", "app_code": "code1"}, AT)
    token, saved = requests(
        fujian.upload([LETTER], link),
        Answer(200, b'{"access_token":"T1"}'),
        Answer(200, b"<a><code>200</code></a>"),
    )
    # printf 'code11795924800000' | md5sum
    assert token.params == {
        "app_key": "app1",
        "timestamp": "1795924800000",
        "sign": "84034fa96baf5f380a3ff6ba02282dbe",
    }
    body = (saved.content or b"").decode()
    assert fujian.document({**SERVICE, **RATING}).decode() == PLAIN
    cipher = body.partition("<xml>")[2].partition("</xml>")[0]
    assert hashlib.sha256(base64.b64decode(cipher)).hexdigest() == CIPHER
    assert body.replace(cipher, "…") == (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:ws="http://linewell.com/ws/"><soapenv:Body><ws:getSaveEvaluation><xml>…</xml>'
        "</ws:getSaveEvaluation></soapenv:Body></soapenv:Envelope>"
    )
    assert saved.headers["Authorization"] == "Basic T1"


CIPHER = "4aab54d02192d3401f4ec8ce5f5b8d984950c4c140410383553caabcc4ca53ef"


def test_shandongs_envelope() -> None:
    secret = {"kid": "SIM", "app_word": "sim-word", "sm2_public": SM2_PUBLIC, "tenancy": "t1"}
    link = Link("https://p.example/sd", secret, AT)
    (said,) = requests(shandong.upload([LETTER], link), Answer(200, SUCCESS))
    assert said.url == "https://p.example/sd/addEvaluate"
    assert dict(said.headers) == {"Content-Type": "application/json", "C-Tenancy-Id": "t1"}
    body = (said.content or b"").decode()
    told = json.loads(body)["txnBodyCom"]
    (cipher,) = told["params"]["evaluate"]
    # ciphers of SM2 are other ones each time: C1 begins with 04, and what they open to is fixed
    assert body.replace(cipher, "…").replace(told["sign"], "…") == (
        '{"txnBodyCom": {"appMark": "SIM", "time": "20261129120000", "sign": "…", "params": '
        '{"evaluate": ["…"]}}, "txnCommCom": {}}'
    )
    assert {one[:2] for one in (cipher, told["sign"])} == {"04"}
    opened = [sm2_open(SM2_PRIVATE, bytes.fromhex(one)).decode() for one in (told["sign"], cipher)]
    row = {**RATING, "name": "张*", "taskType": "99"}
    assert opened == ["20261129120000SIMsim-word", json.dumps([row], ensure_ascii=False)]


def test_shandongs_envelope_that_openssl_encrypted() -> None:
    told = {
        "appMark": "SIM",
        "time": "20261129120000",
        "sign": OPENSSL_PROOF,
        "params": {"evaluate": [OPENSSL_ROWS]},
    }
    message = shandong.envelope(json.dumps({"txnBodyCom": told}).encode())
    shandong.check(message, "sim-word", SM2_PRIVATE, AT)
    (row,) = shandong.rows(message, SM2_PRIVATE)
    assert row == {"projectNo": "3207X1", "serviceNumber": "1", "satisfaction": "1"}


SUCCESS = b'{"C-Response-Desc":"success","C-Response-Body":{"success":true}}'
# openssl pkeyutl -encrypt -pubin -inkey sm2.pem -in plain.txt | xxd -p
SM2_PRIVATE = bytes.fromhex("113e88593e0f42a62b1639d52d738bb71dc247eb6c992bdad24b1c2b36000a4d")
SM2_PUBLIC = (
    "04d6bd44408696887416"
    "07f600db74fb2ab781bd1882b1da752b63e6df6d78892e"
    "c97cd9518bf8e2642566"
    "41887d7db5862a0713a512f8ac9cbae6882b8c1a0284"
)
OPENSSL_PROOF = (
    "30818202207b6e31399a9af51572a83dff45c106bfe525d5814ae3cfdc31defc3904991ab4022100bbc43cfa82d8"
    "eb8dfcb0113eb99045ad2740751c3bc5c1f30c99ffeed25c938b042089b5af5665364cbd964e40847018f4b03507"
    "048bb0878c230edf857a4d2d979104195b0bcf927745b1789543dd380aeec56301d4c99a5acbeb50f3"
)
OPENSSL_ROWS = (
    "3081a8022100e26fff5bebb8fc613f7736a9edceb86d213eb7546fcf66d9e76a30e183f1b9cd02207413179a48c6"
    "244b6a028308cb4da41a78c1417b65d87c4f52d524f4d069048a042019445f7ab40fd37a4cde78d080c3ad799f68"
    "15daa0a734e7f7897608e62c0be5043f6544a65dab8270ef322ffa03f24cd5cb6255b38b45acbedd911d5b1bc47f"
    "1d358176ac1ef91c9e7ebea168ab8242a68c369c10923a55a21af270957e0843e1"
)


def test_zhejiangs_form() -> None:
    secret = {"kid": "k1", "tenancy": "t1", "path_word": "w", "app_word": "a"}
    link = Link("https://p.example/zj", secret, AT)
    (said,) = requests(zhejiang.upload([LETTER], link), Answer(200, b'{"code":"0"}'))
    assert said.url == "https://p.example/zj/offlinereport.do"
    assert urlencode(said.form or {}) == (
        "projectNo=3207X1&serviceNumber=1&areaCode=320700000000"
        "&deptCode=11320700MB01070A14&taskCode=11320700MB01070A143320101001000"
        "&taskName=%E4%BC%81%E4%B8%9A%E8%AE%BE%E7%AB%8B%E7%99%BB%E8%AE%B0&userName=%E5%BC%A0%2A"
        "&serviceTime=2026-11-28+09%3A30%3A00&satisfaction=1&evalDetail=108%2C110"
        "&writingEvaluation=%E7%AD%89%E4%BA%86%3C2%3E%E5%B0%8F%E6%97%B6%26%E6%B2%A1%E4%BA%BA&pf=4"
        "&assessTime=2026-11-28+10%3A00%3A00&evaluateType=1&flag=I"
    )


def test_a_file_and_its_manifest(tmp_path: Path) -> None:
    drop.drop([LETTER], Link(f"file://{tmp_path}", {}, AT))
    lines, told = sorted(tmp_path.iterdir())
    line = {"document": RATING, "family": "evaluation", "id": "E-1"}
    text = json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n"
    assert lines.read_bytes() == text.encode()
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert lines.name == f"haochaping-20261129-{digest[:16]}.jsonl"
    assert told.read_text() == json.dumps({"file": lines.name, "lines": 1, "sha256": digest}) + "\n"
