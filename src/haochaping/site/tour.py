"""Where to look once the platform runs, and a way through the demonstration."""

import click

from haochaping.kernel.words import Words
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
        f"  管理后台 back-office       {page}/admin/",
        f"  系统接口 interface         {collector}   (docs/integrate/)",
    ]
    if plan.demo:
        lines += [*_tour(page), *_accounts()]
    lines += ["", "  Ctrl-C 停止 stops everything.", ""]
    click.echo("\n".join(lines))


def _tour(page: str) -> list[str]:
    steps = (
        Words(
            f"给差评：打开 {page}/try，选“非常不满意”，写一句话提交",
            f"Rate badly: open {page}/try, choose 非常不满意, write a sentence, send",
        ),
        Words(
            f"派单：以 agent 登录 {page}/admin/ ，差评工单 → 最新一件 → 派单",
            "Dispatch: sign in as agent, 差评工单, the newest, 派单",
        ),
        Words(
            "办理：以 handler 登录，签收 → 核实属实 → 整改完成 → 答复群众",
            "Put it right: as handler 签收, 核实属实, 整改完成, 答复群众",
        ),
        Words(
            "回访：回到 agent，登记回访 → 办结；第 1 步的页面可查进度",
            "Call back: as agent 登记回访, 办结; the page of step 1 shows it all",
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
        f"  平板评价器 tablet          {page}/k/   (配对码 code: hall → 设备 → 生成配对码)",
        f"  网页组件 widget            {page}/dev/widget",
    ]


def _accounts() -> list[str]:
    from haochaping.demo.people import PASSWORD, PEOPLE  # noqa: PLC0415 - plain data

    return [
        "",
        f"  演示账号 demo accounts, 密码 password: {PASSWORD}",
        *(f"    {person.account:<10} {person.says.zh} / {person.says.en}" for person in PEOPLE),
    ]
