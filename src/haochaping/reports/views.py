"""One's own reports and subscriptions."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.identity.queries import OfficeRequest
from haochaping.insight.rules.periods import Period, Span, containing
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import business_day
from haochaping.kernel.numbers import KEY, whole
from haochaping.notifications.rules import Way, masked_address
from haochaping.reports import actions, models, queries, rules

PAGE = 20


@require_GET
def report_list(request: OfficeRequest) -> HttpResponse:
    """Show one's reports, and what one has subscribed to."""
    person = request.person
    page = Paginator(queries.reports(person.id), PAGE).get_page(request.GET.get("page"))
    shown = []
    for row in queries.subscriptions(person.id):
        mail = queries.mail_of(row)
        shown.append((row, masked_address(Way.MAIL, mail) if mail else "", _preview(row)))
    return pages.render(
        request,
        "reports/list.html",
        page=page,
        periods={row.pk: Period(Span(row.subscription.span), row.since).name for row in page},
        subscriptions=shown,
        every=rules.EVERY,
        lately=clock.now() - queries.LATELY,
    )


def _preview(row: models.Subscription) -> str:
    """Return the address of what the last complete period would look like."""
    last = containing(Span(row.span), business_day(clock.now())).previous
    return rules.address_of(row.path, row.query, last)


@require_GET
def new(request: OfficeRequest) -> HttpResponse:
    """Ask how often a page is wanted, and where."""
    return _new(request, request.GET.get("page", ""), request.GET.get("title", ""))


@pages.within_scope
def _new(
    request: OfficeRequest, page: str, title: str, *, refusal: Refusal | None = None
) -> HttpResponse:
    path, query = rules.page_of(page)
    today = business_day(clock.now())
    previews = [
        (span, says, rules.address_of(path, query, containing(span, today).previous))
        for span, says in rules.EVERY.items()
    ]
    return pages.render(
        request,
        "reports/new.html",
        asked=f"{path}?{query}" if query else path,
        title=title.strip()[:80],
        previews=previews,
        mails=bool(settings.MAIL),
        refusal=refusal,
        status=refusal.status if refusal else 200,
    )


@pages.posted("reports:new")
def change(request: OfficeRequest) -> HttpResponse:
    """Subscribe, or cancel."""
    person, sent, at = request.person, request.POST, clock.now()
    cancelled = whole(sent.get("cancel"), digits=KEY)
    if cancelled is not None:
        actions.cancel(subscription_id=cancelled, by=person.id, at=at)
        return redirect("reports:list")
    page, title = sent.get("page", ""), sent.get("title", "")
    try:
        actions.subscribe(
            address=page,
            title=title,
            span=sent.get("span", ""),
            mail=sent.get("mail", ""),
            by=person.id,
            at=at,
        )
    except rules.BadSubscription:
        raise
    except Refusal as refusal:
        return _new(request, page, title, refusal=refusal)
    return redirect("reports:list")


@require_GET
def report(request: OfficeRequest, key: int) -> HttpResponse:
    """Hand out a report of one's own."""
    found = queries.report(key, request.person.id)
    response = HttpResponse(bytes(found.pdf), content_type="application/pdf")
    name = f"report-{found.subscription.span}-{found.since}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
