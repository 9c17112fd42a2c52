"""Sign-in, the work desk, ratings and the audit trail."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from haochaping.analytics import queries as analytics
from haochaping.audit import queries as audit
from haochaping.devices import actions as device_actions
from haochaping.devices import queries as devices
from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import CHANNELS
from haochaping.identity import actions as identity
from haochaping.identity import queries as people
from haochaping.identity.queries import Person
from haochaping.identity.rules import ROLES, Right, sign_in_wait
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.ids import first_key, key_of_receipt
from haochaping.kernel.moments import business_day
from haochaping.kernel.numbers import KEY, whole
from haochaping.kernel.words import Words
from haochaping.orders import queries as orders
from haochaping.orders import rules as moves
from haochaping.records import queries as records
from haochaping.regions import queries as regions
from haochaping.screening import queries as screening
from haochaping.screening import rules as screened

PAGE = 30
AUDIT_PAGE = 100
SUBJECTS: Mapping[str, Words] = {
    "order": Words("工单", "order"),
    "evaluation": Words("评价", "rating"),
    "user": Words("账号", "account"),
    "api_key": Words("接口密钥", "key"),
    "directory": Words("基础数据", "directory"),
    "qr_code": Words("二维码", "QR code"),
    "device": Words("设备", "device"),
    "window": Words("窗口", "window"),
    "platform": Words("平台", "platform"),
    "channel": Words("渠道", "channel"),
    "call": Words("回访", "call"),
    "staff": Words("人员", "staff"),
    "policy": Words("处置规则", "policy"),
    "sample": Words("随机抽查", "sample"),
    "hotline": Words("12345 系统", "12345 system"),
    "calendar": Words("工作日历", "calendar"),
    "dispatch_rule": Words("派单规则", "dispatch rule"),
}
VERBS: Mapping[str, Words] = {
    **{name: move.says for name, move in moves.MOVES.items()},
    **moves.EVENTS,
    "attach": Words("上传附件", "Attached a file"),
    "quarantine": Words("附件隔离", "Quarantined a file"),
    "propose": Words("提议规则", "Proposed a policy"),
    "approve": Words("审核规则", "Approved a policy"),
    "keep": Words("启用规则", "Kept a rule"),
    "retire": Words("停用规则", "Retired a rule"),
    "reveal_phone": Words("查看群众电话", "Looked at a phone number"),
    "release": Words("异常放行", "Released a rating"),
    "rate_by_phone": Words("电话登记评价", "Registered a rating by phone"),
    "refuse_waiting": Words("待登记评价被拒", "Refused a waiting rating"),
    "appoint": Words("任命账号", "Appointed"),
    "issue_key": Words("签发密钥", "Issued a key"),
    "import": Words("导入", "Imported"),
    "make_codes": Words("生成二维码", "Made QR codes"),
    "disable_code": Words("停用二维码", "Disabled a QR code"),
    "replace_code": Words("更换二维码", "Replaced a QR code"),
    "offer_pairing": Words("生成配对码", "Made a pairing code"),
    "pair": Words("设备配对", "Paired a device"),
    "disable_device": Words("停用设备", "Disabled a device"),
    "call": Words("回访登记", "Recorded a call"),
    "dial": Words("隐号拨打", "Had a citizen called"),
    "replace": Words("群众改评", "Replaced a rating"),
    "connect": Words("建立对接", "Connected"),
    "draw": Words("随机抽样", "Drew the sample"),
    "set_photo": Words("上传照片", "Set a photo"),
    "probe": Words("渠道巡检", "Tested a channel"),
    "demo_begin": Words("开始装入演示", "Began the demonstration"),
    "demo": Words("装入演示数据", "Loaded the demonstration"),
}


def sign_in(request: HttpRequest) -> HttpResponse:
    """Let a person in.

    The same words for a wrong name and a wrong password; five failures close the door for a while.
    """
    target = request.POST.get("next") or request.GET.get("next") or "/admin/"
    context: dict[str, Any] = {"next": target, "account": "", "refusal": None}
    if request.method != "POST":
        return pages.render(request, "console/sign_in.html", **context)
    account, at = request.POST.get("account", "").replace("\0", "").strip()[:150], clock.now()
    address = request.META.get("REMOTE_ADDR")
    refusal = Refusal(Words("账号或密码不正确。", "The account or the password is wrong."))
    if wait := sign_in_wait(people.failures(account, address, at), at):
        minutes = -(-wait // 60)
        refusal = Refusal(
            Words(
                f"失败次数过多，请 {minutes} 分钟后再试。",
                f"Too many failures; try again in {minutes} minutes.",
            )
        )
    else:
        user = authenticate(request, username=account, password=request.POST.get("password", ""))
        if user is not None:
            identity.forgive(account=account)
            login(request, user)
            good = target.startswith("/") and url_has_allowed_host_and_scheme(
                target, {request.get_host()}
            )
            return HttpResponseRedirect(target if good else "/admin/")
        identity.note_failure(account=account, address=address, at=at)
    return pages.render(
        request,
        "console/sign_in.html",
        status=422,
        **{**context, "account": account, "refusal": refusal},
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Let a person out."""
    logout(request)
    return redirect("console:sign_in")


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person and how today goes."""
    person: Person = request.person  # type: ignore[attr-defined]
    if person.rights == {Right.CALL}:
        return redirect("console:clerk")  # a window has nothing else to do here
    at = clock.now()
    today = business_day(at)
    reach = person.reach
    sees_orders, sees_figures = (
        Right.SEE_ORDERS in person.rights,
        Right.SEE_FIGURES in person.rights,
    )
    lines, _ = (
        orders.page(reach, orders.Filter(tab=_first_tab(person)), at=at, number=1, size=8)
        if sees_orders
        else ([], 0)
    )
    return pages.render(
        request,
        "console/desk.html",
        role=ROLES[person.role].title,
        place=regions.tree().full_name(person.region),
        counts=orders.tab_counts(reach) if sees_orders else {},
        tabs=orders.TABS,
        tab=_first_tab(person),
        overdue=orders.overdue_count(reach, at) if sees_orders else 0,
        waiting=orders.waiting(reach) if sees_orders else {},
        sides=moves.SIDES,
        lines=lines,
        states=moves.STATES,
        levels=LEVELS,
        holds=screening.open_holds(reach.scope).count() if Right.SCREEN in person.rights else None,
        figures=analytics.figures(reach.scope, today - timedelta(days=6), today)
        if sees_figures
        else None,
        at=at,
    )


def _first_tab(person: Person) -> str:
    if Right.HANDLE in person.rights:
        return "tosign"
    return "tocall" if Right.CALL_BACK in person.rights else "todispatch"


@require_GET
def ratings(request: HttpRequest) -> HttpResponse:
    """Show ratings within reach, newest service first.

    A keyset pager: the next page starts after the last key.
    """
    person: Person = request.person  # type: ignore[attr-defined]
    asked = request.GET
    level, channel, city = asked.get("level", ""), asked.get("channel", ""), asked.get("city", "")
    chosen = evaluations.Filter(
        levels={"bad": (1, 2), "good": (3, 4, 5)}.get(level)
        or ((int(level),) if level in ("1", "2", "3", "4", "5") else ()),
        channel=number if (number := whole(channel)) in CHANNELS else None,
        city=whole(city, digits=6),  # GB/T 2260
        since=_day(asked.get("since")),
        until=_shown_until(person, _day(asked.get("until"))),
        search=asked.get("search", "").strip()[:60],
    )
    before = asked.get("before", "")
    found = evaluations.page(
        person.reach.scope, chosen, before=key_of_receipt(before) if before else None, size=PAGE + 1
    )
    shown = found[:PAGE]
    kept = asked.copy()
    kept.pop("before", None)
    return pages.render(
        request,
        "console/ratings.html",
        ratings=shown,
        following=shown[-1].receipt if len(found) > PAGE else "",
        departments=directory.department_names({rating.department_id for rating in shown}),
        items=directory.item_names({rating.item_id for rating in shown}),
        tree=regions.tree(),
        channels=CHANNELS,
        levels=LEVELS,
        asked=asked,
        query=kept.urlencode(),
        first=not before,
        delayed=Right.SEE_LIVE not in person.rights,
    )


def _shown_until(person: Person, asked: date | None) -> date | None:
    """Return the last day whose single ratings somebody sees.

    Near the window that is yesterday, so that nobody can tell who has just rated how.
    """
    if Right.SEE_LIVE in person.rights:
        return asked
    yesterday = business_day(clock.now()) - timedelta(days=1)
    return min(asked, yesterday) if asked else yesterday


@require_GET
def rating(request: HttpRequest, number: str) -> HttpResponse:
    """Show one rating with the evidence of its channel and what became of it."""
    person: Person = request.person  # type: ignore[attr-defined]
    key = key_of_receipt(number)
    found = evaluations.rated({key}).get(key) if key is not None else None
    latest = _shown_until(person, None)
    if (
        found is None
        or not person.reach.covers(found.region)
        or (latest is not None and business_day(found.rated_at) > latest)
    ):
        raise NotFound
    hold = screening.hold_of(found.id)
    return pages.render(
        request,
        "console/rating.html",
        rating=found,
        service=records.service(found.id),
        department=directory.department_names({found.department_id}).get(found.department_id, ""),
        item=directory.item_names({found.item_id}).get(found.item_id, ""),
        window=directory.window_facts({found.window_id}).get(found.window_id)
        if found.window_id
        else None,
        staff=directory.staff_labels({found.staff_id}).get(found.staff_id)
        if found.staff_id
        else None,
        place=regions.tree().full_name(found.region),
        follow_up=evaluations.follow_up(found.id),
        hold=hold,
        reasons=screened.sentence(hold.reasons) if hold else None,
        order=orders.within(person.reach).filter(evaluation_id=found.id).first(),
        channels=CHANNELS,
        levels=LEVELS,
    )


@require_GET
def clerk(request: HttpRequest) -> HttpResponse:
    """Show a window clerk whom to ask for a rating.

    Whether a service was rated is all that is shown, never how.
    """
    return _clerk(request)


def _clerk(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    at = clock.now()
    window = directory.at_window(person.window_id) if person.window_id else None
    recent = records.at_window(window.id, first_key(at - timedelta(hours=12))) if window else []
    calls = devices.recent_calls(window.id, at - timedelta(hours=12)) if window else []
    rated = set(evaluations.rated({*recent, *(call.record_id for call in calls)}))
    described = {
        key: records.served(key)
        for key in dict.fromkeys([*recent[:20], *(call.record_id for call in calls[:12])])
    }
    return pages.render(
        request,
        "console/clerk.html",
        status=refusal.status if refusal else 200,
        window=window,
        waiting=[described[key] for key in recent[:20] if key not in rated],
        calls=[(described[call.record_id], call, call.record_id in rated) for call in calls[:12]],
        standing=devices.open_call(window.id, at) if window else None,
        refusal=refusal,
        number=request.POST.get("number", ""),
    )


@require_POST
def call(request: HttpRequest) -> HttpResponse:
    """Ask the person at this window to rate one service, chosen from the list or by its case
    number.
    """
    person: Person = request.person  # type: ignore[attr-defined]
    window = directory.at_window(person.window_id) if person.window_id else None
    if window is None:
        raise NotFound(
            Words(
                "您的账号未绑定窗口，请联系大厅管理员。",
                "Your account belongs to no window; ask the hall manager.",
            )
        )
    number = request.POST.get("number", "").strip()[:64]
    keys = (
        records.keys_of_case(number)
        if number
        else [key for key in (key_of_receipt(request.POST.get("service", "")),) if key]
    )
    service = records.service(keys[-1]) if keys else None
    if service is None or not person.reach.covers(service.region):
        return _clerk(
            request,
            NotFound(
                Words("没有这个办件，请核对办件编号。", "There is no such case; check its number.")
            ),
        )
    if evaluations.rated({service.id}):
        return _clerk(request, Refusal(Words("该办件已评价。", "This service has been rated.")))
    device_actions.call(window_id=window.id, record_id=service.id, at=clock.now())
    return redirect("console:clerk")


@require_GET
def audit_trail(request: HttpRequest) -> HttpResponse:
    """Show who did what within this person's region."""
    person: Person = request.person  # type: ignore[attr-defined]
    before, verb = request.GET.get("before", ""), request.GET.get("verb", "")
    found = audit.latest(
        person.reach.scope,
        verb=verb,
        before=whole(before, digits=KEY),
    )
    entries = list(found[: AUDIT_PAGE + 1])
    shown = entries[:AUDIT_PAGE]
    return pages.render(
        request,
        "console/audit.html",
        entries=shown,
        names=people.names({entry.by for entry in shown}),
        tree=regions.tree(),
        verbs=VERBS,
        subjects=SUBJECTS,
        verb=verb,
        first=not before,
        following=shown[-1].pk if len(entries) > AUDIT_PAGE else "",
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
