"""`hcp import` loads the sample completely, twice, and the refused rows are exactly those that its
README calls bad.
"""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from stack import Stack

SAMPLE = Path(
    os.environ.get(
        "HCP_SAMPLE", Path(__file__).resolve().parents[3] / "shared" / "data" / "ratings-sample"
    )
)
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not SAMPLE.exists(), reason="the sample input is not beside this checkout"),
]


@pytest.fixture(scope="module")
def platform() -> Iterator[Stack]:
    """An empty platform."""
    stack = Stack()
    stack.start()
    yield stack
    stack.stop()


def load(platform: Stack, what: str, name: str) -> tuple[tuple[int, ...], list[tuple[str, str]]]:
    """Import a file.

    Return accepted, duplicate and refused, and the refused rows with their reasons from the file
    that it names.
    """
    done = platform.hcp("import", what, str(SAMPLE / name), "--dialect", "gg")
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    with Path(said["refused_file"]).open(encoding="utf-8-sig") as file:
        rows = [
            (f"{row['projectNo']},{row['serviceNumber']}", row["refused_code"])
            for row in csv.DictReader(file)
        ]
    return (said["accepted"], said["duplicate"], said["refused"]), rows


REASONS = {
    "area code not 6 or 12 digits": "region_shape",
    "unknown area code": "region_unknown",
    "department code fails its check digit": "department_code",
    "item code is not 31 digits": "item_code",
    "item missing": "item_missing",
    "service number outside 1..99": "service_number",
    "status outside 1..3": "status",
    "time is not a time": "time",
    "level outside 1..5": "level",
    "code of another level": "code_level",
    "unknown code": "code_unknown",
    "bad rating without code or words": "reason_missing",
    "rated before the service": "rated_before_service",
    "unknown channel": "channel",
    "follow-up without a first rating": "no_first_rating",
}


def test_the_sample_is_loaded_completely_twice(platform: Stack) -> None:
    expected = json.loads((SAMPLE / "expected.json").read_text())
    with (SAMPLE / "refused.csv").open(encoding="utf-8-sig") as file:
        bad = [
            (row["file"], f"{row['projectNo']},{row['serviceNumber']}", REASONS[row["reason"]])
            for row in csv.DictReader(file)
        ]
    for what, names in (
        ("records", ["records.csv"]),
        ("evaluations", ["evaluations.jsonl", "evaluations.csv"]),
    ):
        want = expected[what]
        for turn, name in enumerate([*names, names[0]]):
            counts, refused = load(platform, what, name)
            stored, there = (
                (want["accepted"], want["duplicate"])
                if turn == 0
                else (0, want["accepted"] + want["duplicate"])
            )
            assert counts == (stored, there, want["refused"])
            assert sorted(refused) == sorted(
                (row, code) for file, row, code in bad if (file == "records") == (what == "records")
            )
    with platform.database() as database:
        levels = {
            str(level): n
            for level, n in database.execute(
                "SELECT level, count(*) FROM evaluations_evaluation WHERE origin <> 3 GROUP BY 1"
            )
        }
        unconfirmed = database.execute(
            "SELECT count(*) FROM directory_department WHERE NOT confirmed"
        ).fetchone()
    assert levels == expected["levels_first"]
    assert unconfirmed is not None
    assert unconfirmed[0] > 100
