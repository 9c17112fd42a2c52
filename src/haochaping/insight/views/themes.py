"""营商环境 and “一件事”: sets of items as panels, kept by an office in the browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from haochaping.analytics import queries
from haochaping.analytics.rules import Counts, wilson
from haochaping.analytics.rules.grains import Subject
from haochaping.directory import queries as directory
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.insight.rules import comparison
from haochaping.insight.rules.comparison import Compared, Unit
from haochaping.insight.rules.fair import FEWEST
from haochaping.insight.views import figures
from haochaping.insight.views.asked import Asked, of_the_whole, read
from haochaping.insight.views.downloads import answer
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.numbers import whole
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions.rules import scope
from haochaping.themes import actions as keeping
from haochaping.themes import queries as themes
from haochaping.themes import rules

_ENTERPRISE = 2


@dataclass(frozen=True)
class Step:
    """A part of a theme in figures: its ratings everywhere, and whether it is where people stumble:
    its bad share is surely above that of the whole.
    """

    basis: str
    name: str
    items: tuple[int, ...]
    counts: Counts
    weak: bool


def steps(asked: Asked, theme: themes.Seen) -> list[Step]:
    """Return the parts of a theme with their figures; of the business environment those of
    enterprises alone.
    """
    items = directory.of_basis([basis for basis, _ in theme.parts], scope(asked.region))
    where = {item: basis for basis, some in items.items() for item in some}
    party = _ENTERPRISE if theme.kind is rules.Kind.BUSINESS else asked.party
    cut, of = asked.cut(party=party), Subject.ITEM
    sums: dict[str, Counts] = {}
    for row in queries.totals(cut, (of.value,), now=asked.now, subject=of, keys=where):
        basis = where[row[of.value]]
        sums[basis] = sums.get(basis, Counts()) + queries.counts(row)
    every = sum(sums.values(), Counts()).adjusted
    share = every.bad / every.total if every.total else 0.0
    return [
        Step(basis, name, tuple(items.get(basis, ())), one, _weak(one, share))
        for basis, name in theme.parts
        for one in (sums.get(basis, Counts()),)
    ]


def _widened(asked: Asked, kind: rules.Kind) -> tuple[date, date]:
    """Return the days that a kind of theme is answered for."""
    party = _ENTERPRISE if kind is rules.Kind.BUSINESS else asked.party
    return queries.widened(asked.cut(party=party), (Subject.ITEM.value,), Subject.ITEM)


def _weak(counts: Counts, share: float) -> bool:
    adjusted = counts.adjusted
    return adjusted.total >= FEWEST and wilson(adjusted.bad, adjusted.total)[0] > share


def compared(asked: Asked, found: Sequence[themes.Seen]) -> list[tuple[themes.Seen, Compared, str]]:
    """Return themes with their scores among those of their kind, and the name of the weak step."""
    parts = {theme.id: steps(asked, theme) for theme in found}
    scores: dict[int, Compared] = {}
    for kind in {theme.kind for theme in found}:
        units = [
            Unit(one.id, one.name, sum((step.counts for step in parts[one.id]), Counts()))
            for one in found
            if one.kind == kind
        ]
        scores |= {one.unit.key: one for one in comparison.compare(units)}
    weak = {key: next((one.name for one in some if one.weak), "") for key, some in parts.items()}
    return [(theme, scores[theme.id], weak[theme.id]) for theme in found]


@require_GET
@of_the_whole
def theme_list(request: OfficeRequest) -> HttpResponseBase:
    """Show both kinds of themes with their scores and weak steps."""
    asked = read(request)
    found = compared(asked, themes.themes(asked.person.reach))
    tables = [
        figures.bands_table(
            kind,
            words,
            Words("主题", "Theme"),
            comparison.by_band([one for theme, one, _ in found if theme.kind is kind]),
            {
                theme.id: reverse("insight:theme", args=[theme.id]) + asked.query()
                for theme, _, _ in found
            },
        )
        for kind, words in rules.KINDS.items()
    ]
    return answer(
        request,
        asked,
        template="insight/themes.html",
        title=Words("营商环境与“一件事”", "Themes"),
        tables=tables,
        widened=_widened(asked, rules.Kind.BUSINESS),
        weak={theme.name: step for theme, _, step in found if step},
        kinds=rules.KINDS,
        may_keep=Right.SUPERVISE in asked.person.rights,
    )


@require_GET
@of_the_whole
def theme(request: OfficeRequest, key: int) -> HttpResponseBase:
    """Show a theme: each part's ratings, where it breaks, and what people say there."""
    asked = read(request)
    found = themes.one(key, asked.person.reach)
    if found is None:
        raise NotFound
    parts = steps(asked, found)
    return answer(
        request,
        asked,
        template="insight/theme.html",
        title=Words(found.name, found.name),
        tables=[_parts_table(asked, parts)],
        widened=_widened(asked, found.kind),
        theme=found,
        parts=parts,
        kinds=rules.KINDS,
        total=sum((one.counts for one in parts), Counts()).adjusted,
        may_keep=Right.SUPERVISE in asked.person.rights and asked.person.reach.covers(found.region),
    )


def _part_line(asked: Asked, one: Step) -> Line:
    adjusted = one.counts.adjusted
    low, high = wilson(adjusted.bad, adjusted.total) if adjusted.total else (None, None)
    href = reverse("insight:item", args=[one.items[0]]) + asked.query() if one.items else ""
    mark = Words("薄弱环节", "weak step") if one.weak else ""
    bad = (adjusted.bad, low, high, one.counts.rated_share)
    return Line((one.name, mark, adjusted.total, adjusted.good_rate, *bad), href)


def _parts_table(asked: Asked, parts: Sequence[Step]) -> Table:
    return Table(
        "parts",
        Words("各环节", "Steps"),
        (
            Column(Words("环节", "Step")),
            Column(Words("提示", "Mark")),
            figures.RATINGS,
            figures.GOOD,
            figures.BAD_ONES,
            Column(Words("差评率 95% 下限", "Bad, 95 % low"), Kind.SHARE),
            Column(Words("差评率 95% 上限", "Bad, 95 % high"), Kind.SHARE),
            figures.RATED,
        ),
        [_part_line(asked, one) for one in parts],
        Words(
            "差评率下限仍高于整体的，才标为薄弱环节。",
            "Weak only where even the lower bound lies above the whole.",
        ),
    )


@require_GET
def edit(request: OfficeRequest) -> HttpResponse:
    """Show the form of a theme: its name, and matters to choose by name."""
    return _edit(request)


@pages.within_scope
def _edit(request: OfficeRequest, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    given = request.POST if refusal else request.GET
    known = themes.one(whole(given.get("theme", "")) or 0, person.reach)
    search = given.get("search", "").strip()[:40]
    chosen = [basis for basis, _ in known.parts] if known else []
    items = directory.of_basis(chosen, (0, 10**12))
    picked = [
        (items[basis][0], name) for basis, name in (known.parts if known else ()) if basis in items
    ]
    return pages.render(
        request,
        "insight/theme_form.html",
        status=refusal.status if refusal else 200,
        theme=known,
        kinds=rules.KINDS,
        kind=known.kind if known else given.get("kind", "business"),
        name=given.get("name", known.name if known else ""),
        picked=picked,
        found=[
            pair
            for pair in directory.matters(person.reach.scope, search)
            if pair[0] not in {key for key, _ in picked}
        ],
        search=search,
        refusal=refusal,
    )


@pages.posted("insight:themes")
def keep(request: OfficeRequest) -> HttpResponse:
    """Keep a theme."""
    sent, person = request.POST, request.person
    known = themes.one(whole(sent.get("theme", "")) or 0, person.reach)
    kind = sent.get("kind", "")
    try:
        key = keeping.keep(
            kind=rules.Kind(kind) if kind in set(rules.Kind) else rules.Kind.BUSINESS,
            name=sent.get("name", ""),
            items=[one for one in map(whole, sent.getlist("item")) if one],
            region=known.region if known else person.region,
            theme_id=known.id if known else None,
            by=person.id,
            at=clock.now(),
        )
    except rules.BadTheme as refusal:
        return _edit(request, refusal)
    return redirect("insight:theme", key)


@require_POST
def retire(request: OfficeRequest, key: int) -> HttpResponse:
    """Show a theme no more."""
    keeping.retire(theme_id=key, by=request.person.id, at=clock.now())
    return redirect("insight:themes")
