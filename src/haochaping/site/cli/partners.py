"""Partners: connecting one, and a platform to try it with."""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from haochaping.kernel.errors import Refusal
from haochaping.site.cli.group import main, prepare

_DIALECTS = ("national", "shandong", "fujian", "zhejiang", "generic", "webhook", "drop")


@main.command("connect-partner")
@click.argument("name")
@click.argument("url")
@click.option("--dialect", default="national", show_default=True, type=click.Choice(_DIALECTS))
@click.option("--region", default=320000000000, show_default=True, help="What lies within is told.")
@click.option("--secret", default="{}", help="JSON of what they gave us: kid, sm2_public, …")
@click.option(
    "--department",
    "departments",
    multiple=True,
    help="Credit code of a department; what lies with others is not told. Again for more.",
)
@click.option("--personal", is_flag=True, help="It may know names and telephone numbers.")
@click.option("--pace", default=0, help="Messages a second at most; 0: as it takes them.")
def connect_partner(  # noqa: PLR0913 - a partner is these facts
    *,
    name: str,
    url: str,
    dialect: str,
    region: int,
    secret: str,
    departments: tuple[str, ...],
    personal: bool,
    pace: int,
) -> None:
    """Tell the platform NAME at URL what happens in a region (docs/integrate/national.md).

    Where we make the key it is shown once.
    """
    prepare()
    from haochaping.exchange import actions, rules
    from haochaping.kernel import clock

    try:
        given = json.loads(secret)
    except ValueError:
        raise click.BadParameter("JSON: {…}", param_hint="--secret") from None
    agreed = actions.Connection(
        name,
        rules.Outward(dialect),
        region,
        url,
        given,
        personal=personal,
        pace=pace,
        departments=departments,
    )
    try:
        partner_id, shown = actions.connect(agreed=agreed, by=0, at=clock.now())
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.says.zh} {refusal.says.en}") from None
    click.echo(f"partner {partner_id}")
    for what, value in shown.items():
        click.echo(f"{what:<9} {value}")


@main.command("sim")
@click.argument("dialect", type=click.Choice(_DIALECTS))
@click.option("--port", default=9300, show_default=True)
@click.option("--kid", default="", help="The key that connect-partner showed; empty: unchecked.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Of drop.")
@click.option("--secret", default="")
@click.option(
    "--trouble",
    "troubles",
    multiple=True,
    metavar="NAME=CHANCE",
    help="down, error, busy, garbage, slow, partial, later or reset, and how often (0 to 1).",
)
def sim(
    *,
    dialect: str,
    port: int,
    kid: str,
    folder: Path | None,
    secret: str,
    troubles: tuple[str, ...],
) -> None:
    """Be a platform to exchange with, until Ctrl-C; what to connect it with is printed."""
    prepare()
    from haochaping.demo.simulator import Platform
    from haochaping.demo.strangers import Stranger
    from haochaping.demo.takers import Collector, Hook

    try:
        trouble = {name: float(chance) for name, chance in (one.split("=") for one in troubles)}
    except ValueError:
        raise click.BadParameter("NAME=CHANCE, as busy=0.2", param_hint="--trouble") from None
    platform: Platform | Collector
    if dialect == "drop":
        there = (folder or Path(tempfile.mkdtemp())).resolve()
        there.mkdir(parents=True, exist_ok=True)
        platform, url = Collector(there), f"file://{there}"
    else:
        kind = {"national": Platform, "generic": Platform, "webhook": Hook}.get(dialect)
        common: dict[str, Any] = {"key": (kid, secret), "trouble": trouble, "port": port}
        platform = kind(**common) if kind else Stranger(dialect=dialect, **common)
        url = platform.url
    click.echo(url)
    if isinstance(platform, Stranger):
        click.echo(f"--dialect {dialect} --secret '{json.dumps(platform.secret)}'")
    while True:
        time.sleep(10)
        if isinstance(platform, Collector):
            platform.look()
        click.echo(f"{len(platform.kept)} kept, {platform.requests} requests")


@main.command("contract-test")
@click.argument("url")
@click.option("--kid", required=True, help="The key of both sides.")
@click.option("--secret", required=True)
def contract_test(*, url: str, kid: str, secret: str) -> None:
    """Try whether the platform at URL keeps the contract (docs/integrate/national.md).

    Ends with 1 where it does not.
    """
    prepare()
    from haochaping.exchange.partners import contract
    from haochaping.exchange.partners.sending import Link
    from haochaping.kernel import clock

    key = {"kid": kid, "secret": secret, "algorithm": "sm3"}
    failed = 0
    try:
        for one in contract.check(Link(url.rstrip("/"), key, clock.now())):
            failed += bool(one.wrong)
            mark = click.style("✗", fg="red") if one.wrong else click.style("✓", fg="green")
            click.echo(f"{mark} {one.says.zh} / {one.says.en}")
            if one.wrong:
                click.echo(f"  {one.wrong}")
    except contract.Unreachable as away:
        raise click.ClickException(str(away)) from None
    raise SystemExit(1 if failed else 0)
