"""Handing in what partners send, through the same doors as everybody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from haochaping.audit import actions as audit
from haochaping.directory.rules import uscc_check_character
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import queries as ratings
from haochaping.evaluations import rules as rating
from haochaping.evaluations.rules import Channel
from haochaping.exchange import models, rules
from haochaping.identity import actions as identity
from haochaping.identity.rules import SYSTEM, ClientKey
from haochaping.indicators import queries as indicators
from haochaping.invitations import actions as invitations
from haochaping.kernel.db import talk
from haochaping.kernel.errors import NotAllowed, Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.words import Words
from haochaping.records import actions as records
from haochaping.records import rules as record
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


@dataclass(frozen=True)
class Taken:
    """What became of a message: the key of the record, the receipt of a rating, and whether it was there before."""

    key: int
    receipt: str = ""
    repeated: bool = False


class Exists(Refusal):
    """The service is registered with other content; clients know these words."""

    status = 409
    code = "already_registered"
    says = Words("已存在该条服务信息，请勿重复提交！", "This service is registered with other content.")


class OutsideScope(NotAllowed):
    """The partner may not write there."""

    code = "outside_scope"
    says = Words("该行政区划不在本系统的接入范围内。", "This region lies outside the client's scope.")


def take_record(*, row: Mapping[str, str], key: ClientKey, origin: record.Origin = record.Origin.REGISTERED, by: int, at: datetime) -> Taken:
    """Register the service that a row in national names describes; raises refusals."""
    given = record.from_national(rules.completed(row, at.isoformat()))
    found = record.accept(given, regions.tree().resolve, at, origin)
    if not key.reach.covers(found.region):
        raise OutsideScope
    (stored,) = talk(records.register(records=[found], client_id=key.client_id, by=by, at=at))
    if stored.outcome is records.Outcome.CONFLICT:
        raise Exists
    return Taken(stored.key, repeated=stored.outcome is records.Outcome.DUPLICATE)


def take_rating(*, row: Mapping[str, str], dialect: rules.Dialect, key: ClientKey, by: int, at: datetime) -> Taken:
    """Store the rating that a row in national names describes; raises refusals."""
    given = rating.from_national({"serviceNumber": "1", **{name: value for name, value in row.items() if value}}, rules.CHANNELS[dialect])
    ready = rating.accept(given, indicators.catalogue(), at)
    (stored,) = talk(evaluations.submit(ratings=[ready], reach=key.reach, client_id=key.client_id, by=by, at=at))
    if stored.refusal is not None or stored.key is None:
        raise stored.refusal or rating.AlreadyRated()
    return Taken(stored.key, receipt_number(stored.key), stored.outcome is rating.Outcome.DUPLICATE)


def rating_address(*, key: int, base: str, channel: Channel = Channel.LINK, by: int, at: datetime) -> str:
    """Return a one-time address at which the citizen rates a service."""
    return f"{base}/e/{invitations.invite(record_id=key, channel=channel, by=by, at=at)}"


_CLIENT = "渠道巡检 channel probe"
_OURS = "11320000HCPTEXT01"  # credit code of nobody: the tests' own department


def announce_probe(*, by: int = SYSTEM, at: datetime) -> ClientKey:
    """Say in the audit trail that the channels are going to be tested; return the key with which the interface is."""
    details = {"channels": [channel.name.lower() for channel in Channel], "levels": "5-1"}
    audit.record(subject="channel", subject_id=0, verb="probe", details=details, region=PROVINCE_OF_THE_PLATFORM, by=by, at=at)
    return identity.own_key(client=_CLIENT, by=by, at=at)


def prepare_probe(*, channel: Channel, level: int, key: ClientKey, by: int = SYSTEM, at: datetime) -> tuple[int, str]:
    """Register a synthetic service to be rated; return its key and case number. It is marked, so nothing of it is counted or dispatched."""
    project_no = f"PROBE-{at:%Y%m%d%H%M%S}-{channel:d}-{level}"
    uscc = f"{_OURS}{uscc_check_character(_OURS)}"
    row = {"projectNo": project_no, "areaCode": str(PROVINCE_OF_THE_PLATFORM), "deptCode": uscc, "proDepart": "渠道巡检（不计入统计）"}
    row |= {"taskCode": f"{uscc}2{0:012d}", "taskName": "渠道巡检（不计入统计）", "serviceTime": at.isoformat()}
    return take_record(row=row, key=key, origin=record.Origin.SYNTHETIC, by=by, at=at).key, project_no


def note_probe(*, channel: Channel, level: int, record_id: int, said: str, by: int = SYSTEM, at: datetime) -> bool:  # noqa: ARG001 - every action says who
    """Write down what a test found: good when the rating was stored as it was given. Return that."""
    if not said:
        stored = ratings.rated({record_id}).get(record_id)
        said = "" if stored is not None and (stored.level, stored.channel) == (level, channel) else "not stored as given"
    models.Probe.objects.create(channel=channel, level=level, at=at, good=not said, said=said[:120])
    return not said


def norms(*, by: int, at: datetime) -> list[dict[str, Any]]:  # noqa: ARG001 - every action says who and when
    """Return the indicators as the national interface lists them (domain §2)."""
    return [
        {
            "normCode": str(found.code),
            "normName": found.says.zh,
            "starLevel": str(found.level),
            "usingStatus": "true" if found.in_force else "false",
            "expandNorm": "false" if found.core else "true",
        }
        for found in indicators.catalogue().values()
    ]
