"""Starting the platform or one of its parts, and looking after it."""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from haochaping.site.cli.group import main, prepare

if TYPE_CHECKING:
    from haochaping.site.upkeep import Check

SEED = 20261123  # of the demonstration


@main.command()
@click.option(
    "--demo", is_flag=True, help="Load demonstration data the first time and show how to sign in."
)
@click.option(
    "--days",
    default=400,
    show_default=True,
    help="With --demo: how many days the demonstration data covers.",
)
@click.option(
    "--scale", default=0.25, show_default=True, help="With --demo: 1.0 is about 200 000 ratings."
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Port of the pages.",
)
@click.option(
    "--collector-port",
    type=click.IntRange(1, 65535),
    default=8001,
    show_default=True,
    help="Port of the interface for systems.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--collectors",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many processes take what systems send.",
)
def serve(
    *,
    demo: bool,
    days: int,
    scale: float,
    port: int,
    collector_port: int,
    host: str,
    collectors: int,
) -> None:
    """Start everything: database, pages, collector and worker. Ctrl-C stops it cleanly."""
    if demo:
        os.environ["HCP_DEMO"] = "1"
    from haochaping.site import stack

    stack.serve(
        stack.Plan(
            host=host,
            port=port,
            collector_port=collector_port,
            collectors=collectors,
            demo=demo,
            days=days,
            scale=scale,
        )
    )


@main.command()
def migrate() -> None:
    """Bring the database up to date and set the rights of its roles. Safe to run again."""
    prepare(as_owner=True)
    from haochaping.site import upkeep

    upkeep.migrate()


@main.command()
def seed() -> None:
    """Load what every site needs: regions, indicators, working days, the default policy.

    Safe to run again.
    """
    prepare()
    from haochaping.site import upkeep

    upkeep.seed()


@main.command(hidden=True)
@click.option("--demo", is_flag=True)
@click.option("--days", default=400)
@click.option("--scale", default=0.25)
def begin(*, demo: bool, days: int, scale: float) -> None:
    """Do what `hcp serve` needs before it starts, in one process: seed, the demonstration, and say
    what a start cannot mend.
    """
    prepare(demo=demo)
    from haochaping.site import upkeep

    upkeep.seed()
    if demo:
        from haochaping.demo import load

        load.load(days=days, scale=scale, seed=SEED)
    _say([upkeep.examine()])


@main.command()
def worker() -> None:
    """Run one worker: jobs and the feed. `hcp serve` runs one; a larger site runs several."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haochaping.config.settings")
    import django

    django.setup()
    from haochaping.site import worker as process

    process.main()


@main.command()
@click.option("--recount", is_flag=True, help="Count every figure again from the facts themselves.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day (of its month).")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day (of its month).")
@click.option("--rebuild", is_flag=True, help="Make those months' figures anew from the facts.")
def doctor(*, recount: bool, since: datetime | None, until: datetime | None, rebuild: bool) -> None:
    """Say whether everything is in order, and how to mend what is not."""
    prepare()
    from haochaping.site import recount as figures
    from haochaping.site import running, upkeep

    days = (since.date() if since else None, until.date() if until else None)
    if rebuild:
        figures.rebuild(*days)
    checks = [figures.examine(*days)] if recount or rebuild else [upkeep.examine()]
    if not (recount or rebuild):
        checks.append(running.examine())
    _say(checks)


def _say(checks: "Sequence[Iterable[Check]]") -> None:
    """Print what was looked at, and leave with 1 where something is wrong."""
    worst = 0
    for check in chain.from_iterable(checks):
        mark, colour = {0: ("✓", "green"), 1: ("!", "yellow"), 2: ("✗", "red")}[check.severity]
        click.secho(f"{mark} {check.says.zh} / {check.says.en}", fg=colour)
        worst = max(worst, check.severity)
    sys.exit(1 if worst == 2 else 0)  # noqa: PLR2004 - the gravest severity


@main.command()
@click.option("--days", default=400, show_default=True, help="How many days back the data reaches.")
@click.option("--scale", default=1.0, show_default=True, help="1.0 is about 200 000 ratings.")
@click.option("--seed", default=SEED, show_default=True, help="The same seed gives the same world.")
def demo(*, days: int, scale: float, seed: int) -> None:
    """Load the demonstration world into an empty platform."""
    prepare(demo=True)
    from haochaping.demo import load

    load.load(days=days, scale=scale, seed=seed)


@main.command("demo-life", hidden=True)
@click.option("--seed", default=SEED, help="That of the world.")
@click.option("--scale", default=0.25, help="That of the world.")
def demo_life(*, seed: int, scale: float) -> None:
    """Let the demonstration go on by itself: `hcp serve --demo` starts it."""
    prepare(demo=True)
    from haochaping.demo import life

    life.main(seed, scale)


@main.command()
def probe() -> None:
    """Test every channel now with one synthetic rating of each level.

    They are marked and never counted. The platform must be running.
    """
    prepare()
    from haochaping.exchange.partners import ourselves
    from haochaping.kernel import clock

    refused = ourselves.probe_all(clock.now())
    click.echo(
        f"巡检完成，{refused} 项未通过，详见 渠道监测 / tested; {refused} failed, see the page "
        "Channels"
    )
    sys.exit(1 if refused else 0)


@main.command()
def docs() -> None:
    """Write the generated documents again."""
    prepare()
    from haochaping.site import documents

    for path, text in documents.generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(path)


@main.command("mirror-site")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def mirror_site(*, folder: Path) -> None:
    """Write the public site into FOLDER as files in both languages, with its data and its ledger,
    for any web server at the root of any name. What was there is replaced when all is there.
    """
    prepare()
    from haochaping.site import mirror

    pages = mirror.export(folder)
    click.echo(f"已生成 {pages} 个页面 / pages are in {folder}")


@main.command("lake")
@click.argument("sql")
def lake(sql: str) -> None:
    """Answer SQL over the lake: `hcp lake "SELECT city, sum(sign) FROM ratings GROUP BY 1"`."""
    prepare()
    from haochaping.lake import queries

    columns, rows = queries.ask(sql)
    click.echo("\t".join(columns))
    for row in rows:
        click.echo("\t".join("" if cell is None else str(cell) for cell in row))
