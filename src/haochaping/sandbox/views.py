"""The integrator's pages: a key without asking, and every call explained."""

import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from haochaping.identity.rules import CLOCK_SKEW_SECONDS, WRONG_TIME
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words
from haochaping.sandbox import actions, models, queries, rules


def home(request: HttpRequest) -> HttpResponse:
    """Show how to connect a system, and give keys for the sandbox."""
    refusal, made = None, None
    if request.method == "POST":
        name, address = request.POST.get("name", ""), request.META.get("REMOTE_ADDR") or None
        try:
            made = actions.make(name=name, address=address, at=clock.now())
        except Refusal as told:
            refusal = told
    status = refusal.status if refusal else 201 if made else 200
    return pages.render(
        request,
        "sandbox/home.html",
        status=status,
        made=made,
        refusal=refusal,
        collector=settings.COLLECTOR_URL,
        steps=rules.STEPS,
        days=rules.DAYS.days,
        guides={name: title for name, (title, _) in queries.guides().items()},
        samples=queries.samples(),
    )


@require_GET
def guide(_request: HttpRequest, name: str) -> HttpResponse:
    """Hand out a guide as its text: it reads well in any editor, and is of this very release."""
    found = queries.guides().get(name)
    if found is None:
        raise Http404
    answer = HttpResponse(found[1].read_bytes(), content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=600"
    return answer


@require_GET
def sample(_request: HttpRequest, name: str) -> HttpResponse:
    """Hand out a client of this very release."""
    if name not in queries.samples():
        raise Http404
    saved = {"Content-Disposition": f'attachment; filename="{name}"'}
    saved["Cache-Control"] = "public, max-age=600"
    return HttpResponse(
        queries.sample(name), content_type="application/octet-stream", headers=saved
    )


def example(request: HttpRequest) -> HttpResponse:
    """Say what stands here in production: where the link of a sandbox leads."""
    return pages.render(request, "sandbox/example.html")


def system(request: HttpRequest, token: str) -> HttpResponse:
    """Show a sandbox: how far it is, its keys and its last calls."""
    found = _system(token)
    return pages.render(
        request,
        "sandbox/system.html",
        system=found,
        token=token,
        keys=queries.keys(found.pk, clock.now()),
        calls=queries.calls(found.pk),
        steps=rules.STEPS,
        says=_said,
    )


def call(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """Show one call: what came, what was signed, what was answered and what to mend."""
    found = _system(token)
    one = queries.call(found.pk, number)
    if one is None:
        raise Http404
    return pages.render(
        request, "sandbox/call.html", call=one, token=token, says=_said(one), hints=_hints(one)
    )


def _system(token: str) -> models.System:
    found = queries.system_of(token, clock.now())
    if found is None:
        raise Http404
    return found


def _said(one: models.Call) -> Words | None:
    """Return the sentence of a refusal; none where its answer was too long to be kept whole."""
    try:
        told = json.loads(one.answer) if one.code else {}
    except ValueError:
        return None
    return Words(told["detail_zh"], told["detail"]) if told else None


def _hints(one: models.Call) -> list[Words]:
    """Return what to mend, as far as it can be guessed."""
    if one.guess in rules.MISTAKES:
        return [rules.MISTAKES[one.guess][0]]
    said = _said(one)
    if said is not None and said.zh == WRONG_TIME.zh:
        return [_clock(one)]
    if one.signed_text:
        return [
            Words(
                "下面的原文与您签名的原文逐行比对：若完全相同，则是密钥不对（注意首尾空白）。",
                "Compare the text below with yours line by line: where it is the same, the secret "
                "is another; mind white space at its ends.",
            )
        ]
    return []


def _clock(one: models.Call) -> Words:
    seconds = whole(str(one.headers.get("x-hcp-time", "")), digits=16) or 0
    if seconds > 10**11:
        return Words(
            "X-HCP-Time 应为秒，您发送的是毫秒。",
            "X-HCP-Time counts seconds; yours are milliseconds.",
        )
    off = round(seconds - one.at.timestamp())
    return Words(
        f"您的时钟与平台相差 {off:+d} 秒，允许 {CLOCK_SKEW_SECONDS} 秒。",
        f"Your clock differs from ours by {off:+d} s; {CLOCK_SKEW_SECONDS} s are allowed.",
    )
