"""The types of the Python client: what a type checker says of code that calls us."""

import subprocess
import sys
from pathlib import Path

import pytest

CLIENT = Path(__file__).resolve().parents[2] / "clients" / "python"
_CODE = """
from haochaping_client import Client

client = Client("https://hcp.example", "k", "s")
client.register(
    project_no="3207", service_number=1, region="320700", department_code="1", item_code="1",
    served_at="2026-11-24 10:00", applicant={"name": "张芳华", "kind": 1},
)
client.rate(project_no="3207", service_number=1, level=5, channel=9, codes=[501])
url: str = client.link(project_no="3207", service_number=1)["url"]
for items, cursor in client.changes():
    receipts: list[str] = [one["receipt"] for one in items]
for told in client.rate_all([{"project_no": "1", "service_number": 1, "level": 1, "channel": 9}]):
    print(told.get("code", ""))
"""


WRONG = {
    "client.rate(project_no='1', service_number=1, level=5, channel=9, isDefault=1)": "isDefault",
    "client.rate(project_no='1', service_number=1, level='5', channel=9)": 'expected "int"',
    "client.rate(project_no='1', service_number=1, level=5)": '"channel"',
    "client.status(project_no='1', service_number=1)['level']": 'no key "level"',
}


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.10", "3.13"])  # the oldest that mypy still knows
def test_a_type_checker_knows_every_field(tmp_path: Path, version: str) -> None:
    (tmp_path / "calls.py").write_text(_CODE + "\n".join(WRONG), encoding="utf-8")
    (tmp_path / "haochaping_client").symlink_to(CLIENT / "haochaping_client")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"),
         "--config-file", "/dev/null", "--python-version", version, "calls.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = [line for line in checked.stdout.splitlines() if "error:" in line]
    begin = _CODE.count("\n")
    for number, (line, says) in enumerate(zip(told, WRONG.values(), strict=True), begin + 1):
        assert line.startswith(f"calls.py:{number}: ")
        assert says in line
