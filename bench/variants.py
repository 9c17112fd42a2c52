"""The limits that intake is compared with: the same collector, with another way to store."""

from collections.abc import Sequence
from typing import Any

from haochaping.intake.collect import Collector  # sets Django up, so it comes first

# isort: split
from haochaping.evaluations.actions import Stored
from haochaping.evaluations.rules import Outcome
from haochaping.intake.commit import Committer, Waiting


class Bare(Committer):
    """Everything but the database: verify, decode, check, answer."""

    async def store(self, kind: str, waiting: Waiting) -> Sequence[Any]:  # noqa: ARG002 - the committer's signature
        """Answer as if it were stored."""
        return [Stored(1, Outcome.ACCEPTED) for _ in waiting.items]


class Naive(Committer):
    """The best way by hand without groups: prepared statements in one transaction per request,
    through a pool of six connections.
    """

    async def store(self, kind: str, waiting: Waiting) -> Sequence[Any]:
        """Commit this request alone."""
        async with self.connection() as connection, connection.transaction():
            fresh = await self.without_replays(connection, [waiting])
            await self.commit_together(kind, fresh, connection)
        return await waiting.answer


bare = Collector(Bare())
naive = Collector(Naive())
