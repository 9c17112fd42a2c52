"""Filters of lists that people keep for themselves."""

from django.db import transaction

from haochaping.identity import models
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

MOST = 12  # of one list
_LONGEST, _LISTS = 600, 40  # characters of a filter, lists with filters


class NoFilter(Refusal):
    """There is nothing to keep, or too much is kept."""

    code = "no_filter"
    says = Words(
        f"请先设好筛选条件并起一个名字；每个列表最多保存 {MOST} 个。",
        f"Set a filter and give it a name; a list keeps {MOST} at most.",
    )


@transaction.atomic
def keep_filter(*, path: str, name: str, query: str, by: int) -> None:
    """Keep a filter of a list under a name, in place of the one that had it; raises NoFilter."""
    user = models.User.objects.select_for_update().get(pk=by)
    name, mine = name.strip()[:30], dict(user.filters.get(path, {}))
    mine[name] = query
    kept = {**user.filters, path: mine}
    if not name or not query or len(query) > _LONGEST or len(mine) > MOST or len(kept) > _LISTS:
        raise NoFilter
    user.filters = kept
    user.save(update_fields=["filters"])


@transaction.atomic
def drop_filter(*, path: str, name: str, by: int) -> None:
    """Forget a filter of one's own."""
    user = models.User.objects.select_for_update().get(pk=by)
    mine = {one: query for one, query in user.filters.get(path, {}).items() if one != name}
    others = {one: some for one, some in user.filters.items() if one != path}
    user.filters = {**others, path: mine} if mine else others
    user.save(update_fields=["filters"])
