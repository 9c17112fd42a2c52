"""The platforms that the demonstration exchanges with: the nation's and two cities', simulated, and
a difference with one of them that a person can find and close.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.conf import settings

from haochaping.demo.simulator import Platform
from haochaping.exchange import actions, queries, rules, tasks
from haochaping.identity.rules import SYSTEM
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

_CITIES = {"南京市政务平台": 320100000000, "苏州市政务平台": 320500000000}
PLATFORMS = {"国家政务服务平台": PROVINCE_OF_THE_PLATFORM, **_CITIES}
FORGETFUL = "苏州市政务平台"  # restored a backup, and lacks what came after it
_DAYS = 7  # of history that is told
_SOME = 40  # messages that it must have before it forgets


@dataclass
class Partners:
    """The simulated platforms, by the names of the partners."""

    platforms: dict[str, Platform]
    forgot: bool = False

    @classmethod
    def begin(cls, at: datetime) -> "Partners":
        """Start the platforms and have the platform know where they listen."""
        folder = settings.HOME / "simulators"
        folder.mkdir(exist_ok=True)
        platforms = {}
        for name, region in PLATFORMS.items():
            file = folder / f"{region}.jsonl"
            platform = Platform(random=Random(region), file=file)
            known = queries.partner_named(name)
            if known is None:
                agreed = actions.Connection(name, rules.Outward.NATIONAL, region, platform.url)
                partner_id, secret = actions.connect(agreed=agreed, by=SYSTEM, at=at)
                _tell_history(partner_id, at)
            else:
                actions.move(partner_id=known.pk, url=platform.url, by=SYSTEM, at=at)
                secret = dict(queries.secret_of(known))
            platform.key = secret["kid"], secret["secret"]
            platforms[name] = platform
        return cls(platforms)

    def tend(self, at: datetime) -> None:
        """Have the forgetful one forget, once, what it had of a day that is over."""
        if self.forgot:
            return
        platform = self.platforms[FORGETFUL]
        today = at.date().isoformat()
        old = [
            (one, document)
            for one, (family, document) in list(platform.kept.items())
            if family == rules.Family.EVALUATION and document["assessTime"][:10] < today
        ]
        partner = queries.partner_named(FORGETFUL)
        if partner is None or len(old) < _SOME or queries.ever_differed(partner.pk):
            return
        self.forgot = True
        (lost, _), (altered, document) = old[len(old) // 2 : len(old) // 2 + 2]
        platform.lose(lost)
        better = {**document, "satisfaction": "5", "evalDetail": ""}
        platform.keep(altered, rules.Family.EVALUATION, better)
        for name in self.platforms:
            found = queries.partner_named(name)
            if found is not None:
                tasks.compare.defer(partner_id=found.pk)


def _tell_history(partner_id: int, at: datetime) -> None:
    """Queue the last week, which happened before there was a partner."""
    since, after = at - timedelta(days=_DAYS), 0
    while (
        follows := actions.tell_history(partner_id=partner_id, since=since, after=after, at=at)
    ) is not None:
        after = follows
