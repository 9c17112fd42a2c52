"""Handing in what partners send, through the same doors as everybody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import rules as rating
from haochaping.evaluations.rules import Channel
from haochaping.exchange import rules
from haochaping.identity.rules import ClientKey
from haochaping.indicators import queries as indicators
from haochaping.invitations import actions as invitations
from haochaping.kernel.db import talk
from haochaping.kernel.errors import NotAllowed, Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.words import Words
from haochaping.records import actions as records
from haochaping.records import rules as record
from haochaping.regions import queries as regions

_LOCAL = "%Y-%m-%d %H:%M:%S"


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
