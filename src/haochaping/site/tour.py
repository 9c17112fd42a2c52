"""Where to look once the platform runs, and a way through the demonstration."""

import click

from haochaping.kernel.words import Words
from haochaping.orders.rules import ROWS, STATES, State, Verb
from haochaping.site.ports import Plan, shown


def say_where(plan: Plan) -> None:
    """Print the addresses and, in a demonstration, accounts and a tour."""
    page = f"http://{shown(plan.host)}:{plan.port}"
    collector = f"http://{shown(plan.host)}:{plan.collector_port}/api/v1/"
    lines = [
        "",
        click.style("好差评已启动 / haochaping is running", bold=True, fg="green"),
        f"  首页 front page           {page}/",
        f"  公开数据 public figures    {page}/open/",
        f"  核验评价 verify a rating   {page}/open/verify",
        f"  管理后台 back-office       {page}/admin/",
        f"  系统接口 interface         {collector}   (docs/integrate/)",
    ]
    if plan.demo:
        lines += [*_tour(page), *_accounts()]
    lines += ["", "  Ctrl-C 停止 stops everything.", ""]
    click.echo("\n".join(lines))


_HANDLED = (Verb.SIGN, Verb.UPHOLD, Verb.RECTIFY, Verb.REPLY)


def _presses(*moves: str) -> Words:
    """Return the buttons of moves as the page of an order names them, in their order."""
    says = [ROWS[move].says for move in moves]
    return Words(
        " → ".join(f"确认{one.zh}" for one in says),
        " → ".join(f"Confirm: {one.en}" for one in says),
    )


def _tour(page: str) -> list[str]:
    tab = STATES[State.OPENED]
    steps = (
        Words(
            f"给差评：打开 {page}/try，选“非常不满意”，写一句话提交",
            f"Rate badly: open {page}/try, choose 非常不满意, write a sentence, send",
        ),
        Words(
            f"派单：以 agent 登录 {page}/admin/ ，差评工单 → {tab.zh} → 刚才的一件 → "
            f"{_presses(Verb.DISPATCH).zh}",
            f"Dispatch: sign in as agent at {page}/admin/ , Orders → {tab.en} → the one of step 1 "
            f"→ {_presses(Verb.DISPATCH).en}",
        ),
        Words(
            f"办理：以 handler 登录，打开这一件：{_presses(*_HANDLED).zh}",
            f"Put it right: as handler, on the same order: {_presses(*_HANDLED).en}",
        ),
        Words(
            f"回访：回到 agent：{_presses(Verb.CALL_BACK, Verb.CLOSE).zh}；第 1 步的页面可查进度",
            f"Call back: as agent: {_presses(Verb.CALL_BACK, Verb.CLOSE).en}; the page of step 1 "
            "shows it all",
        ),
        Words(
            f"公开：打开 {page}/open/ ，看到昨天为止的统计与整改情况（每天零点更新）",
            f"In public: {page}/open/ shows the figures until yesterday, renewed each midnight",
        ),
    )
    lines = ["", "  五步体验 / a tour in five steps:"]
    for number, step in enumerate(steps, 1):
        lines += [f"    {number}. {step.zh}", f"       {step.en}"]
    return [
        *lines,
        f"  平板评价器 tablet          {page}/k/   (配对码 code: hall → 设备 Devices)",
        f"  系统对接 integrators       {page}/dev/   (沙箱 sandbox, OpenAPI, 组件 widget)",
    ]


def _accounts() -> list[str]:
    from haochaping.demo.people import PASSWORD, PEOPLE  # noqa: PLC0415 - plain data

    return [
        "",
        f"  演示账号 demo accounts, 密码 password: {PASSWORD}",
        *(f"    {person.account:<10} {person.says.zh} / {person.says.en}" for person in PEOPLE),
    ]
