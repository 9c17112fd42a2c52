"""系统运行: readers of the feed, what is in trouble, and background jobs."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.audit import actions as audit
from haochaping.feed import queries as feed
from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.kernel import clock, jobs, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.numbers import KEY, whole
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


@require_GET
def running(request: OfficeRequest) -> HttpResponse:
    """Show how the platform goes on."""
    return _running(request)


@pages.within_scope
def _running(request: OfficeRequest, refusal: Refusal | None = None) -> HttpResponse:
    now, failed = clock.now(), jobs.failed()
    return pages.render(
        request,
        "console/running.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        readers=feed.readers(),
        lag=feed.LAG,
        now=now,
        well=not (feed.alarms(now) or failed),
        pending=feed.state()["pending"],
        troubles=feed.troubles(),
        aside=feed.aside(),
        queues=jobs.queues(),
        failed=failed,
        may=request.person.region == PROVINCE_OF_THE_PLATFORM,
    )


@pages.posted("console:running")
def retry_job(request: OfficeRequest) -> HttpResponse:
    """Have a job that was given up run again."""
    person = request.person
    identity.require(person.id, Right.RUN_SYSTEM, within=PROVINCE_OF_THE_PLATFORM)
    key, at = whole(request.POST.get("job", ""), digits=KEY), clock.now()
    if key is None:
        raise NotFound
    try:
        task = jobs.retry(key, at)
    except jobs.NoSuchJob as refusal:
        return _running(request, refusal)
    audit.note_retried(job_id=key, task=task, region=person.region, by=person.id, at=at)
    return redirect("console:running")
