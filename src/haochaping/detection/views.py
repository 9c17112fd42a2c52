"""异常线索: what the detectors found, the evidence, two people's verdict, and the appeal."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import batched

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from haochaping.detection import actions, models, queries, rules
from haochaping.detection.detectors import DETECTORS
from haochaping.detection.rules.detector import UNITS, Unit
from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.errors import Conflict, NotFound, Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.moments import business_day
from haochaping.kernel.numbers import whole, wholes
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions

PAGE, _EXAMPLES = 30, 12
_QUARTER = timedelta(days=90)
FAKES = frozenset(key for key, detector in DETECTORS.items() if detector.fakes)


@require_GET
def finding_list(request: OfficeRequest) -> HttpResponseBase:
    """Show the findings, by state and detector, with how each detector has fared; as a file if
    asked for.
    """
    if not downloads.wanted(request):
        return _list(request)
    found = queries.findings(request.person.reach, *_asked(request)).iterator()
    lines = (line for some in batched(found, PAGE) for line in _lines(some))
    return downloads.answer(request, Table("findings", _TITLE, _COLUMNS, lines))


def _asked(request: OfficeRequest) -> tuple[str, str, int | None]:
    """Return the state and the detector that are asked for, empty for any, and the city."""
    state = request.GET.get("state", "suspected")
    detector = request.GET.get("detector", "")
    city = whole(request.GET.get("city", ""), digits=6)
    known = detector if detector in DETECTORS else ""
    return state if state in list(rules.State) else "", known, city


_TITLE = Words("异常线索", "Findings")
_COLUMNS = (
    Column(Words("对象", "Unit")),
    Column(Words("地区", "Place")),
    Column(Words("检测项", "Detector")),
    Column(Words("发现", "What was found")),
    Column(Words("占比", "Share"), Kind.SHARE),
    Column(Words("预期", "Expected"), Kind.SHARE),
    Column(Words("自", "From")),
    Column(Words("至", "Until")),
    Column(Words("状态", "State")),
)


def _lines(findings: Sequence[models.Finding]) -> Iterator[Line]:
    names, tree = _names(findings), regions.tree()
    for one in findings:
        how = DETECTORS[one.detector]
        yield Line(
            (
                names.get((one.unit, one.unit_id), ""),
                tree.full_name(one.region),
                Words(f"{how.code} {how.name.zh}", f"{how.code} {how.name.en}"),
                _said(one),
                one.share,
                one.expected,
                one.since.isoformat(),
                one.until.isoformat(),
                rules.STATES[rules.State(one.state)],
            )
        )


@pages.within_scope
def _list(request: OfficeRequest, refusals: Sequence[Refusal] = (), done: int = 0) -> HttpResponse:
    reach = request.person.reach
    state, detector, city = _asked(request)
    found = queries.findings(reach, state, detector, city)
    number = max(1, whole(request.GET.get("page", "")) or 1)
    shown = list(found[(number - 1) * PAGE : number * PAGE])
    return pages.render(
        request,
        "detection/list.html",
        status=refusals[0].status if refusals and not done else 200,
        findings=[(one, DETECTORS[one.detector], _said(one)) for one in shown],
        total=(total := found.count()),
        onward=pages.onward(request.GET),
        page=number,
        last=max(1, -(-total // PAGE)),
        names=_names(shown),
        state=state,
        states=rules.STATES,
        detector=detector,
        city=city,
        detectors=DETECTORS,
        tallies={one.detector: one for one in queries.tallies(reach, _since())},
        runs=queries.last_runs(reach),
        offered=rules.OFFERED.get(rules.State(state)) if state else None,
        verdicts=rules.VERDICTS,
        tree=regions.tree(),
        refusals=refusals,
        done=done,
        sent=request.POST,
    )


def _since() -> date:
    return business_day(clock.now()) - _QUARTER


def _said(finding: models.Finding) -> Words:
    facts = {"k": finding.k, "n": finding.n, "share": finding.share, "expected": finding.expected}
    return DETECTORS[finding.detector].sentence(facts)


def _names(findings: Sequence[models.Finding]) -> dict[tuple[str, int], str]:
    """Return what the units are called."""
    names: dict[tuple[str, int], str] = {}
    for kind in Unit:
        ids = sorted({one.unit_id for one in findings if one.unit == kind})
        for place in directory.places(kind, ids) if ids else ():
            where = place.hall if kind is Unit.WINDOW else place.department
            shown = place.title if kind is Unit.DEPARTMENT else f"{where} {place.title}"
            names[kind, place.id] = shown
    return names


@require_GET
def finding(request: OfficeRequest, key: int) -> HttpResponse:
    """Show one finding with its evidence: what, compared with whom, when, which ratings."""
    return _finding(request, key)


@pages.within_scope
def _finding(request: OfficeRequest, key: int, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    decided = Right.SCREEN not in person.rights
    found = queries.finding(key, person.reach, decided=decided)
    if found is None:
        raise NotFound
    said = queries.opinions(key)
    shown = found.ratings[:_EXAMPLES]
    department = directory.department_names({found.department_id})
    return pages.render(
        request,
        "detection/one.html",
        status=refusal.status if refusal else 200,
        finding=found,
        detector=DETECTORS[found.detector],
        said=_said(found),
        name=_names([found]).get((found.unit, found.unit_id), "—"),
        unit=UNITS[Unit(found.unit)],
        department=department.get(found.department_id, "—"),
        place=regions.tree().full_name(found.region),
        states=rules.STATES,
        verdicts=rules.VERDICTS,
        opinions=said,
        people=identity.names({one.by for one in said} | {found.appealed_by or 0}),
        offered=_offered(request, found, said),
        may_appeal=found.state == rules.State.INVALID
        and Right.HANDLE in person.rights
        and person.reach.department_id == found.department_id,
        ratings=evaluations.rated(set(shown)),
        receipts=[(key, receipt_number(key)) for key in shown],
        sees_ratings=Right.SEE_RATINGS in person.rights,
        levels=LEVELS,
        refusal=refusal,
        note=request.POST.get("note", ""),
    )


def _offered(
    request: OfficeRequest, found: models.Finding, said: Sequence[models.Opinion]
) -> tuple[rules.Verdict, ...]:
    """Return what this person may say of a finding now."""
    person = request.person
    if Right.SCREEN not in person.rights or person.reach.department_id is not None:
        return ()
    if person.id in {one.by for one in said}:
        return ()
    return rules.OFFERED.get(rules.State(found.state), ())


@pages.posted("detection:list")
def judge(request: OfficeRequest) -> HttpResponse:
    """Say of one finding or of several what one found; one that refuses keeps back no other."""
    one = whole(request.POST.get("back", ""))
    done, refusals = 0, list[Refusal]()
    for ids in [[key] for key in wholes(request.POST.getlist("finding"))] or [[]]:
        try:
            actions.judge(
                finding_ids=ids,
                verdict=request.POST.get("verdict", ""),
                note=request.POST.get("note", ""),
                fakes=FAKES,
                by=request.person.id,
                at=clock.now(),
            )
            done += 1
        except (rules.BadVerdict, rules.OwnUnit, Conflict) as refusal:
            refusals.append(refusal)
    if refusals:
        return _finding(request, one, refusals[0]) if one else _list(request, refusals, done)
    if one:
        return redirect("detection:one", one)
    return redirect(reverse("detection:list") + pages.onward(request.GET))


@pages.posted("detection:one", "key")
def appeal(request: OfficeRequest, key: int) -> HttpResponse:
    """Appeal against a verdict."""
    try:
        actions.appeal(
            finding_id=key, text=request.POST.get("note", ""), by=request.person.id, at=clock.now()
        )
    except (rules.BadVerdict, rules.NotNow) as refusal:
        return _finding(request, key, refusal)
    return redirect("detection:one", key)


@require_GET
def catalogue(request: OfficeRequest) -> HttpResponse:
    """Show each detector with its definition, what it needs and what it cannot tell apart."""
    return _catalogue(request)


@pages.within_scope
def _catalogue(request: OfficeRequest) -> HttpResponse:
    tallies = {one.detector: one for one in queries.tallies(request.person.reach, _since())}
    return pages.render(
        request,
        "detection/catalogue.html",
        detectors=DETECTORS,
        units=UNITS,
        states=rules.STATES,
        tallies=tallies,
    )
