"""Clients of other provinces, pointed at us with only an address and keys changed.

Each hands in a service and a rating in its own dialect.
"""

import base64
import hashlib
import json
import secrets
import subprocess
import time
from urllib.parse import urlencode

import gmssl_pyx
import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from nodes import NODE_ENV, SOAP
from people import BUREAU, item_of
from stack import Stack

from haochaping.kernel import sm2
from haochaping.kernel.crypto import Keyring

GENERATOR = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


@pytest.fixture(scope="module")
def platform(bureau: Stack) -> Stack:
    """A platform with one bureau and its people."""
    return bureau


def keys(platform: Stack, dialect: str, region: str = "320700000000") -> dict[str, str]:
    """Have the operator make keys, and read what they would enter in the client."""
    said = platform.hcp(
        "issue-partner-key", f"client {dialect} {time.time_ns()}", dialect, "--region", region
    ).stdout
    found = {
        line.rsplit(None, 1)[0].strip(): line.rsplit(None, 1)[1]
        for line in said.splitlines()
        if " " in line
    }
    return {
        name: value.replace("http://localhost:8000", platform.page) for name, value in found.items()
    }


def record(number: str) -> dict[str, str]:
    """Return a service in national names."""
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600 - 120))
    return {
        "areaCode": "320700",
        "deptCode": BUREAU,
        "proDepart": "连云港市行政审批局",
        "taskCode": item_of(BUREAU),
        "taskName": "企业设立登记",
        "projectNo": number,
        "serviceNumber": "1",
        "proStatus": "3",
        "serviceName": "出证办结",
        "serviceTime": now,
        "userName": "张芳华",
        "mobile": "13812345678",
        "dataSource": "132",
    }


def rating(number: str, level: int = 2, detail: str = "207,208") -> dict[str, str]:
    """Return a rating in national names."""
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600 - 30))
    return {
        "projectNo": number,
        "serviceNumber": "1",
        "satisfaction": str(level),
        "pf": "5",
        "evalDetail": detail,
        "assessTime": now,
        "name": "张芳华",
    }


def stored(platform: Stack, number: str) -> tuple[int, str, int] | None:
    """Return level, codes and origin of the rating of a service."""
    with platform.database() as database:
        return database.execute(
            "SELECT e.level, e.codes::text, e.origin FROM evaluations_evaluation e JOIN "
            "records_key k ON k.record_id = e.id WHERE project_no = %s",
            [number],
        ).fetchone()


class Shandong:
    """Such a client."""

    def __init__(self, given: dict[str, str]) -> None:
        self.given = given
        self.public = bytes.fromhex(given["SM2 public key"])[1:]

    def cipher(self, text: str, shape: str = "raw") -> str:
        """Encrypt as clients do.

        DER, which our tool makes up to 255 bytes, or the raw C1C3C2 that Java libraries make at any
        length.
        """
        if shape == "der":
            return bytes(gmssl_pyx.sm2_encrypt(self.public, text.encode())).hex()
        plain = text.encode()
        k = secrets.randbelow(2**255)
        (x1, y1), (x2, y2) = (
            sm2.multiply(k, *GENERATOR),
            sm2.multiply(k, int.from_bytes(self.public[:32]), int.from_bytes(self.public[32:])),
        )
        left, right = x2.to_bytes(32), y2.to_bytes(32)
        stream = b"".join(
            hashlib.new("sm3", left + right + n.to_bytes(4)).digest()
            for n in range(1, -(-len(plain) // 32) + 1)
        )
        digest = hashlib.new("sm3", left + plain + right).digest()
        return (
            b"\x04"
            + x1.to_bytes(32)
            + y1.to_bytes(32)
            + digest
            + bytes(a ^ b for a, b in zip(plain, stream, strict=False))
        ).hex()

    def call(
        self,
        operation: str,
        rows: list[object],
        *,
        moment: str | None = None,
        shape: str = "der",
        word: str | None = None,
    ) -> dict[str, object]:
        """Send one message."""
        moment = moment or time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + 8 * 3600))
        app = self.given["appMark"]
        common = {
            "appMark": app,
            "time": moment,
            "sign": self.cipher(f"{moment}{app}{word or self.given['appWord']}", shape),
            "params": {"evaluate": rows},
        }
        answer = httpx.post(
            f"{self.given['address']}{operation}",
            json={"txnBodyCom": common, "txnCommCom": {}},
            headers={"C-Tenancy-Id": "370000000000"},
        )
        assert answer.status_code == 200
        return dict(answer.json())


@pytest.mark.parametrize("shape", ["der", "raw"])
def test_shandong(platform: Stack, shape: str) -> None:
    client, number = Shandong(keys(platform, "sd")), f"32SD{time.time_ns()}"
    assert (
        client.call("addEvaluate", [json.dumps(rating(number))])["C-Response-Desc"]
        == "没有对应的办件服务记录，请先上报办件。"
    )
    assert (
        client.call(
            "addEvaluateService", [client.cipher(json.dumps([record(number)]))], shape=shape
        )["C-Response-Desc"]
        == "success"
    )
    assert (
        client.call("addEvaluate", [client.cipher(json.dumps(rating(number)))], shape=shape)[
            "C-Response-Desc"
        ]
        == "success"
    )
    assert (
        client.call(
            "addEvaluate", [json.dumps(rating(number) | {"satisfaction": "5", "evalDetail": ""})]
        )["C-Response-Body"]["success"]
        is False
    )  # type: ignore[index]
    assert stored(platform, number) == (2, "{207,208}", 1)
    with platform.database() as database:
        extra = database.execute(
            "SELECT extra FROM records_record WHERE project_no = %s", [number]
        ).fetchone()
    assert extra is not None
    ring = Keyring((platform.home / "secret").read_bytes())
    kept = json.loads(ring.unwrap(extra[0], "record.extra"))
    assert kept["dataSource"] == "132"  # unknown fields are kept, sealed
    assert len(client.call("getnorm", [])["C-Response-Body"]["data"]) == 72  # type: ignore[index]


def test_shandong_refuses_a_stale_time_a_wrong_word_and_rubbish(platform: Stack) -> None:
    client = Shandong(keys(platform, "sd"))
    for answer in (
        client.call("getnorm", [], moment="20260101000000"),
        client.call("getnorm", [], word="guess"),
        client.call("addEvaluate", ["zz"]),
    ):
        assert answer["C-Response-Body"]["success"] is False  # type: ignore[index]
    for body in (
        b"",
        b"[]",
        b'{"txnBodyCom": 5}',
        b"{" * 5000,
        b'{"txnBodyCom":{"appMark":"x","time":"1","sign":"00"}}',
    ):
        assert httpx.post(f"{client.given['address']}addEvaluate", content=body).status_code == 200


def test_fujian(platform: Stack) -> None:
    given, number = keys(platform, "fj"), f"32FJ{time.time_ns()}"
    moment = str(int(time.time() * 1000))
    sign = hashlib.md5(f"{given['appCode']}{moment}".encode(), usedforsecurity=False).hexdigest()
    asked = {"app_key": given["app_key"], "timestamp": moment, "sign": sign}
    assert httpx.get(given["token"], params=asked | {"sign": "0" * 32}).status_code == 401
    token = httpx.get(given["token"], params=asked).json()["access_token"]
    fields = "".join(
        f"<{name}>{value}</{name}>"
        for name, value in (record(number) | rating(number, 5, "510|517") | {"vip": "9"}).items()
    )
    padder = PKCS7(128).padder()
    plain = (
        padder.update(f"<?xml version='1.0' encoding='UTF-8'?><data>{fields}</data>".encode())
        + padder.finalize()
    )
    key = hashlib.md5(given["appCode"].encode(), usedforsecurity=False).digest()
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - the dialect
    cipher = base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()
    soap = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ws="http://linewell.com/ws/"><soapenv:Body>'
        f"<ws:getSaveEvaluation><arg0>{cipher}</arg0></ws:getSaveEvaluation></soapenv:Body></soapenv:Envelope>"
    )
    answer = httpx.post(
        given["service"], content=soap.encode(), headers={"Authorization": f"Basic {token}"}
    )
    assert "code&gt;200&lt;" in answer.text, answer.text
    assert "evaluateUnid" in answer.text
    assert "unknownFields&gt;vip&lt;" in answer.text
    assert stored(platform, number) == (5, "{510,517}", 1)
    for bad in (
        soap.replace(cipher, "AAAA"),
        "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        "",
        "<" * 1000,
    ):
        refused = httpx.post(
            given["service"], content=bad.encode(), headers={"Authorization": f"Basic {token}"}
        )
        assert refused.status_code == 200
        assert "code&gt;400&lt;" in refused.text
    assert "code&gt;401&lt;" in httpx.post(given["service"], content=soap.encode()).text
    # a SOAP client that somebody else wrote is understood, and understands us
    told = subprocess.run(
        [*SOAP, "call", given["service"], token, "getSaveEvaluation", cipher],
        check=True,
        capture_output=True,
        env=NODE_ENV,
    )
    assert "<code>200</code>" in json.loads(told.stdout)["answer"]


def test_zhejiang(platform: Stack) -> None:
    given, number = keys(platform, "zj"), f"32ZJ{time.time_ns()}"
    form = (
        record(number)
        | rating(number, 1, "")
        | {"writingEvaluation": "材料清单上没有的也要", "pf": "6"}
    )
    assert httpx.post(given["report"], data=form).json()["result"] == "1"
    assert stored(platform, number) == (1, "{}", 1)
    silent = f"32ZJ{time.time_ns()}"
    assert (
        "默认评价"
        in httpx.post(
            given["report"], data=record(silent) | rating(silent, 5, "") | {"pf": "7"}
        ).json()["resultmsg"]
    )
    other = f"32ZJ{time.time_ns()}"
    asked = {
        "affairId": other,
        "affairTime": record(other)["serviceTime"],
        "affairStatus": "2",
        "matterId": item_of(BUREAU),
        "matterName": "企业设立登记",
    }
    answer = httpx.post(
        given["publishurl"],
        data=asked
        | {"areaCode": "320700", "departIdentityCode": BUREAU, "departName": "行政审批局"},
    ).json()
    assert answer["success"] is True
    assert (
        httpx.get(answer["data"].replace("http://localhost:8000", platform.page)).status_code == 200
    )
    assert httpx.post(given["report"].replace(".", ".x"), data=form).json()["result"] == "0"


def test_anhui_opens_the_page_and_the_service_stays_marked_for_nobody_signed_it(
    platform: Stack,
) -> None:
    given, number = keys(platform, "ah"), f"34AH{time.time_ns()}"
    fields = {
        "projNo": number,
        "projName": "企业设立登记",
        "serviceCode": item_of(BUREAU),
        "infoTypeName": "企业设立登记",
        "serviceDepartmentCode": BUREAU,
        "serviceDepartment": "行政审批局",
        "applicantName": "张芳华",
        "applicantPhone": "13812345678",
        "regionCode": "320700",
        "transactionTime": record(number)["serviceTime"],
        "evaluateChannel": "PJQ",
        "source": "501",
        "version": "2",
    }
    encoded = base64.b64encode(base64.b64encode(urlencode(fields).encode())).decode()
    opened = httpx.get(f"{given['page']}?params={encoded}")
    assert opened.status_code == 302
    page = f"{platform.page}{opened.headers['Location']}"
    assert httpx.post(page, data={"level": "4"}).status_code == 302
    assert stored(platform, number) == (4, "{}", 2)
    assert httpx.post(f"{given['status']}?projNo={number}").json()["body"]["evaluated"] is True
    assert httpx.get(f"{given['page']}?params=%%%").status_code == 400


def test_a_partner_cannot_write_outside_its_region(platform: Stack) -> None:
    client, number = Shandong(keys(platform, "sd", "320500000000")), f"32SD{time.time_ns()}"
    assert "接入范围" in str(
        client.call("addEvaluateService", [json.dumps(record(number))])["C-Response-Desc"]
    )
