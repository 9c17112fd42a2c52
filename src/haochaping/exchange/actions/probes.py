"""Testing every channel with ratings of our own, and entering in the ledger what came of it."""

from datetime import datetime

from haochaping.audit import actions as audit
from haochaping.directory.rules import uscc_check_character
from haochaping.evaluations import queries as ratings
from haochaping.evaluations.rules import Channel
from haochaping.exchange import models
from haochaping.exchange.actions.serving import take_record
from haochaping.identity import actions as identity
from haochaping.identity.rules import SYSTEM, ClientKey
from haochaping.kernel.words import chinese
from haochaping.ledger.rules import Leaf
from haochaping.proofs import actions as proofs
from haochaping.records import rules as record
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

_CLIENT = "渠道巡检 channel probe"
_NOT_COUNTED = chinese("渠道巡检（不计入统计）")
_OURS = "11320000HCPTEXT01"  # credit code of nobody: the tests' own department


def announce_probe(*, by: int = SYSTEM, at: datetime) -> ClientKey:
    """Say in the audit trail that the channels are going to be tested.

    Return the key with which the interface is.
    """
    details = {"channels": [channel.name.lower() for channel in Channel], "levels": "5-1"}
    audit.record(
        subject="channel",
        subject_id=0,
        verb="probe",
        details=details,
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
    return identity.own_key(client=_CLIENT, by=by, at=at)


def prepare_probe(*, channel: Channel, level: int, key: ClientKey, at: datetime) -> tuple[int, str]:
    """Register a synthetic service to be rated; return its key and case number.

    It is marked, so nothing of it is counted or dispatched.
    """
    project_no = f"PROBE-{at:%Y%m%d%H%M%S}-{channel:d}-{level}"
    uscc = f"{_OURS}{uscc_check_character(_OURS)}"
    row = {
        "projectNo": project_no,
        "areaCode": str(PROVINCE_OF_THE_PLATFORM),
        "deptCode": uscc,
        "proDepart": _NOT_COUNTED,
    }
    row |= {"taskCode": f"{uscc}2{0:012d}", "taskName": _NOT_COUNTED, "serviceTime": at.isoformat()}
    return take_record(row=row, key=key, origin=record.Origin.SYNTHETIC, at=at).key, project_no


def note_probe(*, channel: Channel, level: int, record_id: int, said: str, at: datetime) -> bool:
    """Write down what a test found: good when the rating was stored as it was given.

    Return that.
    """
    if not said:
        stored = ratings.rated({record_id}).get(record_id)
        said = (
            ""
            if stored is not None and (stored.level, stored.channel) == (level, channel)
            else "not stored as given"
        )
    models.Probe.objects.create(channel=channel, level=level, at=at, good=not said, said=said[:120])
    return not said


def enter_probes(*, at: datetime) -> None:
    """Enter in the ledger what the tests of a moment found, for everybody to see: a channel that
    lets no bad rating in is told the same day (trust design §1.6).
    """
    found: dict[str, list[int]] = {}
    for probe in models.Probe.objects.filter(at=at, good=False):
        found.setdefault(Channel(probe.channel).name.lower(), []).append(probe.level)
    said = {"v": 1, "kind": "canary", "tested": models.Probe.objects.filter(at=at).count()}
    failed = {channel: sorted(levels) for channel, levels in found.items()}
    proofs.state(said={**said, "failed": failed, "at": at.isoformat()}, kind=Leaf.CANARY, at=at)
