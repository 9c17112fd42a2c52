"""The catalogue of indicators, and its versions: drafted by one person, put in force by another."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.indicators import actions, queries, rules
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.numbers import KEY, whole
from haochaping.kernel.sheets import rows_of
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions

_BLANK = 6  # empty rows below a draft's codes
_LARGEST = 1024 * 1024
_FIELDS = ("code", "zh", "en", "applies", "channels", "regions", "items")


@require_GET
def show(request: OfficeRequest) -> HttpResponse:
    """Show the codes in force by level, the retired ones, and the versions."""
    retired = request.GET.get("version") == "1"
    chosen = [one for one in queries.read_now().values() if one.in_force is not retired]
    by_level = {level: [one for one in chosen if one.level == level] for level in rules.LEVELS}
    found = queries.editions()
    return pages.render(
        request,
        "indicators/catalogue.html",
        by_level=by_level,
        levels=rules.LEVELS,
        retired=retired,
        total=len(chosen),
        validity=queries.validity(),
        scope_of=_scope_of,
        editions=found,
        states=rules.STATES,
        names=identity.names({one.drafted_by for one in found}),
        may_keep=Right.KEEP_INDICATORS in request.person.rights,
    )


def _scope_of(scope: rules.Scope) -> Words:
    """Return where a code is offered, in words."""
    tree, codes, items = regions.tree(), scope.channels, scope.items
    named = ", ".join(map(str, codes))
    parts = [
        *(Words(tree.full_name(code), tree.full_name(code)) for code in scope.regions),
        *([Words(f"渠道 {named}", f"channels {named}")] if codes else []),
        *(Words(f"事项 {begins}…", f"items {begins}…") for begins in items),
    ]
    zh, en = ([one.zh for one in parts], [one.en for one in parts])
    return Words(f"仅 {'；'.join(zh)}", f"only {'; '.join(en)}")


@require_POST
def begin(request: OfficeRequest) -> HttpResponse:
    """Begin a version, or go on with the open one."""
    return redirect("indicators:edition", actions.begin(by=request.person.id, at=clock.now()))


@require_GET
def edition(request: OfficeRequest, edition_id: int) -> HttpResponse:
    """Show a version: its codes, what it changes, and how a citizen will see it."""
    return _edition(request, edition_id)


@pages.within_scope
def _edition(
    request: OfficeRequest,
    edition_id: int,
    refusal: Refusal | None = None,
    typed: list[dict[str, str]] | None = None,
) -> HttpResponse:
    found = queries.edition(edition_id)
    if found is None:
        raise NotFound
    entries = queries.entries_of(found)
    other = queries.edition(whole(request.GET.get("with"), digits=KEY) or 0)
    by_level = {
        level: sorted(
            (one for one in entries if one.code // 100 == level),
            key=lambda one: (not one.core, one.code),
        )
        for level in rules.LEVELS
    }
    return pages.render(
        request,
        "indicators/edition.html",
        status=refusal.status if refusal else 200,
        edition=found,
        shown=queries.mark_of(found),
        rows=typed or [_row(one) for one in entries],
        blank=range(_BLANK),
        known=queries.read_now(),
        by_level=by_level,
        levels=rules.LEVELS,
        changes=queries.changes_of(found, other),
        other=other,
        editions=[one for one in queries.editions() if one.pk != found.pk],
        states=rules.STATES,
        names=identity.names({found.drafted_by, found.decided_by or 0}),
        me=request.person.id,
        refusal=refusal,
    )


def _row(entry: rules.Entry) -> dict[str, str]:
    told = {"code": str(entry.code), "zh": entry.zh, "en": entry.en, "applies": entry.applies.value}
    told |= {name: ",".join(map(str, some)) for name, some in vars(entry.scope).items()}
    return {**told, "core": "1" if entry.core else ""}


@pages.posted("indicators:edition", "edition_id")
def change(request: OfficeRequest, edition_id: int) -> HttpResponse:
    """Keep a draft, hand it in, put it in force or give it back."""
    sent, by, at = request.POST, request.person.id, clock.now()
    rows: list[Any] = [*_typed(sent)]
    try:
        if sent.get("do") == "decide":
            approve = sent.get("verdict") == "approve"
            reason = sent.get("reason", "")
            shown = sent.get("shown")
            actions.decide(
                edition_id=edition_id, approve=approve, reason=reason, shown=shown, by=by, at=at
            )
            return redirect("indicators:edition", edition_id)
        file = request.FILES.get("file")
        if file is not None:
            data = file.read(_LARGEST)
            rows = list(rows_of(str(file.name), data, rules.COLUMNS))
        note = sent.get("note", "")
        shown = sent.get("shown")
        actions.keep(edition_id=edition_id, rows=rows, note=note, shown=shown, by=by, at=at)
        if sent.get("do") == "submit":
            actions.submit(edition_id=edition_id, by=by, at=at)
    except Refusal as refusal:
        return _edition(request, edition_id, refusal, rows or None)
    return redirect("indicators:edition", edition_id)


def _typed(sent: Any) -> list[dict[str, str]]:
    """Return the rows of the form that say something and are not to be dropped."""
    columns = {name: sent.getlist(name) for name in _FIELDS}
    core, dropped = set(sent.getlist("core")), set(sent.getlist("drop"))
    rows = [
        {name: some[place] if place < len(some) else "" for name, some in columns.items()}
        for place in range(len(columns["code"]))
    ]
    return [
        {**row, "core": "1" if str(place) in core else ""}
        for place, row in enumerate(rows)
        if str(place) not in dropped and (row["code"].strip() or row["zh"].strip())
    ]
